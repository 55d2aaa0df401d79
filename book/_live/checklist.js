// The checklist's form: kept in this browser, judged as it is filled in, saved and opened.

import { make } from "./dom.js";
import { button } from "./figure.js";
import { capital, fromJson, judge, toJson, toMarkdown } from "./verdict.js";

const KEY = "xk-checklist";
const EMPTY = { answers: {}, evidence: {} };
const size = (object) => Object.keys(object).length;

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
  }));
  const levels = [...new Set(questions.map((q) => q.level))];
  return { title, version, rules: JSON.parse(rules), levels, questions };
}

/** How many of these questions are answered, lack evidence, and decide against. */
function counts(here, { status, decisive }) {
  const count = (test) => here.filter(({ id }) => test(id)).length;
  const answered = count((id) => status[id] !== "unanswered");
  return [answered, `${answered} of ${here.length} answered, ${count((id) => status[id] === "unproven")} ` +
    `without evidence; in the way: ${count((id) => decisive.includes(id))}.`];
}

function start(form) {
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
    const { status, rule, decisive } = found;
    const [answered, words] = counts(list.questions, found);
    verdict.textContent = `${capital(rule.verdict)}. ${words}`;
    form.classList.toggle("xk-blank", !answered);
    for (const { id, missing } of list.questions) missing.hidden = status[id] !== "unproven";
    levels.replaceChildren(...list.levels.map((level) => {
      const here = list.questions.filter((q) => q.level === level);
      const [value, line] = counts(here, found);
      return make("li", {}, make("progress", { max: here.length, value, "aria-hidden": "true" }), `${capital(level)}: ${line}`);
    }));
    const links = decisive.flatMap((id, n) => [n ? ", " : " Decided by: ", make("a", { href: `#question-${id}` }, id)]);
    decided.replaceChildren(rule.meaning, ...links);
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
    } catch {
      show(); // Nothing is kept, or nothing of ours.
    }
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
    const name = `${list.title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.${ending}`;
    make("a", { href: URL.createObjectURL(new Blob([text])), download: name }).click();
    said.textContent = `Saved as ${name}, where this browser puts its files.`;
  }

  const file = make("input", { type: "file", accept: ".json", hidden: true });
  file.addEventListener("change", async () => {
    const [{ name }] = file.files;
    try {
      const found = fromJson(list, await file.files[0].text());
      replace(found, `Opened ${name}: ${size(found.answers)} answers, ${size(found.evidence)} pieces of evidence.`);
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
  form.addEventListener("input", () => { keep(); show(); });
  // Another page of the book shows the same form: the last answer given holds in both.
  for (const moment of ["storage", "pageshow"]) globalThis.addEventListener(moment, restore);
  restore();
}

for (const form of globalThis.document?.querySelectorAll(".xk-checklist[data-rules]") ?? []) start(form);
