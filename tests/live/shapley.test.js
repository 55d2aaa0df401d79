import assert from "node:assert/strict";
import { test } from "node:test";

import { explain, shapleyValues } from "../../book/_live/shapley.js";
import { predictor, probability } from "../../book/_live/trees.js";

const near = (got, truth) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < 1e-12, `${got} is not ${truth}`));

function game(n, worthOf) {
  return Array.from({ length: 2 ** n }, (_, s) =>
    worthOf([...Array(n).keys()].filter((i) => s & (1 << i))));
}

test("published solutions", () => {
  const glove = game(3, (S) => Math.min(S.filter((i) => i < 2).length, S.includes(2) ? 1 : 0));
  near(shapleyValues(glove), [1 / 6, 1 / 6, 2 / 3]);
  const airport = game(3, (S) => Math.max(0, ...S.map((i) => [1, 2, 4][i])));
  near(shapleyValues(airport), [1 / 3, 5 / 6, 17 / 6]);
  const voting = game(3, (S) => Number(S.reduce((sum, i) => sum + [50, 49, 1][i], 0) >= 51));
  near(shapleyValues(voting), [2 / 3, 1 / 6, 1 / 6]);
  const unanimity = game(4, (S) => Number(S.includes(0) && S.includes(2)));
  near(shapleyValues(unanimity), [1 / 2, 0, 1 / 2, 0]);
});

test("a linear model: weight times the distance from the mean", () => {
  const f = predictor({ weights: [2, -1, 0.5], offset: 3 });
  const background = [[0, 1, 2], [2, 3, 4]];
  const { base, values } = explain(f, [4, 0, 1], background);
  near([base, ...values], [3 + 2 - 2 + 1.5, 2 * 3, 2, 0.5 * -2]);
});

test("a product against its closed form", () => {
  const background = [[1, 4], [3, 2], [2, 0]];
  const [m1, m2, c] = [2, 2, 10 / 3];
  const { values } = explain((row) => row[0] * row[1], [5, 3], background);
  near(values, [(5 * m2 - c + (15 - m1 * 3)) / 2, (m1 * 3 - c + (15 - 5 * m2)) / 2]);
});

test("a tree goes left at its threshold, as a float32", () => {
  const tree = { feature: [0, -2, -2], threshold: [0.1, -2, -2], left: [1, -1, -1], right: [2, -1, -1], value: [0, -1, 1] };
  const f = predictor({ trees: [tree, tree], offset: 10 });
  // 0.1 as a float32 is a little more than 0.1.
  assert.deepEqual([0, 0.0999, 0.1, 0.2].map((x) => f([x])), [8, 8, 12, 12]);
});

test("log-odds of 0 are a half", () => assert.equal(probability(0), 0.5));
