// One applicant with sliders: the prediction, its exact attributions, and their place among all.

import { draw, make } from "./dom.js";
import { button, choice, mount, part, signed, slider } from "./figure.js";
import { explain } from "./shapley.js";
import { predictor, probability } from "./trees.js";

const WIDTH = 340;
const NAMES = 96;
const ROW = 30;

function scale(from, to) {
  const span = to - from || 1;
  return (value) => NAMES + ((value - from) / span) * (WIDTH - NAMES - 8);
}

const mark = (className, x, y, width, height) =>
  draw("rect", { class: className, x: Math.min(x, x + width), y, width: Math.abs(width), height });

const label = (text, x, y, anchor = "end") =>
  draw("text", { x, y, "text-anchor": anchor }, text);

const stripes = () => draw("pattern", { id: "xk-stripes", width: 6, height: 6,
  patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, draw("line", { class: "xk-hatch", y2: 6 }));

/** Bars from the base value to the prediction, the largest first. */
function waterfall(names, base, values) {
  const order = values.map((_, i) => i).sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));
  const steps = [base];
  for (const i of order) steps.push(steps.at(-1) + values[i]);
  const x = scale(Math.min(...steps, 0), Math.max(...steps, 0));
  const height = (order.length + 1) * ROW;
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" });
  chart.append(draw("line", { class: "xk-rule", x1: x(0), x2: x(0), y1: 0, y2: height - 22 }));
  chart.append(label("0", x(0), height - 8, "middle"), stripes());
  order.forEach((i, row) => {
    const top = row * ROW;
    const side = values[i] < 0 ? "xk-down" : "xk-up";
    const bar = [x(steps[row]), top + 5, x(steps[row + 1]) - x(steps[row]), ROW - 10];
    chart.append(label(names[i], NAMES - 8, top + 19), mark(side, ...bar));
    // Stripes, so that the direction also reads without colour, as in the figures at rest.
    if (values[i] < 0) {
      const striped = mark(null, ...bar);
      striped.setAttribute("fill", "url(#xk-stripes)");
      chart.append(striped);
    }
    const end = Math.max(x(steps[row]), x(steps[row + 1]));
    const room = end < WIDTH - 46;
    chart.append(label(signed(values[i]), room ? end + 4 : Math.min(x(steps[row]), x(steps[row + 1])) - 4,
      top + 19, room ? "start" : "end"));
  });
  return chart;
}

/** For each feature the attributions of the reference rows, and this applicant's among them. */
function strips(names, all, values) {
  const every = all.flat().concat(values);
  const x = scale(Math.min(...every), Math.max(...every));
  const height = names.length * ROW + 22;
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" });
  chart.append(draw("line", { class: "xk-rule", x1: x(0), x2: x(0), y1: 0, y2: height - 22 }));
  chart.append(label("0", x(0), height - 8, "middle"));
  names.forEach((name, i) => {
    const middle = i * ROW + ROW / 2;
    chart.append(label(name, NAMES - 8, middle + 4));
    all.forEach((row, n) => {
      chart.append(draw("circle", { class: "xk-dot", cx: x(row[i]), cy: middle + ((n * 7) % 11) - 5, r: 2 }));
    });
    const at = x(values[i]);
    chart.append(draw("path", { class: "xk-here", d: `M${at} ${middle - 11} l6 11 l-6 11 l-6 -11 z` }));
  });
  return chart;
}

function controlsFor(data, row, changed) {
  return data.controls.map((control, i) => {
    const set = (value) => { row[i] = Number(value); changed(); };
    if (control.options) {
      return choice({ label: control.label, value: row[i], change: set,
        options: control.options.map((words, code) => [code, words]) });
    }
    return slider({ ...control, value: row[i], change: set,
      show: (value) => `${value.toLocaleString("en")}${control.unit ? ` ${control.unit}` : ""}` });
  });
}

mount("applicant", (stage, data, say) => {
  const f = predictor(data.model);
  const row = [...data.start];
  const names = data.controls.map((control) => control.short ?? control.label);
  const answer = make("p", { class: "xk-answer-line" });
  const here = make("div", { class: "xk-chart" });
  const among = make("div", { class: "xk-chart" });

  function show() {
    const { base, values } = explain(f, row, data.background);
    const output = f(row);
    const verdict = output > 0 ? data.verdicts.above : data.verdicts.below;
    const chance = `${Math.round(100 * probability(output))}%`;
    answer.textContent = `${verdict}: ${signed(output)} log-odds, ${chance} ${data.verdicts.of}.`;
    here.replaceChildren(waterfall(names, base, values));
    among.replaceChildren(strips(names, data.values, values));
    const most = values.reduce((best, v, i) => (Math.abs(v) > Math.abs(values[best]) ? i : best), 0);
    const beyond = data.values.filter((v) => Math.abs(v[most]) < Math.abs(values[most])).length;
    say(`${answer.textContent} Largest part: ${names[most]}, ${signed(values[most])}, ` +
      `more than in ${beyond} of ${data.values.length} other applications. ` +
      `Base value ${signed(base)}; the ${values.length} parts add up to ${signed(output - base)}.`);
  }

  const controls = controlsFor(data, row, show);
  const reset = button("As filed", () => {
    data.start.forEach((value, i) => { row[i] = value; controls[i].set(value); });
    show();
  });
  stage.append(
    make("div", { class: "xk-controls" }, ...controls.map((control) => control.row), reset),
    make("div", {},
      answer,
      part("This application: from the average to the answer"), here,
      part("The same parts among other applications"), among),
  );
  show();
});
