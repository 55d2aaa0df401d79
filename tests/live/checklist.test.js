import assert from "node:assert/strict";
import { test } from "node:test";

import { fromJson, judge, toJson, toMarkdown } from "../../book/_live/verdict.js";

const words = ["yes", "partly", "no"];
const question = (id, level, blocking, needsEvidence = true) =>
  ({ id, level, blocking, needsEvidence, text: `Is ${id} so?`, radios: words.map((value) => ({ value })) });

const LIST = {
  title: "By hand",
  version: "1.0.0",
  levels: ["technical", "practical"],
  questions: [
    question("error", "technical", true),
    question("reasons", "technical", true),
    question("card", "practical", false, false),
  ],
  rules: [
    { verdict: "not ready", blocking: true, status: ["no", "unproven", "unanswered"], meaning: "Blocked." },
    { verdict: "ready with conditions", blocking: null, status: ["partly", "no", "unproven", "unanswered"], meaning: "Open." },
    { verdict: "ready", blocking: null, status: [], meaning: "Nothing is open." },
  ],
};
const BOTH = { error: "0.22", reasons: "letters 1 to 3" };
const sheet = (error, reasons, card, evidence = BOTH) => ({
  answers: Object.fromEntries(Object.entries({ error, reasons, card }).filter(([, answer]) => answer)),
  evidence,
});

for (const [given, verdict, decisive] of [
  [sheet("yes", "yes", "partly", { error: "0.22" }), "not ready", ["reasons"]],
  [sheet("yes", "yes", "partly"), "ready with conditions", ["card"]],
  [sheet("yes", "yes", "yes"), "ready", []],
  [sheet("yes", "yes"), "ready with conditions", ["card"]],
  [sheet("no", "yes", "yes"), "not ready", ["error"]],
  [sheet("yes", undefined, "no"), "not ready", ["reasons"]],
  [sheet(undefined, undefined, "yes"), "not ready", ["error", "reasons"]],
]) {
  test(`with the pencil: ${JSON.stringify(given)}`, () => {
    const found = judge(LIST, given);
    assert.equal(found.rule.verdict, verdict);
    assert.deepEqual(found.decisive, decisive);
  });
}

test("a no needs no evidence, a partly does, and evidence alone is no answer", () => {
  assert.deepEqual(judge(LIST, sheet("no", "partly", undefined, {})).status,
    { error: "no", reasons: "unproven", card: "unanswered" });
  assert.equal(judge(LIST, sheet(undefined, "yes", "yes")).status.error, "unanswered");
});

test("a file brings back what was saved", () => {
  const given = sheet("yes", "partly", "no");
  assert.deepEqual(fromJson(LIST, toJson(LIST, given)), given);
  assert.equal(JSON.parse(toJson(LIST, given)).verdict, "ready with conditions");
});

test("of a file is taken what fits the list, and evidence that is some", () => {
  const file = { ...JSON.parse(toJson(LIST, sheet())), version: "0.9.0", verdict: "ready" };
  file.answers = { error: "maybe", reasons: "no", gone: "yes", card: 1 };
  file.evidence = { error: { best: 0.64 }, reasons: "  ", card: false, gone: "x" };
  assert.deepEqual(fromJson(LIST, JSON.stringify(file)),
    { answers: { reasons: "no" }, evidence: { error: '{"best":0.64}' } });
  for (const nothing of [null, false, "", [], {}]) {
    file.evidence = { error: nothing };
    assert.deepEqual(fromJson(LIST, JSON.stringify(file)).evidence, {});
  }
  for (const some of [0, true, [0], "x"]) {
    file.evidence = { error: some };
    assert.ok(fromJson(LIST, JSON.stringify(file)).evidence.error);
  }
});

for (const odd of ["", "{", "null", "[]", "3", "{}", null, toJson({ ...LIST, title: "Another" }, sheet())]) {
  test(`what is not ours is refused: ${odd}`, () => {
    assert.throws(() => fromJson(LIST, odd), /it holds no answers to “By hand”/);
  });
}

test("in the report what somebody typed is no markup", () => {
  const report = toMarkdown(LIST, sheet("yes", "yes", "yes", { error: "<b>*\n # [x](y) `|" }));
  assert.ok(report.includes("  - Evidence: \\<b\\>\\* \\# \\[x\\](y) \\`\\|\n"));
  assert.ok(report.startsWith("# By hand (version 1.0.0): not ready\n\nBlocked.\n\nDecided by: reasons.\n"));
});
