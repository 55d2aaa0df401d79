import assert from "node:assert/strict";
import { test } from "node:test";

import { forget, read, recordAnswer, recordLab } from "../../book/_live/progress.js";

function storage(kept = null) {
  const box = { text: kept };
  return {
    box,
    getItem: () => box.text,
    setItem: (_, text) => { box.text = text; },
    removeItem: () => { box.text = null; },
  };
}

const broken = new Proxy({}, { get() { throw new Error("storage is switched off"); } });

test("answers and labs are kept, each once", () => {
  const place = storage();
  recordAnswer("local/shapley", "b", 8, place);
  recordAnswer("local/shapley", "a", 8, place);
  recordAnswer("local/shapley", "a", 8, place);
  recordLab("l03_shapley", true, place);
  assert.deepEqual(read(place), {
    quizzes: { "local/shapley": { right: ["a", "b"], of: 8 } },
    labs: { l03_shapley: true },
  });
  recordLab("l03_shapley", false, place);
  assert.deepEqual(read(place).labs, {});
});

test("to forget leaves nothing", () => {
  const place = storage();
  recordLab("l03_shapley", true, place);
  forget(place);
  assert.equal(place.box.text, null);
  assert.deepEqual(read(place), { quizzes: {}, labs: {} });
});

const strange = ["null", "7", "{}", '{"right": 7}', '{"right": "ab", "of": 2}'].map((quiz) => `{"quizzes": {"a": ${quiz}}, "labs": {}}`);
for (const odd of ["", "null", "[]", "{", '{"quizzes": 1, "labs": {}}', '{"labs": {}}', ...strange]) {
  test(`what is not ours counts as nothing: ${odd}`, () => {
    assert.deepEqual(read(storage(odd)), { quizzes: {}, labs: {} });
  });
}

test("a browser that gives no storage at all keeps nothing", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get() { throw new Error("off"); } });
  try {
    assert.deepEqual(read(), { quizzes: {}, labs: {} });
    assert.equal(recordAnswer("local/shapley", "a", 8), false);
    assert.equal(recordLab("l03_shapley", true), false);
    assert.doesNotThrow(() => forget());
  } finally {
    if (own) Object.defineProperty(globalThis, "localStorage", own);
    else delete globalThis.localStorage;
  }
});

test("without storage nothing is kept, and it says so", () => {
  assert.deepEqual(read(broken), { quizzes: {}, labs: {} });
  assert.equal(recordLab("l03_shapley", true, broken), false);
  assert.doesNotThrow(() => forget(broken));
});
