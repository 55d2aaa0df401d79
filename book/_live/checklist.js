// The checklist's form: kept in this browser, judged as it is filled in, saved and opened.

import { make } from "./dom.js";
import { button } from "./figure.js";
import { fromJson, MAX_CHARACTERS, toJson } from "./sheet.js";
import { asked, capital, empty, judge, toMarkdown } from "./verdict.js";

const KEY = "xk-checklist";
const LACKS = { owner: "an owner", due: "a due date that is not before the record’s", condition: "a condition, in words" };

/** The list as the form has it. */
export function listOf(form) {
  const { title, version } = form.dataset;
  const { rules, evidence } = JSON.parse(form.dataset.list);
  const variants = [...form.querySelectorAll(".xk-variant")].map((part) => ({
    id: part.dataset.variant,
    law: [...part.querySelectorAll(".xk-law")].map((entry) => {
      const [text, says, applies] = [...entry.children].map((child) => child.textContent);
      return { text, says, applies };
    }),
  }));
  const record = Object.fromEntries([...form.querySelectorAll("[data-record]")].map((box) => [box.dataset.record, box]));
  const questions = [...form.querySelectorAll(".xk-check")].map((field) => {
    const radios = [...field.querySelectorAll("input[type=radio]")];
    return {
      ...field.dataset,
      variant: field.dataset.variant ?? null,
      blocking: field.dataset.blocking === "true",
      needsEvidence: field.dataset.evidenceRequired === "true",
      text: field.querySelector(".xk-asked").textContent,
      meanings: Object.fromEntries(radios.map((radio) => [radio.value, radio.dataset.means])),
      radios,
      evidence: field.querySelector("textarea"),
      missing: field.querySelector(".xk-missing"),
      means: field.querySelector(".xk-means"),
      action: field.querySelector(".xk-action"),
      boxes: Object.fromEntries([...field.querySelectorAll("[data-action]")].map((box) => [box.dataset.action, box])),
      lacks: field.querySelector(".xk-lacks"),
      withdraw: field.querySelector(".xk-withdraw"),
    };
  });
  const levels = [...new Set(questions.map((q) => q.level))];
  return { title, version, rules, evidence, variants, questions, levels, record, fields: Object.keys(record) };
}

/** How many of these questions are answered, lack evidence, and decide against. */
function counts(here, { verdict, status, decisive }) {
  const count = (test) => here.filter(({ id }) => test(id)).length;
  return `${count((id) => status[id] !== "unanswered")} of ${here.length} answered, ` +
    `${count((id) => status[id] === "unproven")} without evidence; ` +
    `${verdict === "not ready" ? "in the way" : "open"}: ${count((id) => decisive.includes(id))}.`;
}

/** Show words in an element, or hide it if there are none. */
function tell(element, words) {
  element.hidden = !words;
  element.textContent = words;
}

/** Show of one question what its answer means and what it lacks. */
function showQuestion({ id, blocking, meanings, missing, means, action, boxes, lacks, withdraw },
  { status, refused, unassigned }, answer) {
  const unproven = status[id] === "unproven";
  const why = refused[id] ?? (unproven ? "Evidence is missing." : "");
  tell(missing, unproven ? `${why} Without evidence this answer does not count.` : why);
  tell(means, answer ? `${capital(answer)} means: ${meanings[answer]}` : "");
  const blocks = blocking && answer === "no" ? "A no to this question blocks. " : "";
  const gaps = unassigned[id]?.map((gap) => LACKS[gap]).join(", ");
  tell(lacks, (blocks + (gaps ? `Needed: ${gaps}.` : "")).trim());
  action.hidden = !["partly", "no"].includes(answer);
  if (boxes.condition) boxes.condition.closest("label").hidden = answer !== "partly";
  withdraw.hidden = !answer;
}

function start(form) {
  for (const choices of form.querySelectorAll(".xk-choices")) {
    choices.append(make("button", { type: "button", class: "xk-button xk-withdraw", hidden: true }, "Withdraw"));
  }
  const list = listOf(form);
  const select = form.elements.variant;
  const verdict = make("p", { class: "xk-answer-line", role: "status" });
  const said = make("p", { class: "xk-words", role: "status" });
  const levels = make("ul", { class: "xk-levels" });
  const decided = make("p");
  let before = empty();

  function sheet() {
    const now = { ...empty(), variant: select.value || null };
    for (const [field, box] of Object.entries(list.record)) if (box.value.trim()) now.record[field] = box.value.trim();
    for (const { id, radios, evidence, boxes } of asked(list, now.variant)) {
      const answer = radios.find((radio) => radio.checked);
      if (answer) now.answers[id] = answer.value;
      if (evidence.value.trim()) now.evidence[id] = evidence.value.trim();
      const action = Object.entries(boxes).filter(([, box]) => box.value.trim()).map(([field, box]) => [field, box.value.trim()]);
      if (action.length) now.actions[id] = Object.fromEntries(action);
    }
    return now;
  }

  function show() {
    const now = sheet();
    const found = judge(list, now);
    const here = asked(list, now.variant);
    const gaps = found.recordGaps.length ? ` (${found.recordGaps.join(", ")})` : "";
    verdict.textContent = `${capital(found.verdict)}. ${counts(here, found)}${gaps ? " Record incomplete." : ""}`;
    form.classList.toggle("xk-blank", !form.querySelector("input:checked"));
    for (const part of form.querySelectorAll(".xk-variant")) part.hidden = part.dataset.variant !== now.variant;
    for (const [field, box] of Object.entries(list.record)) {
      box.setAttribute("aria-invalid", box.value.trim() !== "" && found.recordGaps.includes(field));
    }
    for (const question of here) showQuestion(question, found, now.answers[question.id]);
    levels.replaceChildren(...list.levels.map((level) => make("li", {},
      `${capital(level)}: ${counts(here.filter((q) => q.level === level), found)}`)));
    const reasons = found.rules.map((rule) => rule.meaning + (rule.record ? gaps : "")).join(" ");
    decided.replaceChildren(reasons, ...found.decisive.flatMap((id, n) =>
      [n ? ", " : found.verdict === "not ready" ? " In the way: " : " Open: ", make("a", { href: `#question-${id}` }, id)]));
  }

  function keep() {
    try {
      localStorage.setItem(KEY, toJson(list, sheet()));
    } catch {
      said.textContent = "This browser keeps nothing for pages: save a file before you leave.";
    }
  }

  function fill({ variant, record, answers, evidence, actions }) {
    select.value = variant ?? "";
    for (const [field, box] of Object.entries(list.record)) box.value = record[field] ?? "";
    for (const { id, radios, evidence: box, boxes } of list.questions) {
      for (const radio of radios) radio.checked = radio.value === answers[id];
      box.value = evidence[id] ?? "";
      for (const [field, input] of Object.entries(boxes)) input.value = actions[id]?.[field] ?? "";
    }
    show();
  }

  /** What is to be done with answers to an older version. */
  const toDo = (migrated) => (migrated
    ? ` It answered version ${migrated}: answers and evidence are kept; fill in the record, the questions that are new, ` +
      "and owners and due dates, and replace evidence that is refused."
    : "");

  function restore() {
    try {
      const { sheet: kept, migrated } = fromJson(list, localStorage.getItem(KEY) ?? "");
      fill(kept);
      if (migrated) said.textContent = `Kept in this browser.${toDo(migrated)}`;
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
    const [chosen] = file.files;
    try {
      if (chosen.size > 4 * MAX_CHARACTERS) throw new Error("it is too long"); // A character has up to four bytes.
      const { sheet: found, migrated } = fromJson(list, await chosen.text());
      replace(found, `Opened ${chosen.name}. Undo brings the form back as it was.${toDo(migrated)}`);
    } catch (error) {
      said.textContent = `${chosen.name} was not opened: ${error.message}.`;
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
      example ? button("Fill in the chapter’s answers", () => replace(fromJson(list, example.textContent).sheet,
        "These are the chapter’s answers. Undo brings yours back.")) : "",
      button("Clear", () => replace(empty(), "Cleared. Undo brings it back.")), undo),
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

for (const form of globalThis.document?.querySelectorAll(".xk-checklist[data-list]") ?? []) start(form);
