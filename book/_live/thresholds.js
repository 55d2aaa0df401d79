// Two groups by score, a threshold for each, and which rates are then alike.

import { draw, make } from "./dom.js";
import { button, mount, slider } from "./figure.js";
import { closest, gap, rates } from "./rates.js";

const [WIDTH, HEIGHT, BIN, NEAR] = [340, 120, 0.025, 0.05];
const COLOURS = ["xk-mix-off", "xk-mix-work"];
const LEVELS = Array.from({ length: 17 }, (_, k) => Math.round(10 + 5 * k) / 100);
const ROWS = [["selection", "gets the offer"], ["tpr", "found, of those who earn enough"],
  ["fpr", "offered wrongly, of those who do not"], ["precision", "earns enough, of those with an offer"], ["accuracy", "right"]];
const AIMS = [["Equal offers", ["selection"]], ["Equal share found", ["tpr"]],
  ["Equal found and wrong offers", ["tpr", "fpr"]], ["Those two and precision", ["tpr", "fpr", "precision"]]];
const percent = (share) => (Number.isNaN(share) ? "none" : `${Math.round(100 * share)}%`);

/** Places of the dots: people of nearly the same score stand on each other. */
function places(scores) {
  const height = new Map();
  return scores.map((score) => {
    const bin = Math.round(score / BIN);
    height.set(bin, (height.get(bin) ?? -1) + 1);
    return [10 + score * (WIDTH - 20), HEIGHT - 24 - 9 * height.get(bin)];
  });
}

mount("thresholds", (stage, { groups }, say) => {
  const levels = [0.5, 0.5];
  const charts = groups.map(() => draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" }));
  const spots = groups.map(({ scores }) => places(scores));
  const body = make("tbody");

  function show() {
    groups.forEach(({ scores, good }, g) => {
      const at = 10 + levels[g] * (WIDTH - 20) - 1;
      charts[g].replaceChildren(
        ...spots[g].map(([cx, cy], i) => draw("circle", { class: good[i] ? COLOURS[g] : "xk-outline", cx, cy, r: 4,
          opacity: scores[i] >= levels[g] ? 1 : 0.4 })),
        draw("path", { class: "xk-line", d: `M${at} 4V${HEIGHT - 18}` }),
        ...[0, 0.5, 1].map((score) => draw("text", { x: 10 + score * (WIDTH - 20), y: HEIGHT - 4,
          "text-anchor": ["start", "middle", "end"][2 * score] }, score)));
    });
    const [one, other] = groups.map(({ scores, good }, g) => rates(scores, good, levels[g]));
    const alike = ROWS.filter(([name]) => gap(one, other, name) <= NEAR + 1e-9).map(([, words]) => words);
    body.replaceChildren(...ROWS.map(([name, words]) => make("tr", {}, make("th", { scope: "row" }, words),
      make("td", {}, percent(one[name])), make("td", {}, percent(other[name])),
      make("td", {}, alike.includes(words) ? "alike" : "apart"))));
    say(`Offers from a score of ${groups.map(({ name }, g) => `${levels[g].toFixed(2)} (${name})`).join(" and ")}. ` +
      `Alike within five points: ${alike.join("; ") || "nothing"}.`);
  }

  const sliders = groups.map(({ name }, g) => slider({ label: `Threshold for ${name}`, min: 0.1, max: 0.9, step: 0.05,
    value: 0.5, show: (value) => value.toFixed(2), change: (value) => { levels[g] = value; show(); } }));
  const aim = (names) => closest(groups, LEVELS, names).levels.forEach((level, g) => {
    levels[g] = level;
    sliders[g].set(level);
  });
  stage.append(
    make("div", {}, ...groups.flatMap((_, g) => [sliders[g].row, charts[g]]),
      make("p", { class: "xk-key" }, "Filled: earns enough. Hollow: does not. Right of the line: gets the offer.")),
    make("div", {},
      make("div", { class: "xk-buttons" }, ...AIMS.map(([label, names]) => button(label, () => { aim(names); show(); }))),
      make("table", { class: "xk-game" },
        make("caption", {}, "Rates by group"),
        make("thead", {}, make("tr", {}, ...["", ...groups.map(({ name }) => name), "within five points"].map((words) =>
          (words ? make("th", { scope: "col" }, words) : make("td"))))), body)));
  show();
});
