// Which texts are evidence, and which a placeholder for it: as `xaikit.checklist` finds it.
// A rule has `least`, `wanted`, `refused` by kind, and the words that do not count.

// Letters of scripts that put no space between words count one by one; of all others a run
// of two or more is a word. xaikit/checklist/_evidence.py has the same expression.
const LETTER = String.raw`[\p{L}\p{Nl}\p{No}]`;
const WORD = new RegExp(String.raw`(?=${LETTER})[\u0e00-\u0eff\u1780-\u17ff\u2e80-\uffff]|${LETTER}{2,}`, "gu");
const DAY = /^\d{4}-\d\d-\d\d$/;

const NUMBER = "[0-9]+(?:[.,:/-][0-9]+)*";
const TOKEN = new RegExp(`${NUMBER}|${WORD.source}`, "gu");
const DAY_OR_YEAR = /^(?:(?:19|20)[0-9]{2}|[0-9]+([./-])[0-9]+\1[0-9]+)$/;

const plain = (text) => text.normalize("NFKC").toLowerCase();
const words = (text) => new Set(plain(text).match(WORD) ?? []);
const meets = (found, list) => list.some((word) => found.has(word));
const without = (found, list) => new Set([...found].filter((word) => !list.includes(word)));

/** Whether a text has a number that is no page, section, day or year. */
function hasFinding({ references }, text) {
  const tokens = plain(text).match(TOKEN) ?? [];
  return tokens.some((token, n) => /^[0-9]/.test(token) && !DAY_OR_YEAR.test(token) &&
    !references.includes(tokens[n - 1]) && !references.includes(tokens[n + 1]));
}

/** Why a text is no evidence, in a word; undefined if it counts. */
export function kind(rule, text) {
  const found = words(text);
  const said = without(without(found, rule.placeholders), rule.references);
  if (!found.size) return "wordless";
  if (meets(found, rule.unfinished)) return "unfinished";
  if (!said.size) return meets(found, rule.references) ? "reference" : "placeholder";
  return said.size + hasFinding(rule, text) < rule.least ? "short" : undefined;
}

/** What is wrong with a text as evidence, and what evidence looks like; "" if it counts. */
export function refusal(rule, text) {
  const why = kind(rule, text);
  return why ? `${rule.refused[why]} ${rule.wanted}` : "";
}

/** Whether a short text, such as a name, is more than a placeholder. */
export function names(rule, text) {
  const found = words(text);
  if (meets(found, rule.unfinished)) return false;
  return without(found, rule.placeholders).size > 0 || /[0-9]/.test(plain(text));
}

/** Whether a text is a day of the calendar, written as 2026-11-30. */
export function isDay(text) {
  if (!DAY.test(text) || text.startsWith("0000")) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
