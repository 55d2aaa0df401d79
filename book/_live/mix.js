// Bikes on two kinds of day, and the additive model of a mix of both: one curve for the hour.

import { additiveFit } from "./additive.js";
import { draw, make } from "./dom.js";
import { choice, mount, slider } from "./figure.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, MOST] = [340, 250, 34, 34, 700];
const DAYS = [["xk-mix-off", "days off"], ["xk-mix-work", "working days"]];
const x = (hour) => LEFT + (hour / 23) * (WIDTH - LEFT - 8);
const y = (bikes) => (HEIGHT - BOTTOM) * (1 - bikes / MOST) + 4;
const text = (words, left, top, anchor) => draw("text", { x: left, y: top, "text-anchor": anchor }, words);

mount("mix", (stage, { table, share: start }, say) => {
  const at = { share: start, hour: 8, pair: false };
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const answer = make("p", { class: "xk-answer-line" });

  function show() {
    const { fitted, r2 } = at.pair ? { fitted: table, r2: 1 } : additiveFit(table, at.share);
    chart.replaceChildren(
      draw("path", { class: "xk-trace xk-rule", d: `M${LEFT} 4V${y(0)}H${WIDTH - 8}M${x(at.hour)} 4V${y(0)}` }),
      ...[0, 6, 12, 18].map((hour) => text(hour, x(hour), y(0) + 14, "middle")),
      ...[0, 200, 400, 600].map((bikes) => text(bikes, LEFT - 4, y(bikes) + 4, "end")),
      text("hour of the day", WIDTH - 8, HEIGHT - 4, "end"),
      ...DAYS.flatMap(([name], i) => [
        ...table[i].map((bikes, hour) => draw("circle", { class: name, cx: x(hour), cy: y(bikes), r: 2.5 })),
        draw("path", { class: `xk-trace ${name}`, "stroke-width": 2.5,
          d: `M${fitted[i].map((bikes, hour) => `${x(hour)} ${y(Math.max(0, bikes))}`).join("L")}` }),
      ]));
    answer.textContent = `The model explains ${Math.round(100 * r2)}% of the variance.`;
    say(`At ${at.hour} h: ${DAYS.map(([, name], i) => `${name}, model ${Math.round(fitted[i][at.hour])}, ` +
      `rented ${Math.round(table[i][at.hour])}`).join("; ").replaceAll("-", "−")}. ${answer.textContent}`);
  }

  const set = (name) => (value) => { at[name] = value; show(); };
  stage.append(make("div", {}, chart, make("p", { class: "xk-key" },
    "Dots: rented. Lines: the model. Orange: days off; blue: working days.")),
  make("div", {},
    slider({ label: "Share of days off", min: 0.05, max: 0.95, step: 0.05, value: start,
      show: (value) => `${Math.round(100 * value)}%`, change: set("share") }).row,
    slider({ label: "Hour", min: 0, max: 23, step: 1, value: 8, change: set("hour") }).row,
    choice({ label: "Model", value: "", options: [["", "additive"], ["pair", "with the pair"]],
      change: (value) => set("pair")(value === "pair") }).row, answer));
  show();
});
