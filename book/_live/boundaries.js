// Points to paint, four families that learn them, and the nearest place with another answer.

import { draw, make } from "./dom.js";
import { FAMILIES, region, wayBack } from "./families.js";
import { button, choice, keyed, mount, slider } from "./figure.js";

const WINDOW = [-2.2, 3.2, -1.8, 2.2];
const [LEFT, RIGHT, BOTTOM, TOP] = WINDOW;
const [ZOOM, MOST] = [64, 100];
const KINDS = ["circle", "triangle"];
const TOOLS = ["Ask", "Paint ●", "Paint ▲", "Erase"];
const KEYS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowDown: [0, -0.1], ArrowUp: [0, 0.1], " ": [0, 0] };

const pixel = ([x, y]) => [(x - LEFT) * ZOOM, (TOP - y) * ZOOM].map((value) => value.toFixed(1));
const path = (points) => `M${points.map((p) => pixel(p).join(" ")).join("L")}`;
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const place = (p) => `(${p.map((value) => value.toFixed(2)).join(", ")})`.replaceAll("-", "−");

function mark(p, label) {
  const [cx, cy] = pixel(p);
  return label ? draw("path", { class: "xk-down", d: `M${cx} ${cy}m0 -5.5l5.5 9.5h-11z` })
    : draw("circle", { class: "xk-up", cx, cy, r: 4.5 });
}

mount("boundaries", (stage, data, say) => {
  const names = Object.keys(FAMILIES);
  const values = names.map((name) => FAMILIES[name].values[FAMILIES[name].start]);
  let { points, labels } = data.sets[0];
  let asked = data.start;
  let [family, tool, models, talk, stroke] = [1, 0];
  const ground = draw("g");
  const ways = draw("g");
  const plane = make("div", { class: "xk-plane", tabindex: 0, role: "application",
    "aria-label": "Plane of points: arrow keys move the diamond, Space uses the chosen tool there" },
  draw("svg", { viewBox: `0 0 ${pixel([RIGHT, BOTTOM]).join(" ")}`, "aria-hidden": "true" }, ground, ways));
  const knob = make("div");

  function words(ends) {
    if (!models.length) return "Paint points of both kinds: there is nothing to tell apart yet.";
    const answer = Number(models[family].score(asked) > 0);
    const tell = (end) => (end ? distance(asked, end).toFixed(2) : "none found");
    const end = ends[family];
    return `${names[family]}: ${KINDS[answer]} at ${place(asked)}. ` +
      `Nearest ${KINDS[1 - answer]}${models[family].nearest ? "" : ", by search"}: ${tell(end)}` +
      (end ? ` away, at ${place(end)}; ${Math.min(...points.map((p) => distance(p, end))).toFixed(2)} ` +
        "from there to the next painted point. " : ". ") +
      `Ways of the others: ${names.map((name, k) => `${name} ${tell(ends[k])}`).toSpliced(family, 1).join(", ")}.`;
  }

  function walk() {
    const ends = models.map((model) => wayBack(model, asked));
    const [cx, cy] = pixel(asked);
    ways.replaceChildren(draw("path", { class: "xk-here", d: `M${cx} ${cy}m0 -9l7 9l-7 9l-7 -9z` }));
    ends.forEach((end, k) => end && ways.prepend(
      draw("path", { class: k === family ? "xk-way" : "xk-rule", d: path([asked, end]) }),
      k === family ? draw("circle", { class: "xk-reach", cx, cy, r: distance(asked, end) * ZOOM }) : ""));
    clearTimeout(talk);
    talk = setTimeout(() => say(words(ends)), 200);
  }

  function learn() {
    models = new Set(labels).size < 2 ? [] : names.map((name, k) => FAMILIES[name].fit(points, labels, values[k]));
    const areas = models.length ? region(models[family].score, WINDOW, 60, 45) : [];
    ground.replaceChildren(draw("path", { class: "xk-region", d: areas.map((area) => `${path(area)}z`).join("") }),
      ...points.map((p, n) => mark(p, labels[n])));
    walk();
  }

  function use(p) {
    if (tool === 0) asked = p;
    else if (tool < 3) [points, labels] = [[...points, p].slice(-MOST), [...labels, tool - 1].slice(-MOST)];
    else [points, labels] = [points, labels].map((list) => list.filter((_, n) => distance(points[n], p) > 0.15));
    (tool ? learn : walk)();
  }

  function choose(k) {
    family = Number(k);
    const { knob: label, values: steps } = FAMILIES[names[k]];
    knob.replaceChildren(slider({ label, min: 0, max: steps.length - 1, step: 1, value: steps.indexOf(values[k]),
      show: (step) => String(steps[step]), change: (step) => { values[k] = steps[step]; learn(); } }).row);
    learn();
  }

  function point(event) {
    const box = plane.firstChild.getBoundingClientRect();
    const p = [LEFT + (event.clientX - box.left) / box.width * (RIGHT - LEFT),
      TOP - (event.clientY - box.top) / box.height * (TOP - BOTTOM)];
    if (!stroke || distance(stroke, p) > (tool ? 0.2 : 0.02)) use(stroke = p);
  }
  // A finger taps, so that it can still scroll the page; a mouse may be dragged.
  plane.addEventListener("pointerdown", () => { stroke = null; });
  plane.addEventListener("click", point);
  plane.addEventListener("pointermove", (event) => event.pointerType === "mouse" && event.buttons && point(event));
  plane.addEventListener("keydown", (event) => {
    const step = keyed(event, KEYS);
    if (!step) return;
    event.preventDefault();
    asked = asked.map((value, i) => Math.min(Math.max(value + step[i], WINDOW[2 * i]), WINDOW[2 * i + 1]));
    (event.key === " " ? use : walk)(asked);
  });

  const tools = TOOLS.map((label, k) => button(label, () => {
    tool = k;
    tools.forEach((other, n) => other.setAttribute("aria-pressed", n === k));
  }));
  const list = (label, options, value, change) =>
    choice({ label, options: options.map((name, k) => [k, name]), value, change }).row;
  stage.append(
    make("div", {},
      list("Points", data.sets.map(({ name }) => name), 0, (k) => { ({ points, labels } = data.sets[k]); learn(); }),
      list("Family", names, family, choose), knob,
      make("p", { class: "xk-key" }, "Shaded: answers ▲. ◆ is asked about; the thick line is its way to the " +
        "nearest other answer, the thin ones are those of the other families.")),
    make("div", {}, make("div", { class: "xk-buttons" }, ...tools), plane));
  tools[0].click();
  choose(family);
});
