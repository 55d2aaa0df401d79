// A person, what may move and what not, and the nearest ways back to a loan.

import { draw, make } from "./dom.js";
import { button, choice, mount, part, slider } from "./figure.js";
import { predictor, probability } from "./trees.js";
import { allowed, waysBack } from "./ways.js";

const [SHOWN, MOVES] = [5, [["stays", "stays"], ["falls", "may fall"], ["rises", "may rise"], ["changes", "may change"]]];

mount("recourse", (stage, data, say) => {
  const f = predictor(data.model);
  const moves = [...data.moves];
  let [who, wanted, most] = [0, 0.5, 2];
  const [line, list] = [make("p", { class: "xk-answer-line" }), make("div")];
  const told = ({ options, unit }, value) =>
    (options ? options[value] : value.toLocaleString("en") + (unit ? ` ${unit}` : ""));
  const percent = (row) => `${Math.round(100 * probability(f(row)))}%`;

  function show() {
    const { row, steps, label } = data.people[who];
    const free = steps.map((each, i) => allowed(each, row[i], moves[i]));
    const ways = waysBack((tried) => probability(f(tried)) > wanted, row, free, most).slice(0, SHOWN);
    line.textContent = `${label}: ${percent(row)} as filed.`;
    const words = ways.map((way) => way.columns.map((i) =>
      `${data.columns[i].label} ${told(data.columns[i], row[i])} → ${told(data.columns[i], way.row[i])}`).join(", "));
    const longest = Math.max(...ways.map((way) => way.distance));
    list.replaceChildren(...ways.flatMap((way, k) => [
      make("p", { class: "xk-part" }, words[k]),
      draw("svg", { viewBox: "0 0 340 16", "aria-hidden": "true" },
        draw("rect", { class: "xk-up", y: 3, width: 200 * way.distance / longest, height: 10 }),
        draw("text", { x: 206 * way.distance / longest + 4, y: 13 },
          `${way.distance.toFixed(2)} SD, then ${percent(way.row)}`))]));
    if (!ways.length) say(`${line.textContent} No way: let more move, allow more changes, or ask for less.`);
    else say(`${line.textContent} ${ways.length === 1 ? "One way" : `${ways.length} ways`}, the nearest ` +
      `${ways[0].distance.toFixed(2)} away: ${words[0]}; then ${percent(ways[0].row)}.`);
  }

  const selects = data.columns.map(({ label, options }, i) => choice({ label, value: moves[i],
    options: options ? [MOVES[0], MOVES[3]] : MOVES, change: (move) => { moves[i] = move; show(); } }));
  const reset = button("As at first", () => {
    data.moves.forEach((move, i) => { moves[i] = move; selects[i].set(move); });
    show();
  });
  stage.append(
    make("div", {},
      choice({ label: "Person", value: 0, options: data.people.map(({ label }, k) => [k, label]),
        change: (k) => { who = Number(k); show(); } }).row,
      slider({ label: "Wanted probability", min: 50, max: 80, step: 5, value: 50, show: (value) => `over ${value}%`,
        change: (value) => { wanted = value / 100; show(); } }).row,
      choice({ label: "Changes at most", value: most, options: [1, 2, 3].map((n) => [n, n]),
        change: (n) => { most = Number(n); show(); } }).row,
      make("div", { class: "xk-worths" }, ...selects.map((select) => select.row)), reset),
    make("div", {}, line, part("The nearest ways back"), list, make("p", { class: "xk-key" },
      "Lengths in standard deviations (SD); another category counts as 1. Then the model's probability of a good loan.")));
  show();
});
