// What the answers to a checklist add up to, as `xaikit.checklist` finds it, and its report.
// A list has a title, a version, levels, questions, rules and variants; a sheet has a variant,
// a record, and answers, evidence and actions by id.

import { isDay, kind, names, refusal } from "./evidence.js";

const LACKS = { owner: "no owner", due: "no due date", condition: "no condition" };

export const capital = (text) => text[0].toUpperCase() + text.slice(1);
export const empty = () => ({ variant: null, record: {}, answers: {}, evidence: {}, actions: {} });

/** The questions that are asked in this variant. */
export const asked = ({ questions }, variant) => questions.filter((q) => !q.variant || q.variant === variant);

/** What an open answer lacks; a day before the record's is no promise. */
function actionGaps(rule, { owner = "", due = "", condition = "" }, withCondition, today = "") {
  const gaps = [];
  if (!names(rule, owner)) gaps.push("owner");
  if (!isDay(due) || (isDay(today) && due < today)) gaps.push("due");
  if (withCondition && kind(rule, condition)) gaps.push("condition");
  return gaps;
}

/** The ids that make a rule fit; null if it does not fit. */
function fitting(rule, questions, { status, unassigned, recordGaps }) {
  if (rule.record) return recordGaps.length ? [] : null;
  const ids = questions.filter((q) => rule.status.includes(status[q.id]) &&
    [null, q.blocking].includes(rule.blocking) &&
    [null, !unassigned[q.id]].includes(rule.assigned)).map((q) => q.id);
  return ids.length || !rule.status.length ? ids : null;
}

/** The status of each question, what was refused, what is missing, and the verdict. */
export function judge(list, sheet) {
  const { rules, evidence: rule, fields } = list;
  const questions = asked(list, sheet.variant);
  const [refused, status, unassigned] = [{}, {}, {}];
  for (const { id, needsEvidence, blocking } of questions) {
    const why = sheet.evidence[id] ? refusal(rule, sheet.evidence[id]) : "";
    if (why) refused[id] = why;
    const answer = sheet.answers[id] ?? "unanswered";
    const proven = sheet.evidence[id] && !why;
    status[id] = ["no", "unanswered"].includes(answer) || !needsEvidence || proven ? answer : "unproven";
    if (!["partly", "no"].includes(status[id])) continue;
    const gaps = actionGaps(rule, sheet.actions[id] ?? {}, blocking && status[id] === "partly", sheet.record.date);
    if (gaps.length) unassigned[id] = gaps;
  }
  const says = (field, text) => (field === "date" ? isDay(text) : names(rule, text));
  const recordGaps = fields.filter((field) => !says(field, sheet.record[field] ?? ""));
  const fits = rules.map((each) => [each, fitting(each, questions, { status, unassigned, recordGaps })]);
  const first = fits.find(([, ids]) => ids);
  const { verdict } = first[0];
  const found = fits.filter(([each, ids]) => ids && each.verdict === verdict);
  const decisive = questions.map((q) => q.id).filter((id) => found.some(([, ids]) => ids.includes(id)));
  return { verdict, rules: found.map(([each]) => each), status, decisive, refused, unassigned, recordGaps };
}

/** What somebody typed, in one line and not as markup. */
const plain = (text = "") => text.replace(/[\\`*_[\]<>#|]/g, "\\$&").trim().split(/\s+/).join(" ");

/** What the report says about one question. */
function linesOf({ id, blocking, text, meanings }, sheet, { status, refused, unassigned }) {
  const lines = [`- **${status[id]}**${blocking ? " (blocking)" : ""}: ${text}`];
  if (sheet.answers[id]) lines.push(`  - This answer means: ${meanings[sheet.answers[id]]}`);
  lines.push(`  - Evidence: ${plain(sheet.evidence[id]) || "none"}`);
  if (refused[id]) lines.push(`  - Refused: ${refused[id]}`);
  for (const field of ["owner", "due", "condition"]) {
    const value = plain(sheet.actions[id]?.[field]);
    if (value) lines.push(`  - ${capital(field)}: ${value}`);
  }
  if (unassigned[id]) lines.push(`  - Lacks: ${unassigned[id].map((field) => LACKS[field]).join(", ")}`);
  return lines;
}

/** The report that `Evaluation.to_markdown` gives. */
export function toMarkdown(list, sheet) {
  const found = judge(list, sheet);
  const variant = list.variants.find(({ id }) => id === sheet.variant);
  const lines = [`# ${list.title} (version ${list.version}${variant ? `, ${variant.id}` : ""}): ${found.verdict}`, ""];
  lines.push(...found.rules.map((rule) => rule.meaning), "");
  if (found.decisive.length) lines.push(`Decided by: ${found.decisive.join(", ")}.`, "");
  for (const field of list.fields) {
    const value = plain(sheet.record[field]);
    const missing = value && found.recordGaps.includes(field) ? " (does not count)" : "";
    lines.push(`- ${capital(field)}: ${value || "missing"}${missing}`);
  }
  lines.push("");
  for (const level of list.levels) {
    lines.push(`## ${capital(level)}`, "");
    for (const question of asked(list, sheet.variant).filter((q) => q.level === level)) {
      lines.push(...linesOf(question, sheet, found));
    }
    lines.push("");
  }
  if (variant) lines.push("## Law", "", ...variant.law.map((law) => `- ${law.text}: ${law.says} (${law.applies})`), "");
  return [...lines, "Answered by, date:  ", "Read by, date:", ""].join("\n");
}
