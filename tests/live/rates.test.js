import assert from "node:assert/strict";
import { test } from "node:test";

import { closest, gap, rates } from "../../book/_live/rates.js";

const scores = [0.9, 0.8, 0.6, 0.4, 0.2];
const good = [1, 0, 1, 1, 0];

test("five rates are four counts and some divisions", () => {
  assert.deepEqual(rates(scores, good, 0.5), { accuracy: 3 / 5, selection: 3 / 5, tpr: 2 / 3, fpr: 1 / 2, precision: 2 / 3 });
});

test("a score on the threshold gets the offer, and without offers there is no precision", () => {
  assert.equal(rates(scores, good, 0.9).selection, 0.2);
  assert.ok(Number.isNaN(rates(scores, good, 0.95).precision));
});

test("the closest pair is that of brute force, and of equals the most accurate", () => {
  const groups = [{ scores, good }, { scores: [0.7, 0.5, 0.3, 0.1], good: [1, 0, 0, 0] }];
  const levels = [0.1, 0.3, 0.5, 0.7, 0.9];
  // Found is 1 for both at many levels: the most accurate are 0.3 (4 of 5) and 0.7 (4 of 4).
  const found = closest(groups, levels, ["tpr"]);
  assert.equal(found.apart, 0);
  assert.deepEqual(found.levels, [0.3, 0.7]);
  let least = Infinity;
  for (const a of levels) {
    for (const b of levels.slice(0, 4)) { // from 0.9 on nobody of the second group is left
      const [one, other] = [rates(scores, good, a), rates(groups[1].scores, groups[1].good, b)];
      least = Math.min(least, Math.max(gap(one, other, "fpr"), gap(one, other, "precision")));
    }
  }
  assert.equal(closest(groups, levels, ["fpr", "precision"]).apart, least);
});
