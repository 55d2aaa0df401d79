// What the answers to a checklist add up to, as `xaikit.checklist` finds it, and its files.
// A list has a title, a version, levels, questions and rules; a sheet has answers and evidence by id.

const FORMAT = "xaikit.Evaluation/1";

export const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** The status of each question, the first rule that fits, and the ids that make it fit. */
export function judge({ questions, rules }, sheet) {
  const status = Object.fromEntries(questions.map(({ id, needsEvidence }) => {
    const answer = sheet.answers[id] ?? "unanswered";
    const stands = ["no", "unanswered"].includes(answer) || !needsEvidence || sheet.evidence[id];
    return [id, stands ? answer : "unproven"];
  }));
  let decisive = [];
  const rule = rules.find((each) => {
    const fits = (q) => each.status.includes(status[q.id]) && [null, q.blocking].includes(each.blocking);
    decisive = questions.filter(fits).map((q) => q.id);
    return decisive.length || !each.status.length;
  });
  return { status, rule, decisive };
}

/** The file that `Evaluation.from_json` reads. */
export function toJson(list, sheet) {
  const { title, version } = list;
  return JSON.stringify({ format: FORMAT, title, version, verdict: judge(list, sheet).rule.verdict, ...sheet }, null, 1);
}

/** What somebody typed, in one line and not as markup. */
const plain = (text = "") => text.trim().split(/\s+/).join(" ").replace(/[\\`*_[\]<>#|]/g, "\\$&");

/** The report that `Evaluation.to_markdown` gives. */
export function toMarkdown(list, sheet) {
  const { status, rule, decisive } = judge(list, sheet);
  const lines = [`# ${list.title} (version ${list.version}): ${rule.verdict}`, "", rule.meaning, ""];
  if (decisive.length) lines.push(`Decided by: ${decisive.join(", ")}.`, "");
  for (const level of list.levels) {
    lines.push(`## ${capital(level)}`, "");
    for (const { id, blocking, text } of list.questions.filter((q) => q.level === level)) {
      lines.push(`- **${status[id]}**${blocking ? " (blocking)" : ""}: ${text}`);
      lines.push(`  - Evidence: ${plain(sheet.evidence[id]) || "none"}`);
    }
    lines.push("");
  }
  return [...lines, "Answered by, date:  ", "Read by, date:", ""].join("\n");
}

/** Evidence as text; None, False and what is empty are none. */
function evidenceText(value) {
  if (typeof value === "string") return value.trim();
  const text = JSON.stringify(value ?? false);
  return ["false", "[]", "{}"].includes(text) ? "" : text;
}

/** The sheet in a file, as far as it fits the list: an id keeps its meaning in all versions. */
export function fromJson({ title, questions }, text) {
  let file = null;
  try { file = JSON.parse(text); } catch { /* What is not JSON is no file of ours either. */ }
  if (file?.format !== FORMAT || file.title !== title || !file.answers || !file.evidence) {
    throw new Error(`it holds no answers to “${title}”`);
  }
  const sheet = { answers: {}, evidence: {} };
  for (const { id, radios } of questions) {
    if (radios.some((radio) => radio.value === file.answers[id])) sheet.answers[id] = file.answers[id];
    const found = evidenceText(file.evidence[id]);
    if (found) sheet.evidence[id] = found;
  }
  return sheet;
}
