// Examples of a concept to move in a layer of two units; its derivative, its share, and what chance gets.

import { along, allRound, asFar, direction, gradient } from "./concept-plane.js";
import { draw, make } from "./dom.js";
import { choice, keyed, mount, signed } from "./figure.js";

const [LEFT, RIGHT, BOTTOM, TOP, ZOOM] = [-2, 7, -2, 7, 44];
const KEYS = { ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0], ArrowDown: [0, -0.25], ArrowUp: [0, 0.25] };

const pixel = ([x, y]) => [(x - LEFT) * ZOOM, (TOP - y) * ZOOM].map((value) => value.toFixed(1));
const line = (className, from, to) =>
  draw("path", { class: className, d: `M${pixel(from).join(" ")}L${pixel(to).join(" ")}` });
const ahead = (a, v, length) => a.map((value, k) => value + length * v[k]);
const percent = (share) => `${Math.round(100 * share)}%`;

function dot(p, className, r) {
  const [cx, cy] = pixel(p);
  return draw("circle", { class: className, cx, cy, r });
}

mount("concept", (stage, data, say) => {
  const { others, images } = data;
  let { terms } = data.outputs[0];
  let centre = data.start;
  let talk;
  const picture = draw("svg", { viewBox: `0 0 ${pixel([RIGHT, BOTTOM]).join(" ")}`, "aria-hidden": "true" });
  const plane = make("div", { class: "xk-plane", tabindex: 0, role: "application",
    "aria-label": "Plane of two units: arrow keys move the examples of the concept" }, picture);

  function show() {
    const examples = data.shape.map((shift) => centre.map((value, k) => value + shift[k]));
    const v = direction(examples, others);
    const found = v && along(terms, images, v);
    const start = [0, 1].map((k) => others.reduce((sum, row) => sum + row[k], 0) / others.length);
    picture.replaceChildren(
      ...images.map((a) => line("xk-line xk-old", a, ahead(a, gradient(terms, a), 0.35))),
      v ? line("xk-way", start, ahead(start, v, 2)) : "",
      ...others.map((a) => dot(a, "xk-reach", 5)),
      ...examples.map((a) => dot(a, "xk-here", 5)),
      ...images.map((a, n) => dot(a, found && found.slopes[n] > 0 ? "xk-up" : "xk-down", 8)),
    );
    clearTimeout(talk);
    talk = setTimeout(() => {
      if (!v) return say("The examples lie on the others: there is no direction.");
      const chance = asFar(allRound(terms, images), found.share);
      return say(`Concept vector (${v.map((value) => signed(value)).join(", ")}). ` +
        `Derivatives ${found.slopes.map((slope) => signed(slope, 1)).join(", ")}: share ${percent(found.share)}, ` +
        `mean ${signed(found.mean)}. ${percent(chance)} of all directions get a share as far from a half.`);
    }, 200);
  }

  function move(p) {
    centre = p.map((value, k) => Math.min(Math.max(value, [LEFT, BOTTOM][k] + 1), [RIGHT, TOP][k] - 1));
    show();
  }
  plane.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    move([LEFT + (event.clientX - box.left) / box.width * (RIGHT - LEFT),
      TOP - (event.clientY - box.top) / box.height * (TOP - BOTTOM)]);
  });
  plane.addEventListener("keydown", (event) => {
    const step = keyed(event, KEYS);
    if (!step) return;
    event.preventDefault();
    move(ahead(centre, step, 1));
  });
  stage.append(
    make("div", {},
      choice({ label: "Output", options: data.outputs.map(({ name }, k) => [k, name]), value: 0,
        change: (k) => { ({ terms } = data.outputs[k]); show(); } }).row,
      make("p", { class: "xk-key" }, "Small filled dots: examples of the concept, to be moved. Dashed rings: the " +
        "others. Large dots: the images that are asked about, coloured by the sign of the derivative, each with " +
        "its gradient as a thin line. Thick line: the concept vector.")),
    make("div", {}, plane));
  show();
});
