// Sums to tick, and the namings of four digits that fit all of them.

import { make } from "./dom.js";
import { namings, rightNames } from "./equations.js";
import { mount, part } from "./figure.js";

const SHOWN = 8;

mount("namings", (stage, { pairs, start }, say) => {
  const isTicked = pairs.map(([a, b]) => start.some(([c, d]) => a === c && b === d));
  const [line, table] = [make("p", { class: "xk-answer-line" }), make("table", { class: "xk-namings" })];
  const row = (tag, cells) => make("tr", {}, ...cells.map((cell) => make(tag, {}, String(cell))));

  function show() {
    const found = namings(pairs.filter((_, i) => isTicked[i]));
    line.textContent = found.length === 1 ? "One naming is left: the right one." : `${found.length} namings are left.`;
    table.replaceChildren(
      make("thead", {}, row("th", ["0", "1", "2", "3", "right"])),
      make("tbody", {}, ...found.slice(0, SHOWN).map((f) => row("td", [...f, `${rightNames(f)} of 4`]))));
    const fewest = Math.min(...found.map(rightNames));
    say(`${line.textContent} ${found.length > SHOWN ? `The first ${SHOWN} are shown. ` : ""}` +
      (found.length > 1 ? `In the worst, ${fewest} of 4 digits are called by their names.` : ""));
  }

  const boxes = pairs.map(([a, b], i) => {
    const box = make("input", { type: "checkbox", checked: isTicked[i] });
    box.addEventListener("change", () => { isTicked[i] = box.checked; show(); });
    return make("label", {}, box, ` ${a} + ${b} = ${a + b}`);
  });
  stage.append(
    make("fieldset", { class: "xk-ticks" }, make("legend", {}, "Sums in the training"), ...boxes),
    make("div", {}, line, part("What each digit is called"), table));
  show();
});
