// Two related features: what five measures say when their relation, the model or the world is changed.

import { draw, make } from "./dom.js";
import { choice, mount, part, slider } from "./figure.js";
import { correlated, importances } from "./removal.js";

const [WIDTH, LEFT, SCALE, BAR] = [340, 146, 18, 15];
const NAMES = { size: "mean size", shuffled: "permuted", alike: "among alike", shared: "global Shapley", dropped: "dropped" };
const number = (value) => value.toFixed(1).replace("-0.0", "0.0").replace("-", "−");

function bars(found) {
  const rows = Object.entries(NAMES).flatMap(([key, name], k) => found[key].map((value, i) => {
    const [y, length] = [k * (2 * BAR + 12) + i * BAR + 3, Math.max(-2, Math.min(9, value)) * SCALE];
    return [draw("text", { x: LEFT - 38, y: y + 11, "text-anchor": "end" }, `${i ? "" : name} x${i + 1}`),
      draw("rect", { class: i ? "xk-down" : "xk-up", y, height: BAR - 3, x: LEFT + Math.min(0, length), width: Math.abs(length) }),
      draw("text", { x: LEFT + Math.max(0, length) + 5, y: y + 11 }, number(value))];
  })).flat();
  return draw("svg", { viewBox: `0 0 ${WIDTH} 212`, "aria-hidden": "true" },
    draw("path", { class: "xk-rule", d: `M${LEFT} 0v212` }), ...rows);
}

mount("twins", (stage, data, say) => {
  const state = { r: 0.9, w: [1, 1], beta: [2, 0] };
  const [cloud, chart] = [make("div"), make("div")];
  let later;
  function show() {
    const rows = correlated(data.pairs, state.r);
    const asked = rows.map(([, b], k) => [rows[(k + 1) % rows.length][0], b]);
    const dots = (all, className, size) => all.map(([a, b]) =>
      draw("circle", { class: className, cx: 170 + 50 * a, cy: 100 - 30 * b, r: size }));
    cloud.replaceChildren(draw("svg", { viewBox: "0 0 340 200", "aria-hidden": "true" },
      ...dots(asked, "xk-up", 2), ...dots(rows, "xk-dot", 4)));
    const found = importances(state);
    chart.replaceChildren(bars(found));
    clearTimeout(later); // of a drag only its end is told
    later = setTimeout(() => say(Object.entries(NAMES).map(([key, name]) =>
      `${name}: ${found[key].map((value, i) => `x${i + 1} ${number(value)}`).join(", ")}`).join("; ")), 200);
  }
  const weight = (i) => slider({ label: `The model's weight on x${i + 1}`, min: 0, max: 2, step: 0.1, value: 1,
    show: number, change: (value) => { state.w[i] = value; show(); } }).row;
  stage.append(make("div", {},
    slider({ label: "Correlation of x1 and x2", min: 0, max: 0.99, step: 0.01, value: state.r,
      show: (value) => value.toFixed(2), change: (value) => { state.r = value; show(); } }).row,
    weight(0), weight(1),
    choice({ label: "The world", value: "2,0", options: [["2,0", "only x1 matters: y = 2 x1"],
      ["1,1", "both matter: y = x1 + x2"]],
    change: (to) => { state.beta = to.split(",").map(Number); show(); } }).row,
    part("Rows (grey), and what the model is asked when x1 is permuted"), cloud),
  make("div", {}, part("What each measure says"), chart));
  show();
});
