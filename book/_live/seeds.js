// LIME for a row that is moved about: the samples that count, the line, and how it changes with the seed.

import { draw, make } from "./dom.js";
import { button, choice, keyed, mount, part, signed, slider } from "./figure.js";
import { ask, localLine, noise, worldOf } from "./local-line.js";

const [WIDTH, LEFT, TOP, RIGHT, BOTTOM] = [340, 46, 6, 8, 36];
const [SAMPLES, KEPT, CELLS] = [1000, 10, 40];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const between = ({ from, to }, share) => from + (to - from) * share;
const trace = (className, points) =>
  draw("path", { class: `xk-trace ${className}`, d: `M${points.map((p) => p.join(" ")).join("L")}` });

/** Axes for two ranges: a value's place in the chart, the way back, and a clipped layer. */
function axes(across, up, height, attributes) {
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, ...attributes });
  const [wide, high] = [WIDTH - LEFT - RIGHT, height - TOP - BOTTOM];
  const x = (value) => LEFT + ((value - across.from) / (across.to - across.from)) * wide;
  const y = (value) => TOP + high - ((value - up.from) / (up.to - up.from)) * high;
  const layer = draw("g", { "clip-path": `url(#xk-clip-${height})` });
  const text = (words, left, top, anchor) =>
    draw("text", { x: left, y: top, "text-anchor": anchor }, words.toLocaleString("en").replace("-", "−"));
  chart.append(
    draw("clipPath", { id: `xk-clip-${height}` },
      draw("rect", { x: LEFT, y: TOP, width: wide, height: high })),
    layer,
    draw("path", { class: "xk-trace xk-rule", d: `M${LEFT} ${TOP} v${high} h${wide}` }),
    ...across.ticks.map((value) => text(value, x(value), TOP + high + 14, "middle")),
    ...up.ticks.map((value) => text(value, LEFT - 4, y(value) + 4, "end")),
    text(across.label, WIDTH - RIGHT, height - 5, "end"),
  );
  function back(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    return [between(across, (at.x - LEFT) / wide), between(up, (TOP + high - at.y) / high)];
  }
  return { chart, layer, x, y, back };
}

/** On which side of its level the model answers, the stronger the farther, and the border. */
function shades(world, { x, y }) {
  const above = (i, j) => world.f([between(world.across, (i + 0.5) / CELLS),
    between(world.up, (j + 0.5) / CELLS)]) - world.level;
  const [left, bottom] = [x(world.across.from), y(world.up.from)];
  const [w, h] = [(x(world.across.to) - left) / CELLS, (bottom - y(world.up.to)) / CELLS];
  const layer = draw("g", { "shape-rendering": "crispEdges" });
  let border = "";
  for (let cell = 0; cell < CELLS ** 2; cell += 1) {
    const [i, j] = [cell % CELLS, Math.floor(cell / CELLS)];
    const [by, cx, cy] = [above(i, j), left + i * w, bottom - (j + 1) * h];
    layer.append(draw("rect", { class: by > 0 ? "xk-up" : "xk-down", x: cx, y: cy, width: w, height: h,
      "fill-opacity": 0.1 + 0.4 * Math.min(1, Math.abs(by) / world.strong) }));
    if (by > 0 !== above(i + 1, j) > 0) border += `M${cx + w} ${cy}v${h}`;
    if (by > 0 !== above(i, j + 1) > 0) border += `M${cx} ${cy}h${w}`;
  }
  layer.append(draw("path", { class: "xk-trace xk-border", d: border }));
  return layer;
}

const star = () => draw("g", { class: "xk-handle" }, draw("circle", { r: 22 }), draw("path",
  { class: "xk-here", d: "M0-10 2.9-3.9 9.6-3.1 4.6 1.4 5.9 8 0 4.7-5.9 8-4.6 1.4-9.6-3.1-2.9-3.9z" }));

mount("seeds", (stage, data, say) => {
  const worlds = data.worlds.map(worldOf);
  const setting = { width: 0.4, n: 200, alpha: 1 };
  const [charts, body, fit] = [make("div"), make("tbody"), make("p", { class: "xk-answer-line" })];
  let world, x, map, cut, stars, draws, seed, waiting;

  function picture(fits) {
    const asked = draws.at(-1);
    // A thousand circles of one path are drawn far sooner than a thousand elements.
    const dots = (height) => draw("path", { class: "xk-sample", d: fits.at(-1).weights.map((weight, i) => {
      const r = 1 + 3.5 * Math.sqrt(weight);
      return `M${map.x(asked.rows[i][0]) - r} ${height(i)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    }).slice(1).join("") });
    const lines = (height) => fits.map((one) => trace(one === fits.at(-1) ? "xk-line" : "xk-line xk-old",
      [world.across.from, world.across.to].map((a) => [map.x(a), height(one, a)])));
    // From above, a line is seen where it passes the model's level; a flat one, far off the map.
    const passes = ({ start, slopes }, a) => (world.level - start - slopes[0] * a) / (slopes[1] + 1e-12);
    map.layer.replaceChildren(dots((i) => map.y(asked.rows[i][1])),
      ...lines((one, a) => map.y(passes(one, a))));
    const curve = Array.from({ length: 201 }, (_, i) => between(world.across, i / 200));
    cut.layer.replaceChildren(dots((i) => cut.y(asked.answers[i])),
      trace("xk-curve", curve.map((a) => [cut.x(a), cut.y(world.f([a, x[1]]))])),
      ...lines(({ start, slopes }, a) => cut.y(start + slopes[0] * a + slopes[1] * x[1])));
    stars[0].setAttribute("transform", `translate(${map.x(x[0])} ${map.y(x[1])})`);
    stars[1].setAttribute("transform", `translate(${cut.x(x[0])} ${cut.y(world.f(x))})`);
  }

  /** The slope along column k, in its unit: the newest line's, its spread, the model's own. */
  function told(fits, { label, size, step }, k) {
    const slopes = fits.map((one) => one.slopes[k] * size);
    const mean = slopes.reduce((sum, v) => sum + v, 0) / slopes.length;
    const squares = slopes.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    const [less, more] = [-step / 2, step / 2].map((by) => world.f(x.map((v, i) => (i === k ? v + by : v))));
    return [label, signed(slopes.at(-1), world.digits),
      fits.length > 1 ? Math.sqrt(squares / (fits.length - 1)).toFixed(world.digits) : "–",
      signed(((more - less) / step) * size, world.digits)];
  }

  function show() {
    const fits = draws.map((asked) => localLine(world, x, asked, setting));
    picture(fits);
    const table = world.per.map((column, k) => told(fits, column, k));
    body.replaceChildren(...table.map(([label, ...numbers]) => make("tr", {},
      make("th", { scope: "row" }, label), ...numbers.map((number) => make("td", {}, number)))));
    const { effective, r2 } = fits.at(-1);
    fit.textContent = `${effective.toFixed(0)} of ${setting.n} samples count; R² ${r2.toFixed(2)}`;
    const at = x.map((v) => Number(v.toPrecision(3)).toLocaleString("en").replace("-", "−")).join("; ");
    const [label, line, spread, model] = table[0];
    const others = fits.length > 1 ? `Spread over ${fits.length} draws: ${spread}.` : "Press Again for other samples.";
    clearTimeout(waiting); // of a drag only its end is told
    waiting = setTimeout(() => say(
      `At ${at}: ${fit.textContent}. ${label}: the line ${line}, the model ${model}. ${others}`), 250);
  }

  function again() {
    seed += 1;
    draws = [...draws, ask(world, noise(seed, SAMPLES))].slice(-KEPT);
    show();
  }

  function place(to) {
    x = [world.across, world.up].map(({ from, to: end }, k) => Math.min(end, Math.max(from, to[k])));
    rows.set("");
    show();
  }

  function enter(key) {
    if (!key) return;
    const [which, start] = key.split(" ").map(Number);
    [world, draws, seed] = [worlds[which], [], 0];
    x = world.starts[start].row;
    map = axes(world.across, world.up, 300, { tabindex: 0, role: "application",
      "aria-label": "Map of the model and the row: arrow keys move the row" });
    cut = axes(world.across, world.output, 190, { "aria-hidden": "true" });
    map.chart.prepend(shades(world, map));
    stars = [star(), star()];
    [map, cut].forEach(({ chart }, k) => chart.append(stars[k]));
    map.chart.addEventListener("click", (event) => place(map.back(event)));
    // Within an SVG the browser heeds no touch-action: without this it takes the finger to scroll.
    stars[0].addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    stars[0].addEventListener("pointerdown", (event) => stars[0].setPointerCapture(event.pointerId));
    stars[0].addEventListener("pointermove", (event) => { if (event.buttons) place(map.back(event)); });
    map.chart.addEventListener("keydown", (event) => {
      const step = keyed(event, ARROWS);
      if (!step) return;
      event.preventDefault();
      place([world.across, world.up].map(({ from, to }, k) =>
        x[k] + (step[k] * (to - from)) / 80));
    });
    charts.replaceChildren(part(`From above; upwards: ${world.up.label}`), map.chart,
      part(`Cut through the row; upwards: ${world.output.label}`), cut.chart,
      make("p", { class: "xk-key" }, world.legend));
    again();
  }

  const rows = choice({ label: "Row", value: "0 0", change: enter, options: [
    ...worlds.flatMap(({ starts }, i) => starts.map(({ label }, k) => [`${i} ${k}`, label])),
    ["", "where you put it"]] });
  const set = (name) => (value) => { setting[name] = Number(value); show(); };
  stage.append(charts, make("div", {}, rows.row,
    slider({ label: "Kernel width", min: 0.1, max: 2, step: 0.05, value: setting.width,
      show: (value) => value.toFixed(2), change: set("width") }).row,
    slider({ label: "Samples", min: 50, max: SAMPLES, step: 50, value: setting.n, change: set("n") }).row,
    choice({ label: "Ridge penalty", options: [[1, "1, as the library"], [1e-9, "none"]],
      value: 1, change: set("alpha") }).row,
    button("Again", again), fit,
    make("table", { class: "xk-slopes" }, make("thead", {}, make("tr", {},
      ...["Slope", "line", "spread", "model"].map((name) => make("th", { scope: "col" }, name)))), body)));
  enter("0 0");
});
