import assert from "node:assert/strict";
import { test } from "node:test";

import { namings, rightNames } from "../../book/_live/equations.js";

test("without an equation every naming fits", () => {
  assert.equal(namings([]).length, 256);
});

test("two equations of one sum leave sixteen, as with a pencil", () => {
  const found = namings([[0, 3], [1, 2]]);
  assert.equal(found.length, 16);
  assert.ok(found.every((f) => f[0] + f[3] === 3 && f[1] + f[2] === 3));
});

test("a digit twice fixes its name, and a sum then that of its partner", () => {
  assert.deepEqual(namings([[0, 0], [0, 3], [1, 1], [1, 2]]), [[0, 1, 2, 3]]);
});

test("right names are counted by place", () => {
  assert.equal(rightNames([0, 1, 2, 3]), 4);
  assert.equal(rightNames([3, 2, 1, 0]), 0);
  assert.equal(rightNames([0, 2, 1, 3]), 2);
});
