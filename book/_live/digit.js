// A digit to draw and rub out: what the network reads, and two maps of why.

import { cut, floats, levels, network, occlusion, softmax } from "./convolution.js";
import { draw, make } from "./dom.js";
import { button, choice, keyed, mount, part } from "./figure.js";

const [SIDE, CELL] = [28, 20]; // pixels of a picture, and units of the canvas for each
const PAUSE = 200; // milliseconds without a stroke before the slow map is drawn
const KEYS = "Arrow keys move the pen, Shift with an arrow draws, space makes a dot.";
const STEPS = { " ": [0, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const percent = (share) => `${Math.round(100 * share)}%`;
const canvas = (attributes) => make("canvas", { width: SIDE * CELL, height: SIDE * CELL, ...attributes });

/** Ink and where the pen is, or faint ink and a map over it: warm raises, blue stripes lower. */
function paint(on, ink, values, at) {
  const pen = on.getContext("2d");
  const style = getComputedStyle(on);
  const sizes = values?.map(Math.abs).filter((size) => size > 0).sort() ?? [];
  const limit = sizes[Math.floor(0.99 * (sizes.length - 1))];
  const fill = (i, colour, opacity, height = CELL) => {
    pen.fillStyle = colour;
    pen.globalAlpha = opacity;
    pen.fillRect((i % SIDE) * CELL, Math.floor(i / SIDE) * CELL, CELL, height);
  };
  pen.clearRect(0, 0, on.width, on.height);
  ink.forEach((level, i) => {
    if (level) fill(i, style.color, values ? level / 4 : level);
    const value = values?.[i];
    if (!value) return;
    const strength = Math.min(1, Math.abs(value) / limit) ** 0.6;
    fill(i, style.getPropertyValue(value > 0 ? "--xk-up" : "--xk-down"), strength, value > 0 ? CELL : CELL / 2);
  });
  if (!at) return;
  Object.assign(pen, { globalAlpha: 1, lineWidth: 6, strokeStyle: style.getPropertyValue("--xk-up") });
  pen.strokeRect((at[0] - 1) * CELL, (at[1] - 1) * CELL, 2 * CELL, 2 * CELL);
}

/** The probability of each digit; the one explained is in colour and underlined. */
function bars(shares, explained) {
  const chart = draw("svg", { viewBox: "0 0 340 104", "aria-hidden": "true" });
  shares.forEach((share, k) => {
    const middle = 17 + 34 * k;
    const text = (y, words) => draw("text", { x: middle, y, "text-anchor": "middle",
      "text-decoration": k === explained && y > 90 && "underline" }, words);
    chart.append(text(100, k), draw("rect", { class: k === explained ? "xk-up" : "xk-dot",
      x: middle - 10, y: 84 - 68 * share, width: 20, height: 1 + 68 * share }));
    if (share >= 0.005) chart.append(text(79 - 68 * share, percent(share)));
  });
  return chart;
}

function onInk(values, ink) {
  const sum = (list) => list.reduce((total, value) => total + Math.abs(value), 0);
  return sum(values) ? percent(sum(values.filter((_, i) => ink[i])) / sum(values)) : "nothing to share out";
}

mount("digit", (stage, data, say) => {
  const net = network(cut(floats(data.weights), data.lengths), SIDE);
  const examples = [...cut(levels(data.pictures), data.names.map(() => SIDE ** 2)), new Float64Array(SIDE ** 2)];
  let at = [10.5, 10.5]; // the pen: across and down
  let [example, asked, rubbing, timer] = [0, "", false];
  let ink = examples[0].slice();

  const paper = canvas({ class: "xk-paper", tabindex: 0, role: "application", "aria-label": `The digit. ${KEYS}` });
  const [slopes, losses] = [canvas({ "aria-hidden": "true" }), canvas({ "aria-hidden": "true" })];
  const reading = make("div");
  const paintPaper = () => paint(paper, ink, undefined, paper.matches(":focus-visible") && at);
  function show(pause = 0) {
    paintPaper();
    const { scores } = net.run(ink);
    const shares = softmax(scores);
    const [first, second] = [...shares.keys()].sort((a, b) => scores[b] - scores[a]);
    const k = asked === "" ? first : Number(asked);
    reading.replaceChildren(make("p", { class: "xk-answer-line" }, `Read as ${first}`), bars(shares, k));
    const gradient = net.gradient(ink, k);
    paint(slopes, ink, gradient);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const costs = occlusion(net, ink, k);
      paint(losses, ink, costs);
      say(`Read as ${first} (${percent(shares[first])}), then ${second} (${percent(shares[second])}). ` +
        `The score of ${k} is ${scores[k].toFixed(1).replace("-", "−")}. ` +
        `Credit on ink: gradient ${onInk(gradient, ink)}, occlusion ${onInk(costs, ink)}.`);
    }, pause);
  }

  function dab() {
    ink.forEach((level, i) => {
      const far = Math.hypot((i % SIDE) + 0.5 - at[0], Math.floor(i / SIDE) + 0.5 - at[1]);
      if (!rubbing) ink[i] = Math.max(level, Math.min(1, 1.6 - far));
      else if (far < 1.2) ink[i] = 0;
    });
  }

  /** Move the pen, drawing all the way if it is down. */
  function move(to, down, from = at) {
    const steps = Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])) || 1;
    for (let n = 1; n <= steps; n += 1) {
      at = from.map((x, axis) => Math.max(0.5, Math.min(SIDE - 0.5, x + ((to[axis] - x) * n) / steps)));
      if (down) dab();
    }
    show(PAUSE);
  }
  const place = (event) => [event.offsetX, event.offsetY].map((x) => (x / paper.clientWidth) * SIDE);
  paper.addEventListener("pointerdown", (event) => {
    paper.setPointerCapture(event.pointerId);
    move(place(event), true, place(event));
  });
  paper.addEventListener("pointermove", (event) => { if (event.buttons) move(place(event), true); });
  paper.addEventListener("keydown", (event) => {
    const step = keyed(event, STEPS);
    if (!step) return;
    event.preventDefault();
    move(at.map((x, axis) => Math.floor(x) + 0.5 + step[axis]), event.shiftKey || event.key === " ");
  });
  for (const event of ["focus", "blur"]) paper.addEventListener(event, paintPaper);

  const restart = () => { ink = examples[example].slice(); show(); };
  const rub = button("Eraser", () => rub.setAttribute("aria-pressed", rubbing = !rubbing));
  rub.setAttribute("aria-pressed", rubbing);
  stage.append(
    make("div", {},
      choice({ label: "Start from", options: [...data.names, "blank paper"].map((name, n) => [n, name]), value: 0,
        change: (to) => { example = to; restart(); } }).row,
      paper, make("div", { class: "xk-buttons" }, rub, button("Start again", restart)), make("p", { class: "xk-key" }, KEYS), reading),
    make("div", {},
      choice({ label: "Explain the score of", value: "", change: (to) => { asked = to; show(); },
        options: [["", "the digit it is read as"], ...Array.from("0123456789", (k) => [k, k])] }).row,
      make("div", { class: "xk-pair" },
        make("div", {}, part("Gradient"), slopes), make("div", {}, part("Occlusion"), losses)),
      make("p", { class: "xk-key" }, "Warm and solid raises the score, blue and striped lowers it. Each map has a scale of its own.")),
  );
  new MutationObserver(() => show()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  show();
});
