// Any cell of the big table opened: what was planted, what was given, the error row by row.

import { mean, meanShares, shares, toMove } from "./credit.js";
import { draw, make } from "./dom.js";
import { button, choice, mount, part, slider } from "./figure.js";

const WIDTH = 340;
const [LEFT, RIGHT] = [104, 256];
const [BAR, STRIP] = [17, 34];
const PLANTED = ["world", "model"];
const KINDS = { world: "xk-outline", model: "xk-quiet", given: "xk-up" };

const x = (share) => LEFT + share * (RIGHT - LEFT);
const percent = (share) => `${Math.round(100 * share)}%`;
const text = (words, at, y, anchor) => draw("text", { x: at, y, "text-anchor": anchor }, words);

function picture(height, ...marks) {
  return draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" },
    draw("line", { class: "xk-rule", x1: LEFT, x2: LEFT, y1: 0, y2: height }), ...marks.flat());
}

/** Three bars for each feature, each with its own name and number. */
function bars(names, credit) {
  const group = 3 * BAR + 12;
  return picture(names.length * group, names.map((name, i) => [
    text(name, LEFT - 6, i * group + 2 * BAR, "end"),
    ...Object.entries(KINDS).flatMap(([kind, className], k) => {
      const y = i * group + k * BAR + 3;
      return [
        draw("rect", { class: className, x: LEFT, y, width: x(credit[kind][i]) - LEFT, height: BAR - 5 }),
        text(kind, RIGHT + 8, y + 10, "start"),
        text(percent(credit[kind][i]), WIDTH, y + 10, "end"),
      ];
    }),
  ]).flat());
}

/** The error of each row as a dot against both truths, the mean as a bar, one row picked out. */
function strips(errors, row) {
  return picture(2 * STRIP + 16, PLANTED.map((truth, k) => {
    const middle = k * STRIP + STRIP / 2;
    return [
      text(`error, ${truth}`, LEFT - 6, middle + 4, "end"),
      ...errors[truth].map((error, n) =>
        draw("circle", { class: "xk-dot", cx: x(error), cy: middle + ((n * 7) % 17) - 8, r: 3 })),
      draw("rect", { class: "xk-down", x: x(mean(errors[truth])) - 2, y: middle - 14, width: 4, height: 28 }),
      row < 0 ? "" : draw("path", { class: "xk-here", d: `M${x(errors[truth][row])} ${middle - 9} l6 9 l-6 9 l-6 -9 z` }),
      text(`mean ${mean(errors[truth]).toFixed(2)}`, WIDTH, middle + 4, "end"),
    ];
  }).flat(), text("0", LEFT, 2 * STRIP + 12, "middle"), text("1", RIGHT, 2 * STRIP + 12, "middle"));
}

mount("planted", (stage, data, say) => {
  let { method, failure } = data.start;
  let row = -1; // -1: all rows, averaged
  let later, errors;
  const title = make("p", { class: "xk-answer-line" });
  const [chart, below] = [make("div", { class: "xk-chart" }), make("div", { class: "xk-chart" })];

  function show() {
    const cell = data.cells[method][failure];
    const several = cell?.given.length > 1;
    clearTimeout(later);
    for (const place of [chart, below]) place.replaceChildren();
    title.textContent = `${method}, ${failure}`;
    rows.row.hidden = worst.hidden = !several;
    if (!cell) {
      say(`${method} does not apply under “${failure}”. It does under: ${Object.keys(data.cells[method]).join(", ")}.`);
      return;
    }
    const all = { given: cell.given, model: data.truths[cell.model], world: data.truths[cell.world] };
    row = several ? Math.min(row, cell.given.length - 1) : -1;
    rows.row.querySelector("input").max = cell.given.length;
    rows.set(row + 1);
    errors = Object.fromEntries(PLANTED.map((truth) =>
      [truth, cell.given.map((given, n) => toMove(given, all[truth][n]))]));
    const credit = Object.fromEntries(Object.keys(KINDS).map((kind) =>
      [kind, row < 0 ? meanShares(all[kind]) : shares(all[kind][row])]));
    const values = cell.table && data.rows[failure][row];
    chart.append(bars(cell.features.map((name, i) =>
      (values ? `${name} = ${Number(values[i].toPrecision(3))}`.replace("-", "−") : name)), credit));
    below.append(part("Misplaced share"), strips(errors, row));

    const one = row < 0 ? `mean of ${cell.given.length} rows` : `row ${row + 1} of ${cell.given.length}`;
    const [world, model] = PLANTED.map((truth) => (errors[truth][row] ?? mean(errors[truth])).toFixed(2));
    const cancels = row < 0 && mean(errors.model) > toMove(credit.given, credit.model) + 0.05;
    const listed = cell.features.map((name, i) => `${name} ${percent(credit.given[i])} ` +
      `(${percent(credit.model[i])}, ${percent(credit.world[i])})`);
    // While the slider is dragged, only its last place is worth saying.
    later = setTimeout(() => say(
      `${title.textContent}, ${several ? one : "one chart for all rows"}: misplaced share ${model} about the model, ` +
      `${world} about the world. Given (model, world): ${listed.join(", ")}.` +
      (cancels ? " The averaged bars hide errors that cancel between rows." : "")), 200);
  }

  const list = (label, options, value, change) =>
    choice({ label, options: options.map((name) => [name, name]), value, change }).row;
  const rows = slider({ label: "Row", min: 0, max: 1, step: 1, value: 0,
    show: (n) => (n ? String(n) : "all, averaged"), change: (n) => { row = n - 1; show(); } });
  const worst = button("Worst row for the model", () => {
    row = errors.model.indexOf(Math.max(...errors.model));
    show();
  });
  stage.append(
    make("div", { class: "xk-controls" },
      list("Method", Object.keys(data.cells), method, (name) => { method = name; show(); }),
      list("Fault", data.failures, failure, (name) => { failure = name; show(); }),
      rows.row, worst, below),
    make("div", {}, title, chart),
  );
  show();
});
