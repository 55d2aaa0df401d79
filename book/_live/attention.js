// A review in the trained transformer: what each word reads, and what its loss does.

import { draw, make } from "./dom.js";
import { button, choice, keyed, mount, part, signed } from "./figure.js";
import { effects, forward, meanMap, received, rollout, unpack } from "./transformer.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [340, 210, 44, 40];
const percent = (share) => `${Math.round(100 * share)}%`;
const largest = (values) => values.reduce((best, v, i) => (v > values[best] ? i : best), 0);

const MAPS = [
  ["0", "Layer 1, both heads", ({ layers }) => meanMap(layers[0])],
  ["1", "Layer 1, head 1", ({ layers }) => layers[0][0]],
  ["2", "Layer 1, head 2", ({ layers }) => layers[0][1]],
  ["3", "Layer 2, both heads", ({ layers }) => meanMap(layers[1])],
  ["4", "Layer 2, head 1", ({ layers }) => layers[1][0]],
  ["5", "Layer 2, head 2", ({ layers }) => layers[1][1]],
  ["6", "Rollout over both layers", ({ layers }) => rollout(layers)],
];

const STEPS = {
  ArrowLeft: (at) => Math.max(at - 1, 0),
  ArrowRight: (at, last) => Math.min(at + 1, last),
  Home: () => 0,
  End: (_, last) => last,
};

/** Every word by its attention and the size of its effect; some by name. */
function scatter(words, shares, sizes, named) {
  const most = Math.max(...shares, 0.01);
  const x = (share) => LEFT + (share / most) * (WIDTH - LEFT - 22);
  const y = (size) => HEIGHT - BOTTOM - size * (HEIGHT - BOTTOM - 34);
  const text = (words_, at, down, anchor = "middle") => draw("text", { x: at, y: down, "text-anchor": anchor }, words_);
  const chart = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
    draw("line", { class: "xk-rule", x1: LEFT, x2: WIDTH - 12, y1: y(0), y2: y(0) }),
    draw("line", { class: "xk-rule", x1: LEFT, x2: LEFT, y1: y(1), y2: y(0) }),
    text("1", LEFT - 6, y(1) + 4, "end"), text("0", LEFT - 6, y(0) + 4, "end"),
    text("size of effect", 4, 12, "start"),
    text("0%", LEFT, y(0) + 16), text(percent(most), x(most), y(0) + 16),
    text("attention", (LEFT + WIDTH) / 2, HEIGHT - 6));
  shares.forEach((share, i) => chart.append(
    draw("circle", { class: named.includes(i) ? "xk-here" : "xk-dot", cx: x(share), cy: y(sizes[i]), r: 4.5 })));
  for (const i of new Set(named)) {
    const right = x(shares[i]) > WIDTH / 2;
    chart.append(text(words[i], x(shares[i]) + (right ? -8 : 8), y(sizes[i]) - 6, right ? "end" : "start"));
  }
  return chart;
}

mount("attention", (stage, data, say) => {
  const net = unpack(data.network);
  const gone = new Set();
  const answer = make("p", { class: "xk-answer-line" });
  const chart = make("div", { class: "xk-chart" });
  const heading = part();
  const text = make("div", { class: "xk-tokens", role: "toolbar", "aria-label": "The words; press one to delete it" });
  const readers = make("div");
  let [review, map, reader, pointed, timer] = [data.reviews[0], MAPS[0], -1, -1];
  let tokens, now, effect, written;

  /** Show the map as it is read by the word pointed at, the one chosen, or all. */
  function show() {
    const matrix = now.live.length ? map[2](now) : [];
    const row = now.live.indexOf(pointed >= 0 ? pointed : reader);
    const shares = review.ids.map(() => 0);
    (row < 0 ? received(matrix) : matrix[row]).forEach((share, k) => { shares[now.live[k]] = share; });
    const [most, sizes] = [Math.max(...shares, 0.01), effect.map(Math.abs)];
    tokens.forEach((token, i) => {
      const off = gone.has(i);
      token.setAttribute("aria-pressed", off);
      token.setAttribute("aria-label",
        `Delete ${review.words[i]}: attention ${percent(shares[i])}, effect ${signed(effect[i])}`);
      token.classList.toggle("xk-reader", row >= 0 && i === now.live[row]);
      const [, weight, change] = token.children;
      weight.textContent = off ? "gone" : percent(shares[i]);
      weight.style.setProperty("--share", shares[i] / most);
      change.textContent = signed(effect[i]);
      change.className = effect[i] < 0 ? "xk-lowers" : "xk-raises";
      change.style.setProperty("--share", sizes[i]);
    });
    const [bright, strong] = [largest(shares), largest(sizes)];
    chart.replaceChildren(scatter(review.words, shares, sizes, [bright, strong]));
    const who = row < 0 ? "All words together read" : `“${review.words[now.live[row]]}” reads`;
    heading.textContent = `${who}: ${map[1].toLowerCase()}`;
    answer.textContent = `${now.probability > 0.5 ? "Praise" : "Blame"}: probability of praise ` +
      `${now.probability.toFixed(2)}${gone.size ? `, ${signed(now.probability - written)} against the whole text` : ""}.`;
    const told = `${answer.textContent} ${heading.textContent}. Most attention: “${review.words[bright]}”, ` +
      `${percent(shares[bright])}, with an effect of ${signed(effect[bright])}. Largest effect: ` +
      (bright === strong ? "that of the same word." :
        `“${review.words[strong]}”, ${signed(effect[strong])}, with ${percent(shares[strong])} of the attention.`);
    // A pointer that crosses the text leaves one sentence, not thirty.
    clearTimeout(timer);
    timer = setTimeout(() => say(told), 200);
  }

  function compute() {
    now = forward(net, review.ids.map((id, i) => (gone.has(i) ? 0 : id)));
    effect = effects(net, review.ids, gone);
    show();
  }

  function pointAt(place) {
    if (pointed === place) return;
    pointed = place;
    show();
  }

  /** One stop for the Tab key; from word to word go the arrows. */
  function stop(at) {
    tokens.forEach((token, i) => { token.tabIndex = i === at ? 0 : -1; });
  }
  text.addEventListener("keydown", (event) => {
    const to = keyed(event, STEPS)?.(tokens.indexOf(document.activeElement), tokens.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    tokens[to].focus();
  });

  function whole() {
    gone.clear();
    compute();
  }

  function open(chosen) {
    review = data.reviews[chosen];
    written = forward(net, review.ids).probability;
    [reader, pointed] = [-1, -1];
    tokens = review.words.map((word, i) => {
      const token = button("", () => {
        if (!gone.delete(i)) gone.add(i);
        compute();
      });
      token.className = "xk-token";
      token.append(make("span", {}, word), make("span", { class: "xk-weight" }), make("span"));
      // Moves, not enters: a page that scrolls under a pointer at rest is nobody's pointing.
      for (const on of ["pointermove", "focus"]) token.addEventListener(on, () => pointAt(i));
      for (const on of ["pointerleave", "blur"]) {
        token.addEventListener(on, () => { if (pointed === i) pointAt(-1); });
      }
      token.addEventListener("focus", () => stop(i));
      return token;
    });
    text.replaceChildren(...tokens);
    stop(0);
    readers.replaceChildren(choice({ label: "Who reads", value: -1,
      options: [[-1, "all words, the mean"], ...review.words.map((word, i) => [i, `${i + 1} ${word}`])],
      change: (value) => { reader = Number(value); show(); } }).row);
    whole();
  }

  stage.append(
    make("div", {},
      choice({ label: "Review", value: 0, change: open,
        options: data.reviews.map(({ label }, i) => [i, label]) }).row,
      choice({ label: "Map", value: "0", options: MAPS, change: (key) => { map = MAPS[key]; show(); } }).row,
      readers, answer),
    chart,
    make("div", { class: "xk-wide" }, heading,
      make("p", { class: "xk-key" }, "Under each word its share of the attention, and its effect: the " +
        "probability of praise with the word, less without it, the rest being as it is now. " +
        "With the keyboard: arrows go from word to word, Space deletes."),
      text, button("Put all words back", whole)));
  open(0);
});
