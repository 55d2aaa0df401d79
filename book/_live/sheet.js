// The file of a filled-in checklist: written and read as `xaikit.checklist` does, version 1 too.

import { asked, empty, judge } from "./verdict.js";

const FORMAT = "xaikit.Evaluation/2";
const OLD_FORMAT = "xaikit.Evaluation/1";
const OLD_VERSION = /^1\.[0-9]{1,9}\.[0-9]{1,9}$/;
const ACTION = ["owner", "due", "condition"];
const MAX_TEXT = 2000;
export const MAX_CHARACTERS = 1_000_000;

/** The file that `Evaluation.from_json` reads. */
export function toJson(list, sheet) {
  const { title, version } = list;
  const { variant, record, answers, evidence, actions } = sheet;
  return JSON.stringify({
    format: FORMAT, title, version, variant, verdict: judge(list, sheet).verdict, record, answers, evidence, actions,
  }, null, 1);
}

function refuse(words) {
  throw new Error(words);
}

/** Evidence in one line, as Python puts it; null, false and what is empty are none. */
function asText(value, depth = 0) {
  if (value === null || value === undefined) return "";
  if (value === true) return "holds";
  if (value === false) return depth ? "does not hold" : "";
  if (typeof value === "string") return value.trim();
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  if (depth > 2) refuse("evidence in it is nested too deep");
  if (Array.isArray(value)) return value.map((item) => asText(item, depth + 1)).join(", ");
  return Object.entries(value).map(([key, item]) => `${key} ${asText(item, depth + 1)}`).join("; ");
}

/** The entries of a part by id, each of them asked in this list. */
function entries(file, part, ids) {
  const given = file[part];
  if (typeof given !== "object" || given === null || Array.isArray(given)) refuse(`its ${part} are no object`);
  for (const id of Object.keys(given)) {
    if (!ids.has(id)) refuse(`its ${part} name “${id.slice(0, 40)}”, which this list does not ask for`);
  }
  return Object.entries(given);
}

/** The texts of a part that are not empty, each under a key that it may have. */
function texts(file, part, keys) {
  const kept = {};
  for (const [key, value] of entries(file, part, new Set(keys))) {
    if (value !== null && typeof value !== "string") refuse(`“${key}” in its ${part} is no text`);
    if (value?.trim().length > MAX_TEXT) refuse(`“${key}” in its ${part} is too long`);
    if (value?.trim()) kept[key] = value.trim();
  }
  return kept;
}

/** The file as an object, of this list and of a version that is read. */
function opened({ title, version, variants }, text) {
  if (text.length > MAX_CHARACTERS) refuse("it is too long");
  let file = null;
  try { file = JSON.parse(text); } catch { /* What is not JSON is no file of ours either. */ }
  if (![FORMAT, OLD_FORMAT].includes(file?.format) || file.title !== title) refuse(`it holds no answers to “${title}”`);
  const old = file.format === OLD_FORMAT;
  if (old ? !OLD_VERSION.test(file.version) : file.version !== version) {
    refuse(`it answers version ${String(file.version).slice(0, 20)}; open it in the book of that version, or answer this one`);
  }
  if (old) return { ...file, variant: null, record: {}, actions: {}, migrated: file.version };
  if (file.variant !== null && !variants.some(({ id }) => id === file.variant)) refuse("it is of a variant that this list does not have");
  return file;
}

/** The sheet in a file; `migrated` is the version that it answered, if that was an older one. */
export function fromJson(list, text) {
  const file = opened(list, text);
  const questions = asked(list, file.variant);
  const ids = new Set(questions.map(({ id }) => id));
  const sheet = { ...empty(), variant: file.variant, record: texts(file, "record", list.fields) };
  for (const [id, answer] of entries(file, "answers", ids)) {
    if (!Object.hasOwn(questions.find((q) => q.id === id).meanings, answer)) refuse(`its answer to “${id}” is none of the question’s`);
    sheet.answers[id] = answer;
  }
  for (const [id, value] of entries(file, "evidence", ids)) {
    const found = asText(value);
    if (found) sheet.evidence[id] = found;
  }
  for (const [id] of entries(file, "actions", ids)) {
    const kept = texts(file.actions, id, ACTION);
    if (Object.keys(kept).length) sheet.actions[id] = kept;
  }
  return { sheet, migrated: file.migrated };
}
