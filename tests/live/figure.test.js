import assert from "node:assert/strict";
import { test } from "node:test";

import { keyed, signed } from "../../book/_live/figure.js";

test("a key stands for what it is to mean, and for nothing in a shortcut", () => {
  const meanings = { ArrowLeft: [-1, 0], " ": [0, 0] };
  assert.deepEqual(keyed({ key: "ArrowLeft", shiftKey: true }, meanings), [-1, 0]);
  assert.deepEqual(keyed({ key: " " }, meanings), [0, 0]);
  assert.equal(keyed({ key: "a" }, meanings), undefined);
  for (const held of ["altKey", "ctrlKey", "metaKey"]) {
    assert.equal(keyed({ key: "ArrowLeft", [held]: true }, meanings), undefined);
  }
});

test("a number has its sign, and nothing has none", () => {
  assert.deepEqual([0.126, -0.126, -0.001, 0].map((number) => signed(number)), ["+0.13", "−0.13", "0.00", "0.00"]);
});
