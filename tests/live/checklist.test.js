import assert from "node:assert/strict";
import { test } from "node:test";

import { isDay, kind, names } from "../../book/_live/evidence.js";
import { fromJson, toJson } from "../../book/_live/sheet.js";
import { judge, toMarkdown } from "../../book/_live/verdict.js";

const MEANINGS = { yes: "It holds.", partly: "Some of it.", no: "It does not." };
const question = (id, level, blocking, needsEvidence = true, variant = null) =>
  ({ id, level, blocking, needsEvidence, variant, text: `Is ${id} so?`, meanings: MEANINGS });
const rule = (verdict, rest) =>
  ({ verdict, blocking: null, status: [], assigned: null, record: null, meaning: `${verdict}.`, ...rest });

const LIST = {
  title: "By hand",
  version: "2.0.0",
  levels: ["technical", "practical"],
  fields: ["model", "date"],
  questions: [
    question("error", "technical", true),
    question("reasons", "technical", true),
    question("card", "practical", false, false),
    question("union", "practical", true, true, "hiring"),
  ],
  variants: [{ id: "hiring", law: [{ text: "A law", says: "ask", applies: "in force" }] }],
  rules: [
    rule("not ready", { blocking: true, status: ["no"] }),
    rule("not ready", { status: ["unproven", "unanswered"] }),
    rule("not ready", { status: ["partly", "no"], assigned: false }),
    rule("not ready", { record: "incomplete" }),
    rule("ready with conditions", { status: ["partly", "no"] }),
    rule("ready", {}),
  ],
  evidence: {
    least: 3, wanted: "Say what was found.",
    refused: { unfinished: "Unfinished.", wordless: "No words.", placeholder: "A placeholder.", reference: "Only a place.", short: "Too short." },
    unfinished: ["todo"], placeholders: ["none", "see", "the"], references: ["page", "report"],
  },
};
const PROOF = { error: "median error 0.22 on new cases", reasons: "letters one to three were read aloud" };
const OWNED = { owner: "A. Weber", due: "2027-01-31" };
const sheet = (error, reasons, card, { evidence = PROOF, actions = {}, record = { model: "Credit 3", date: "2026-11-30" }, variant = null } = {}) => ({
  variant, record, actions, evidence,
  answers: Object.fromEntries(Object.entries({ error, reasons, card }).filter(([, answer]) => answer)),
});

for (const [name, given, verdict, decisive] of [
  ["all yes", sheet("yes", "yes", "yes"), "ready", []],
  ["a no that blocks", sheet("no", "yes", "yes", { actions: { error: OWNED } }), "not ready", ["error"]],
  ["no evidence", sheet("yes", "yes", "yes", { evidence: { error: PROOF.error } }), "not ready", ["reasons"]],
  ["a placeholder for it", sheet("yes", "yes", "yes", { evidence: { ...PROOF, reasons: "see page 3" } }), "not ready", ["reasons"]],
  ["no answer", sheet("yes", undefined, "yes"), "not ready", ["reasons"]],
  ["open without an owner", sheet("yes", "yes", "no"), "not ready", ["card"]],
  ["open, and owned", sheet("yes", "yes", "no", { actions: { card: OWNED } }), "ready with conditions", ["card"]],
  ["due before the record", sheet("yes", "yes", "no", { actions: { card: { ...OWNED, due: "2026-11-29" } } }), "not ready", ["card"]],
  ["a partly that blocks, without its condition", sheet("partly", "yes", "yes", { actions: { error: OWNED } }), "not ready", ["error"]],
  ["and with it", sheet("partly", "yes", "yes", { actions: { error: { ...OWNED, condition: "only beside a second reader" } } }), "ready with conditions", ["error"]],
  ["no record", sheet("yes", "yes", "yes", { record: { model: "Credit 3" } }), "not ready", []],
  ["a question of the variant", sheet("yes", "yes", "yes", { variant: "hiring" }), "not ready", ["union"]],
]) {
  test(`with the pencil: ${name}`, () => {
    const found = judge(LIST, given);
    assert.equal(found.verdict, verdict);
    assert.deepEqual(found.decisive, decisive);
  });
}

for (const [text, wanted] of [
  ["", "wordless"], ["...", "wordless"], ["TODO ask the bank", "unfinished"], ["none", "placeholder"],
  ["see the report, page 3", "reference"], ["error measured", "short"], ["error measured: 0.22", undefined],
  ["error measured 2026-11-30", "short"], ["error measured on new cases", undefined],
]) {
  test(`evidence or not: “${text}”`, () => assert.equal(kind(LIST.evidence, text), wanted));
}

test("a name is more than a placeholder, and a day one of the calendar", () => {
  assert.ok(names(LIST.evidence, "A. Weber") && names(LIST.evidence, "v3"));
  for (const nobody of ["", "?", "none", "todo"]) assert.ok(!names(LIST.evidence, nobody));
  assert.ok(isDay("2028-02-29"));
  for (const none of ["2027-02-29", "29.2.2028", "2026-13-01", "0000-01-01", ""]) assert.ok(!isDay(none));
});

test("a file brings back what was saved", () => {
  const given = sheet("yes", "partly", "no", { actions: { card: OWNED }, variant: "hiring" });
  assert.deepEqual(fromJson(LIST, toJson(LIST, given)), { sheet: given, migrated: undefined });
  assert.equal(JSON.parse(toJson(LIST, given)).verdict, "not ready");
});

test("a file of version 1 is judged anew, without record, owners and dates", () => {
  const old = { format: "xaikit.Evaluation/1", title: "By hand", version: "1.0.0", verdict: "ready",
    answers: { error: "yes" }, evidence: { error: { best: 0.64 }, reasons: "  ", card: false } };
  const { sheet: found, migrated } = fromJson(LIST, JSON.stringify(old));
  assert.equal(migrated, "1.0.0");
  assert.deepEqual(found, { variant: null, record: {}, answers: { error: "yes" }, evidence: { error: "best 0.64" }, actions: {} });
  assert.equal(judge(LIST, found).verdict, "not ready");
});

const changed = (change) => JSON.stringify({ ...JSON.parse(toJson(LIST, sheet("yes"))), ...change });
for (const [odd, words] of [
  ["", /no answers to “By hand”/], ["{", /no answers/], ["null", /no answers/], ["[]", /no answers/], ["{}", /no answers/],
  [changed({ title: "Another" }), /no answers/], [changed({ version: "3.0.0" }), /answers version 3.0.0/],
  [changed({ variant: "health" }), /variant/], [changed({ answers: { gone: "yes" } }), /name “gone”/],
  [changed({ answers: { error: "maybe" } }), /is none of the question/], [changed({ answers: [] }), /no object/],
  [changed({ record: { model: 3 } }), /is no text/], [changed({ record: { model: "x".repeat(3000) } }), /too long/],
  [" ".repeat(1_000_001), /too long/],
]) {
  test(`what is not ours is refused: ${String(odd).slice(0, 60)}`, () => assert.throws(() => fromJson(LIST, odd), words));
}

test("in the report what somebody typed is no markup", () => {
  const typed = "<b>* one two three\n # [x](y) `|";
  const report = toMarkdown(LIST, sheet("yes", "yes", "yes", { evidence: { ...PROOF, error: typed } }));
  assert.ok(report.includes("  - Evidence: \\<b\\>\\* one two three \\# \\[x\\](y) \\`\\|\n"));
  assert.ok(report.includes("  - This answer means: It holds.\n"));
  assert.ok(report.startsWith("# By hand (version 2.0.0): ready\n\nready.\n\n- Model: Credit 3\n"));
});
