// A bundle of ICE lines: a band to drag over them, and cuts under which their mean dissolves.

import { draw, make } from "./dom.js";
import { button, choice, keyed, mount, slider } from "./figure.js";
import { bestCuts, centred, differ, groupsOf, meanLine, places, spread } from "./ice.js";

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [340, 270, 44, 8, 10, 36];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const short = (value) => Number(value.toPrecision(3)).toLocaleString("en").replace("-", "−");
const set = (node, all) => Object.entries(all).forEach(([name, value]) => node.setAttribute(name, value));
const clip = (value, low, high) => Math.min(high, Math.max(low, value));

mount("effects", (stage, data, say) => {
  let world, lines, band, chart, layer, bar, waiting;
  const cuts = [{ feature: "", index: 0 }, { feature: "", index: 0 }];
  const place = make("div");
  const told = make("p", { class: "xk-answer-line" });

  const x = (j) => LEFT + (j / (world.grid.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => TOP + ((world.high - value) / (world.high - world.low)) * (HEIGHT - TOP - BOTTOM);
  const trace = (values, attributes) => draw("path", { class: "xk-trace", ...attributes,
    d: `M${values.map((value, j) => `${x(j).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}` });
  const half = () => (world.high - world.low) / 16;

  const made = () => cuts.filter(({ feature }) => feature !== "").map(({ feature, index }) => {
    const { values, name } = world.features[feature];
    return { values, name, at: places(values)[index] };
  });

  function picture(groups, chosen) {
    const colour = (group, uncut) => (made().length ? `var(--xk-${group & 1 ? "up" : "down"})` : `var(--pst-color-text-${uncut})`);
    const thin = lines.map((line, row) => trace(line, { stroke: colour(groups[row], "muted"),
      "stroke-width": chosen[row] ? 1.6 : 0.7, "stroke-opacity": chosen[row] ? 0.8 : 0.35 }));
    // The means stand out from the lines by a rim in the colour of the page.
    const thick = [...new Set(groups)].sort().flatMap((group) => {
      const middle = meanLine(lines.filter((_, row) => groups[row] === group));
      return [trace(middle, { stroke: "var(--pst-color-background)", "stroke-width": 8 }),
        trace(middle, { class: "xk-trace xk-mean", stroke: colour(group, "base"), "stroke-width": 4,
          "stroke-dasharray": group & 2 ? "7 4" : false })];
    });
    const text = (words, left, top, anchor) => draw("text", { x: left, y: top, "text-anchor": anchor }, words);
    layer.replaceChildren(...thin, ...thick,
      draw("path", { class: "xk-trace xk-rule", d: `M${LEFT} ${TOP} V${HEIGHT - BOTTOM} H${WIDTH - RIGHT}` }),
      ...world.ticks.map((j) => text(short(world.grid[j]), x(j), HEIGHT - BOTTOM + 14, "middle")),
      ...[world.low, 0, world.high].map((value) => text(short(value), LEFT - 4, y(value) + 4, "end")),
      text(world.across, WIDTH - RIGHT, HEIGHT - 5, "end"));
    const [top, high] = [y(band.middle + half()), y(band.middle - half()) - y(band.middle + half())];
    const [touched, seen] = bar.children;
    for (const [rect, by] of [[touched, 8], [seen, 0]]) {
      set(rect, { x: x(band.j) - 6 - by, y: top - by, width: 12 + 2 * by, height: high + 2 * by });
    }
  }

  function show() {
    const groups = groupsOf(lines.length, made());
    const chosen = lines.map((line) => Math.abs(line[band.j] - band.middle) <= half());
    picture(groups, chosen);
    const inside = chosen.filter(Boolean).length;
    const [before, left] = [spread(lines, lines.map(() => 0)), spread(lines, groups)];
    const words = [`${inside} of ${lines.length} lines pass the band at ${short(world.grid[band.j])}.`];
    if (inside && inside < lines.length) {
      const most = differ(world.features.map(({ values }) => values), chosen);
      words.push(`They differ most from the others in ${world.features[most.i].name}: ` +
        `mean ${short(most.inside)} against ${short(most.outside)}.`);
    }
    words.push(`Spread ${short(before)}; ` + (made().length
      ? `cut by ${made().map(({ name, at }) => `${name} at ${short(at)}`).join(" and ")}, ${short(left < 1e-9 ? 0 : left)} is left.`
      : "no cut."));
    told.textContent = words.at(-1);
    clearTimeout(waiting); // of a drag only its end is told
    waiting = setTimeout(() => say(words.join(" ")), 250);
  }

  function move(j, middle) {
    band = { j: clip(Math.round(j), 0, world.grid.length - 1), middle: clip(middle, world.low, world.high) };
    show();
  }

  function drag(event) {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
    move(((at.x - LEFT) / (WIDTH - LEFT - RIGHT)) * (world.grid.length - 1),
      world.high - ((at.y - TOP) / (HEIGHT - TOP - BOTTOM)) * (world.high - world.low));
  }

  /** The controls of cut k: a feature, and where along it. */
  function controls(k) {
    const box = make("div");
    function choose(feature) {
      cuts[k] = { feature: feature === "" ? "" : Number(feature), index: 0 };
      if (feature !== "") cuts[k].index = Math.floor(places(world.features[feature].values).length / 2);
      fill();
      show();
    }
    function fill() {
      const { feature, index } = cuts[k];
      const rows = [choice({ label: k ? "and by" : "Cut by", value: feature, change: choose,
        options: [["", "nothing"], ...world.features.map(({ name }, i) => [i, name])] }).row];
      const possible = feature === "" ? [] : places(world.features[feature].values);
      if (possible.length > 1) {
        rows.push(slider({ label: `at (${world.features[feature].name})`, min: 0, max: possible.length - 1, step: 1,
          value: index, show: (i) => short(possible[i]), change: (i) => { cuts[k].index = i; show(); } }).row);
      }
      // The list keeps the focus of whoever chose from it.
      const held = box.contains(document.activeElement) && document.activeElement.tagName === "SELECT";
      box.replaceChildren(...rows);
      if (held) box.querySelector("select").focus();
    }
    return { box, fill };
  }

  const both = [controls(0), controls(1)];
  function best() {
    const used = cuts.filter(({ feature }) => feature !== "");
    if (!used.length) return;
    const features = used.map(({ feature }) => world.features[feature].values);
    const { at } = bestCuts(lines, features);
    used.forEach((cut, i) => { cut.index = places(features[i]).indexOf(at[i]); });
    both.forEach(({ fill }) => fill());
    show();
  }

  function enter(which) {
    world = data.worlds[which];
    lines = centred(world.lines);
    cuts.forEach((cut) => Object.assign(cut, { feature: "", index: 0 }));
    both.forEach(({ fill }) => fill());
    chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application",
      "aria-label": "ICE lines: arrow keys move the band" });
    layer = draw("g");
    bar = draw("g", { class: "xk-handle" }, draw("rect", { "fill-opacity": 0 }),
      draw("rect", { class: "xk-rule", "fill-opacity": 0.25, "stroke-width": 2 }));
    // Within an SVG the browser heeds no touch-action: without this it takes the finger to scroll.
    bar.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    chart.append(layer, bar);
    chart.addEventListener("pointerdown", (event) => { chart.setPointerCapture(event.pointerId); drag(event); });
    chart.addEventListener("pointermove", (event) => { if (event.buttons) drag(event); });
    chart.addEventListener("keydown", (event) => {
      const step = keyed(event, ARROWS);
      if (!step) return;
      event.preventDefault();
      move(band.j + step[0], band.middle + (step[1] * (world.high - world.low)) / 32);
    });
    place.replaceChildren(make("p", { class: "xk-key" }, world.up), chart);
    move(...world.band);
  }

  stage.append(place, make("div", {},
    choice({ label: "Lines", value: 0, change: enter, options: data.worlds.map(({ name }, i) => [i, name]) }).row,
    both[0].box, both[1].box, button("Best place for the cuts", best), told,
    make("p", { class: "xk-key" }, "Thick: mean of a group (orange above the first cut, blue below; dashed above the second)")));
  enter(0);
});
