// A game to edit: orders of joining fill in one by one, and rival rules meet the axioms.

import { draw, make } from "./dom.js";
import { button, choice, mount, part } from "./figure.js";
import { mulberry32 } from "./random.js";
import { RULES, axioms, gains, orders } from "./rules.js";

const WIDTH = 340;
const NAMES = 60;
const ROW = 34;
const LIMIT = 999;

const number = (value) => `${Number(value.toFixed(2))}`.replace("-", "−");
const listed = (names, values) => names.map((name, i) => `${name} ${number(values[i])}`).join(", ");

/** The list in a random order, the same on every visit. */
function shuffled(list) {
  const next = mulberry32(7);
  const keyed = list.map((item) => [next(), item]);
  return keyed.sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}

/** For each player the contributions seen, their mean, and the exact value. */
function strips(names, every, seen, mean, exact) {
  const ends = [Math.min(0, ...every.flat()), Math.max(0, ...every.flat())];
  const x = (value) => NAMES + 12 + ((value - ends[0]) / (ends[1] - ends[0] || 1)) * (WIDTH - NAMES - 30);
  const height = names.length * ROW + 18;
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, "aria-hidden": "true" });
  for (const end of new Set([...ends, 0])) {
    chart.append(draw("text", { x: x(end), y: height - 4, "text-anchor": "middle" }, number(end)));
  }
  chart.append(draw("line", { class: "xk-rule", x1: x(0), x2: x(0), y1: 0, y2: height - 18 }));
  names.forEach((name, i) => {
    const middle = i * ROW + ROW / 2;
    chart.append(
      draw("text", { x: NAMES - 4, y: middle + 4, "text-anchor": "end" }, name),
      draw("rect", { class: "xk-down", x: x(exact[i]) - 1.5, y: middle - 14, width: 3, height: 28 }),
      ...seen.map((row, n) => draw("circle", { class: "xk-dot", cx: x(row[i]), cy: middle + ((n * 7) % 15) - 7, r: 3 })),
    );
    if (seen.length) {
      chart.append(draw("path", { class: "xk-here", d: `M${x(mean[i])} ${middle - 9} l5 9 l-5 9 l-5 -9 z` }));
    }
  });
  return chart;
}

const cells = (head, values, attributes = {}) => make("tr", attributes,
  make("th", { scope: "row" }, head), ...values.map((value) => make("td", {}, value)));

function table(caption, heads, rows) {
  const columns = heads.map((head) => make("th", { scope: "col" }, head));
  return make("table", { class: "xk-game" }, make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...columns)), make("tbody", {}, ...rows));
}

/** The test of each axiom in words with its numbers. */
function reasons(found, names, shares, all) {
  const { efficiency, symmetry, dummy, linearity } = found;
  const [i, j] = symmetry?.pair ?? [];
  const of = linearity.player;
  return {
    efficiency: `The shares add up to ${number(efficiency.sum)}; all together are worth ${number(all)}.`,
    symmetry: symmetry
      ? `${names[i]} and ${names[j]} add the same to everyone; they get ${number(shares[i])} and ${number(shares[j])}.`
      : "No two players here are alike.",
    dummy: dummy
      ? `${names[dummy.player]} adds nothing to anyone and gets ${number(shares[dummy.player])}.`
      : "Everybody here adds something.",
    linearity: `Play a second game too, which pays ${number(linearity.prize)} as soon as ${names.at(-1)} is there. ` +
      `From both at once ${names[of]} gets ${number(linearity.together)}, ` +
      `one by one ${linearity.apart.map(number).join(" + ")}.`,
  };
}

mount("game", (stage, data, say) => {
  let names, worth, queue, drawn;
  let rule = "Shapley";
  const worths = make("fieldset", { class: "xk-worths" });
  const picture = make("div", { class: "xk-chart" });
  const list = make("div");
  const verdicts = make("div");

  function showOrders() {
    const every = queue.map((order) => gains(worth, order));
    const seen = every.slice(0, drawn);
    const mean = names.map((_, i) => seen.reduce((sum, row) => sum + row[i], 0) / drawn);
    const exact = RULES.Shapley(worth);
    picture.replaceChildren(strips(names, every, seen, mean, exact));
    // Written as one would by hand: every order has its line from the start.
    const rows = orders(names.map((_, i) => i)).map((order) => {
      const at = queue.findIndex((other) => other.join() === order.join());
      const values = at < drawn ? every[at].map(number) : names.map(() => "");
      return cells(order.map((i) => names[i]).join(", "), values, { class: at === drawn - 1 && "xk-last" });
    });
    rows.push(cells("mean so far", drawn ? mean.map(number) : names.map(() => "")),
      cells("Shapley value", exact.map(number)));
    list.replaceChildren(table("What each adds on joining", ["Order", ...names], rows));
    const order = drawn && queue[drawn - 1].map((i) => names[i]).join(", ");
    return `${drawn} of ${queue.length} orders${order ? `, the last ${order}. Mean so far: ${listed(names, mean)}` : ""}. ` +
      `Shapley: ${listed(names, exact)}.`;
  }

  function showAxioms() {
    const shares = RULES[rule](worth);
    const found = axioms(RULES[rule], worth);
    const why = reasons(found, names, shares, worth.at(-1));
    const verdict = (axiom) => (found[axiom] ? (found[axiom].gap ? "✗ broken" : "✓ holds") : "– no test");
    verdicts.replaceChildren(table(`Shares: ${listed(names, shares)}`, ["Axiom", "Here", "Because"],
      Object.keys(found).map((axiom) => cells(axiom, [verdict(axiom), why[axiom]]))));
    const broken = Object.keys(found).filter((axiom) => found[axiom]?.gap);
    return `${rule[0].toUpperCase()}${rule.slice(1)}: ${listed(names, shares)}. ` +
      (broken.length ? broken.map((axiom) => `Breaks ${axiom}: ${why[axiom]}`).join(" ")
        : "No axiom is broken on this game.");
  }

  function showAll() {
    showOrders();
    return showAxioms();
  }

  function field(s) {
    const input = make("input", { type: "number", step: "any", min: -LIMIT, max: LIMIT, value: worth[s] });
    input.addEventListener("input", () => {
      if (input.value === "" || !input.validity.valid) return;
      worth[s] = input.valueAsNumber;
      showAll();
    });
    input.addEventListener("change", () => { input.value = worth[s]; say(showAll()); });
    return make("label", {}, names.filter((_, i) => s & (1 << i)).join(", "), input);
  }

  function begin(which) {
    names = data.games[which].players;
    worth = [...data.games[which].worth];
    queue = shuffled(orders(names.map((_, i) => i)));
    drawn = 1;
    const bits = (s) => s.toString(2).replaceAll("0", "").length;
    const coalitions = [...worth.keys()].slice(1).sort((a, b) => bits(a) - bits(b) || a - b);
    worths.replaceChildren(make("legend", {}, "What each coalition is worth"), ...coalitions.map(field));
    say(showAll());
  }

  const drawing = (label, upTo) => button(label, () => {
    drawn = upTo();
    say(showOrders());
  });
  const which = choice({ label: "Game", options: data.games.map((g, k) => [k, g.name]), value: 0, change: begin });
  const rules = choice({ label: "Rule", options: Object.keys(RULES).map((name) => [name, name]), value: rule,
    change: (to) => { rule = to; say(showAxioms()); } });
  stage.append(
    make("div", {}, which.row, worths, part("A rule meets the axioms"), rules.row, verdicts),
    make("div", {},
      make("div", { class: "xk-buttons" },
        drawing("Next order", () => Math.min(drawn + 1, queue.length)),
        drawing("All orders", () => queue.length), drawing("Empty the table", () => 0)),
      picture, make("p", { class: "xk-key" }, "● one order   ◆ mean so far   ┃ Shapley value"), list));
  begin(0);
});
