// A leak, its copy and a repair: the chart of attributions beside the score in use.

import { draw, make } from "./dom.js";
import { choice, mount, part, slider } from "./figure.js";
import { planted } from "./regression.js";

const [WIDTH, LEFT, RIGHT, STEP] = [340, 84, 290, 28];
const NAMES = ["x, the cause", "leak", "copy"];
const percent = (share) => `${Math.round(100 * share)}%`;
const number = (value) => value.toFixed(2).replace("-", "−");
const text = (words, x, y, anchor) => draw("text", { x, y, "text-anchor": anchor }, words);

/** Bars from 0 to 1; what is below 0 has no length and keeps its number. */
function bars(rows) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${rows.length * STEP}`, "aria-hidden": "true" },
    draw("line", { class: "xk-rule", x1: LEFT, x2: LEFT, y1: 0, y2: rows.length * STEP }),
    ...rows.flatMap(([name, length, label, className], k) => [
      text(name, LEFT - 6, k * STEP + 18, "end"),
      draw("rect", { class: className, x: LEFT, y: k * STEP + 6, height: STEP - 12,
        width: Math.max(0, length) * (RIGHT - LEFT) }),
      text(label, WIDTH, k * STEP + 18, "end"),
    ]));
}

mount("leak", (stage, { repairs, start }, say) => {
  const at = { ...start, repair: "none" };
  const [chart, scores] = [make("div", { class: "xk-chart" }), make("div", { class: "xk-chart" })];
  let later;

  function show() {
    const { shares, reported, use } = planted(at.leak, at.copy, repairs[at.repair]);
    chart.replaceChildren(part("Share of the attributions"),
      bars(shares.map((share, i) => [NAMES[i], share, percent(share), i ? "xk-up" : "xk-quiet"])));
    scores.replaceChildren(part("R²"),
      bars([["reported", reported, number(reported), "xk-quiet"], ["in use", use, number(use), "xk-down"]]));
    clearTimeout(later);
    later = setTimeout(() => say(`Repair: ${at.repair}. R² ${number(reported)} as reported, ${number(use)} in use. ` +
      `Attributions: ${shares.map((share, i) => `${NAMES[i]} ${percent(share)}`).join("; ")}.`), 200);
  }

  const set = (name) => (value) => { at[name] = value; show(); };
  const error = (label, name) => slider({ label, min: 0.1, max: 3, step: 0.1, value: start[name],
    show: (value) => value.toFixed(1), change: set(name) }).row;
  stage.append(
    make("div", { class: "xk-controls" },
      choice({ label: "Repair", options: Object.keys(repairs).map((name) => [name, name]), value: "none",
        change: set("repair") }).row,
      error("Error of the leak", "leak"), error("Error of the copy", "copy")),
    make("div", {}, chart, scores));
  show();
});
