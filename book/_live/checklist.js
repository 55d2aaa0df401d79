// The checklist's form: kept in this browser, judged as it is filled in, saved and opened.

import { make } from "./dom.js";
import { button } from "./figure.js";
import { capital, fromJson, judge, toJson, toMarkdown } from "./verdict.js";

const KEY = "xk-checklist";
const EMPTY = { answers: {}, evidence: {} };

/** The list as the form has it. */
export function listOf(form) {
  const { title, version, rules } = form.dataset;
  const questions = [...form.querySelectorAll(".xk-check")].map((field) => ({
    ...field.dataset,
    blocking: field.dataset.blocking === "true",
    needsEvidence: field.dataset.evidenceRequired === "true",
    text: field.querySelector(".xk-asked").textContent,
    radios: [...field.querySelectorAll("input")],
    evidence: field.querySelector("textarea"),
    missing: field.querySelector(".xk-missing"),
    withdraw: field.querySelector(".xk-withdraw"),
  }));
  return { title, version, rules: JSON.parse(rules), questions, levels: [...new Set(questions.map((q) => q.level))] };
}

/** How many of these questions are answered, lack evidence, and decide against. */
function counts(here, { status, decisive }) {
  const count = (test) => here.filter(({ id }) => test(id)).length;
  return `${count((id) => status[id] !== "unanswered")} of ${here.length} answered, ` +
    `${count((id) => status[id] === "unproven")} without evidence; ` +
    `in the way: ${count((id) => decisive.includes(id))}.`;
}

function start(form) {
  for (const choices of form.querySelectorAll(".xk-choices")) {
    choices.append(make("button", { type: "button", class: "xk-button xk-withdraw", hidden: true }, "Withdraw"));
  }
  const list = listOf(form);
  const verdict = make("p", { class: "xk-answer-line", role: "status" });
  const said = make("p", { class: "xk-words", role: "status" });
  const levels = make("ul", { class: "xk-levels" });
  const decided = make("p");
  let before = EMPTY;

  function sheet() {
    const now = structuredClone(EMPTY);
    for (const { id, radios, evidence } of list.questions) {
      const answer = radios.find((radio) => radio.checked);
      if (answer) now.answers[id] = answer.value;
      if (evidence.value.trim()) now.evidence[id] = evidence.value.trim();
    }
    return now;
  }

  function show() {
    const found = judge(list, sheet());
    verdict.textContent = `${capital(found.rule.verdict)}. ${counts(list.questions, found)}`;
    form.classList.toggle("xk-blank", !form.querySelector("input:checked"));
    for (const { id, missing, radios, withdraw } of list.questions) {
      missing.hidden = found.status[id] !== "unproven";
      withdraw.hidden = !radios.some((radio) => radio.checked);
    }
    levels.replaceChildren(...list.levels.map((level) => make("li", {},
      `${capital(level)}: ${counts(list.questions.filter((q) => q.level === level), found)}`)));
    decided.replaceChildren(found.rule.meaning, ...found.decisive.flatMap((id, n) =>
      [n ? ", " : " In the way: ", make("a", { href: `#question-${id}` }, id)]));
  }

  function keep() {
    try {
      localStorage.setItem(KEY, toJson(list, sheet()));
    } catch {
      said.textContent = "This browser keeps nothing for pages: save a file before you leave.";
    }
  }

  function fill({ answers, evidence }) {
    for (const { id, radios, evidence: box } of list.questions) {
      for (const radio of radios) radio.checked = radio.value === answers[id];
      box.value = evidence[id] ?? "";
    }
    show();
  }

  function restore() {
    try {
      fill(fromJson(list, localStorage.getItem(KEY)));
    } catch { show(); } // Nothing is kept, or nothing of ours.
  }

  /** Put another sheet in the place of this one, which Undo brings back. */
  function replace(other, words) {
    before = sheet();
    undo.disabled = false;
    said.textContent = words;
    fill(other);
    keep();
  }

  function save(ending, text) {
    const name = `${list.title.toLowerCase().replaceAll(" ", "-")}.${ending}`;
    const href = URL.createObjectURL(new Blob([text]));
    make("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000); // Some browsers read it after the click.
    said.textContent = `Saved as ${name}, where this browser puts its files.`;
  }

  const file = make("input", { type: "file", accept: ".json", hidden: true });
  file.addEventListener("change", async () => {
    const [{ name }] = file.files;
    try {
      replace(fromJson(list, await file.files[0].text()), `Opened ${name}. Undo brings the form back as it was.`);
    } catch (error) {
      said.textContent = `${name} was not opened: ${error.message}.`;
    }
    file.value = ""; // So that the same file can be chosen again.
  });

  const undo = button("Undo", () => replace(before, "Undone. Press again to do it again."));
  undo.disabled = true;
  const example = document.getElementById("xk-data-checklist");
  form.append(
    make("div", { class: "xk-bar" }, verdict, make("a", { href: "#xk-sheet" }, "Details and files")),
    make("div", { class: "xk-sheet", id: "xk-sheet" }, levels, decided, make("div", { class: "xk-buttons" },
      button("Save as JSON", () => save("json", toJson(list, sheet()))),
      button("Save as Markdown", () => save("md", toMarkdown(list, sheet()))),
      button("Open a JSON file", () => file.click()),
      example ? button("Fill in the chapter’s answers", () => replace(fromJson(list, example.textContent),
        "These are the chapter’s answers. Undo brings yours back.")) : "",
      button("Clear", () => replace(EMPTY, "Cleared. Undo brings it back.")), undo),
    file, said, make("p", {}, "Your answers are kept in this browser and sent to nobody.")),
  );
  for (const { radios, withdraw } of list.questions) {
    withdraw.addEventListener("click", () => {
      for (const radio of radios) radio.checked = false;
      radios[0].focus(); // The button goes, and would take the focus with it.
      keep();
      show();
    });
  }
  form.addEventListener("input", () => { keep(); show(); });
  // Another page of the book shows the same form: the last answer given holds in both.
  globalThis.addEventListener("pageshow", restore);
  globalThis.addEventListener("storage", ({ key }) => {
    if (key === KEY || key === null) restore(); // null: all that was kept is gone
  });
  restore();
}

for (const form of globalThis.document?.querySelectorAll(".xk-checklist[data-rules]") ?? []) start(form);
