import assert from "node:assert/strict";
import { test } from "node:test";

import { bestCuts, centred, differ, groupsOf, meanLine, places, spread } from "../../book/_live/ice.js";

const near = (got, truth, within = 1e-12) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < within, `${got} is not ${truth}`));

// Two lines that rise by 2 and two that fall, by the sign of the first feature.
const lines = [[-1, 1], [9, 11], [1, -1], [6, 4]];
const sign = [1, 2, -1, -2];
const other = [5, 6, 6, 5];

test("centred lines keep their shape, and their mean line is the mean", () => {
  assert.deepEqual(centred(lines), [[-1, 1], [-1, 1], [1, -1], [1, -1]]);
  assert.deepEqual(meanLine(centred(lines)), [0, 0]);
});

test("a feature is cut halfway between its values", () => {
  assert.deepEqual(places(sign), [-1.5, 0, 1.5]);
  assert.deepEqual(places([3, 3]), []);
});

test("the spread is 1 uncut, and nothing once cut where the lines part", () => {
  const shapes = centred(lines);
  near([spread(shapes, groupsOf(4, []))], [1]);
  near([spread(shapes, groupsOf(4, [{ values: sign, at: 0 }]))], [0]);
  near([spread(shapes, groupsOf(4, [{ values: other, at: 5.5 }]))], [1]);
  // By 1.5: one rising line alone, and one rising with two falling, whose mean is 1/3.
  near([spread(shapes, groupsOf(4, [{ values: sign, at: 1.5 }]))], [Math.sqrt(2 / 3)]);
  assert.deepEqual(bestCuts(shapes, [sign]), { left: 0, at: [0] });
});

test("two switches are found by two cuts at once, and by none alone", () => {
  const a = [1, 1, -1, -1];
  const b = [1, -1, 1, -1];
  const shapes = a.map((value, i) => [-value * b[i], value * b[i]]);
  near([bestCuts(shapes, [a]).left, bestCuts(shapes, [b]).left, bestCuts(shapes, [a, b]).left], [1, 1, 0]);
  assert.deepEqual(groupsOf(4, [{ values: a, at: 0 }, { values: b, at: 0 }]), [3, 1, 2, 0]);
});

test("the chosen rows differ most where their mean is farthest, in standard deviations", () => {
  const most = differ([other, sign], [true, true, false, false]);
  assert.equal(most.i, 1);
  near([most.inside, most.outside, most.by], [1.5, -1.5, 3 / Math.sqrt(2.5)]);
});
