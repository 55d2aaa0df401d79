import assert from "node:assert/strict";
import { test } from "node:test";

import { correlated, importances } from "../../book/_live/removal.js";

const near = (got, truth, within = 1e-12) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < within, `${got} is not ${truth}`));

test("independent features and the right model: everything follows from the coefficients", () => {
  const found = importances({ r: 0, w: [2, -1], beta: [2, -1] });
  near(found.shuffled, [8, 2]);
  near(found.alike, [8, 2]);
  near(found.dropped, [4, 1]);
  near(found.shared, [4, 1]);
  near(found.size, [2 * Math.sqrt(2 / Math.PI), Math.sqrt(2 / Math.PI)]);
});

test("perfect twins: nothing beyond each other, whatever the model reads", () => {
  for (const w of [[2, 0], [1, 1]]) {
    const found = importances({ r: 1, w, beta: [2, 0] });
    near([...found.alike, ...found.dropped], [0, 0, 0, 0]);
    near(found.shuffled, [2 * w[0] ** 2, 2 * w[1] ** 2]);
    near(found.shared, [2 * w[0], 2 * w[1]]);
  }
});

test("the shares of the loss add up to what the model gains", () => {
  const [r, w, beta] = [0.6, [0.7, 1.4], [2, 0.5]];
  const gap = (a, b) => a * a + b * b + 2 * r * a * b;
  const gain = gap(...beta) - gap(beta[0] - w[0], beta[1] - w[1]);
  const { shared } = importances({ r, w, beta });
  near([shared[0] + shared[1]], [gain]);
});

test("a model that reads a feature the wrong way gains when it is permuted", () => {
  assert.ok(importances({ r: 0, w: [1, 1], beta: [2, -1] }).shuffled[1] < 0);
});

test("rows have the correlation that is asked for", () => {
  near(correlated([[1, 0], [0, 1]], 0.6).flat(), [1, 0.6, 0, 0.8]);
});
