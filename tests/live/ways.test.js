import assert from "node:assert/strict";
import { test } from "node:test";

import { allowed, waysBack } from "../../book/_live/ways.js";

const whole = (from, to) => Array.from({ length: to - from + 1 }, (_, k) => [from + k, Math.abs(from + k)])
  .filter(([, length]) => length > 0).sort((a, b) => a[1] - b[1]);

test("of a sum that must reach 5, two equal steps are nearer than one", () => {
  const ways = waysBack(([a, b]) => a + b >= 5, [0, 0], [whole(-9, 9), whole(-9, 9)], 2);
  assert.deepEqual(ways.map(({ columns }) => columns), [[0, 1], [0], [1]]);
  assert.ok(Math.abs(ways[0].distance - Math.hypot(2, 3)) < 1e-12);
  assert.deepEqual(ways[1].row, [5, 0]);
  assert.equal(waysBack(([a, b]) => a + b >= 5, [0, 0], [whole(-9, 9), []], 2).length, 1);
});

test("a way that asks for all of a nearer one, and more, is left out", () => {
  const ways = waysBack(([a, , c]) => a >= 1 || c >= 4, [0, 0, 0], [whole(0, 9), whole(0, 9), whole(0, 9)], 3);
  assert.deepEqual(ways.map(({ columns, distance }) => [columns, distance]), [[[0], 1], [[2], 4]]);
});

test("the nearest of all rows is found, whatever their number", () => {
  const passes = ([a, b, c]) => a * b - c > 11 && (a + c) % 3 === 1;
  const steps = [whole(-6, 6), whole(-6, 6), whole(-6, 6)];
  let least = Infinity;
  for (let a = -6; a <= 6; a += 1) for (let b = -6; b <= 6; b += 1) for (let c = -6; c <= 6; c += 1) {
    if (passes([a, b, c])) least = Math.min(least, Math.hypot(a, b, c));
  }
  const [way] = waysBack(passes, [0, 0, 0], steps, 3);
  assert.ok(passes(way.row) && Math.abs(way.distance - least) < 1e-12);
  assert.deepEqual(waysBack(() => false, [0, 0, 0], steps, 3), []);
});

test("a column stays, falls, rises or changes", () => {
  const steps = [[4, 1], [6, 1], [2, 3]];
  assert.deepEqual(["stays", "falls", "rises", "changes"].map((move) => allowed(steps, 5, move).length), [0, 2, 1, 3]);
});
