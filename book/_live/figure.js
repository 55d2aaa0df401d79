// The frame of a live figure, and the controls that all of them share.

import { make } from "./dom.js";

function handedOver(name) {
  if (!name) return undefined;
  return JSON.parse(document.getElementById(`xk-data-${name}`).textContent);
}

/** Show a button, and give the data once it was pressed and they have come. */
function fetched(name, label, stage, say) {
  return new Promise((resolve) => {
    const press = button(label, async () => {
      press.disabled = true;
      say("Loading …");
      try {
        const answer = await fetch(new URL(`data/${name}.json`, import.meta.url));
        if (!answer.ok) throw new Error(answer.statusText);
        resolve(await answer.json());
        press.remove();
      } catch (error) {
        press.disabled = false;
        say(`This did not load (${error.message}). Try again.`);
      }
    });
    stage.append(press);
  });
}

/**
 * Bring the live figures of this name on the page to life. `begin(stage, data, say)` draws
 * into `stage`; `say(text)` puts the state into words for those who listen. The still
 * picture goes once that has worked; where the data wait for a click, once they have come.
 */
export function mount(figure, begin) {
  for (const frame of document.querySelectorAll(`.xk-live[data-figure="${figure}"]`)) {
    const stage = make("div", { class: "xk-stage" });
    const words = make("p", { class: "xk-words", "aria-live": "polite" });
    const { from, onClick } = frame.dataset;
    const say = (text) => {
      if (words.textContent !== text) words.textContent = text;
    };
    function run(data) {
      begin(stage, data, say);
      frame.querySelector(".xk-still").hidden = true;
    }
    frame.append(stage, words);
    if (onClick) fetched(from, onClick, stage, say).then(run);
    else run(handedOver(from));
  }
}

let made = 0;

function labelled(label, control, ...more) {
  made += 1;
  control.id = `xk-control-${made}`;
  const name = make("label", { for: control.id }, label);
  return make("div", { class: "xk-control" }, name, control, ...more);
}

/** A slider with its value beside it; `show` puts a value into words. */
export function slider({ label, min, max, step, value, show = String, change }) {
  const input = make("input", { type: "range", min, max, step, value });
  const output = make("output");
  const row = labelled(label, input, output);
  output.setAttribute("for", input.id);
  function tell() {
    output.textContent = show(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  }
  input.addEventListener("input", () => { tell(); change(Number(input.value)); });
  tell();
  return { row, set(to) { input.value = to; tell(); } };
}

/** A list to choose from: options are [value, words]. */
export function choice({ label, options, value, change }) {
  const select = make("select", {}, ...options.map(([key, words]) =>
    make("option", { value: key, selected: String(key) === String(value) }, words)));
  select.addEventListener("change", () => change(select.value));
  return { row: labelled(label, select), set(to) { select.value = to; } };
}

export function button(label, press) {
  const pressed = make("button", { type: "button", class: "xk-button" }, label);
  pressed.addEventListener("click", press);
  return pressed;
}

/** What a key stands for; nothing in a shortcut of the browser, as Alt and ← go back. */
export function keyed({ key, altKey, ctrlKey, metaKey }, meanings) {
  return altKey || ctrlKey || metaKey ? undefined : meanings[key];
}

/** The name of a part of the figure: no heading, whose level would depend on the page. */
export const part = (...words) => make("p", { class: "xk-part" }, ...words);

/** A number with its sign, and the real minus. */
export function signed(number, digits = 2) {
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return text;
  return (number < 0 ? "−" : "+") + text;
}
