import assert from "node:assert/strict";
import { test } from "node:test";

import { mean, meanShares, shares, toMove } from "../../book/_live/credit.js";

const near = (got, truth) => assert.ok(Math.abs(got - truth) < 1e-12, `${got} is not ${truth}`);

test("the four charts of the chapter, worked with a pencil", () => {
  const right = [4, 2, 0];
  near(toMove([4, 2, 0], right), 0);
  near(toMove([2, 2, 2], right), 1 / 3);
  near(toMove([6, 0, 0], right), 1 / 3);
  near(toMove([5, 1, 0], right), 1 / 6);
});

test("size alone counts: neither sign nor scale", () => {
  near(toMove([-40, 20, 0], [4, 2, 0]), 0);
  near(toMove([0, 0, 3], [1, 0, 0]), 1);
});

test("a chart of nothing shares equally", () => {
  assert.deepEqual(shares([0, 0, 0, 0]), [0.25, 0.25, 0.25, 0.25]);
  near(toMove([0, 0], [1, 0]), 0.5);
});

test("errors of rows may cancel in their mean", () => {
  const given = [[1, 0], [0, 1]];
  const right = [[0, 1], [1, 0]];
  near(mean(given.map((row, n) => toMove(row, right[n]))), 1);
  near(toMove(meanShares(given), meanShares(right)), 0);
});
