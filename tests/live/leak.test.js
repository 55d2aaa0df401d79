import assert from "node:assert/strict";
import { test } from "node:test";

import { planted, solve } from "../../book/_live/regression.js";

const near = (got, truth) => assert.ok(Math.abs(got - truth) < 1e-12, `${got} is not ${truth}`);

test("two equations worked with a pencil, the first pivot zero", () => {
  const [x, y] = solve([[0, 2], [3, 1]], [4, 5]);
  near(x, 1);
  near(y, 2);
});

test("with the cause alone both scores are four fifths", () => {
  const { weights, shares, reported, use } = planted(0.1, 0.2, [0]);
  assert.deepEqual(weights, [2, 0, 0]);
  assert.deepEqual(shares, [1, 0, 0]);
  near(reported, 0.8);
  near(use, 0.8);
});

test("given the leak, its copy says nothing more", () => {
  near(planted(0.5, 1, [0, 1, 2]).weights[2], 0);
  // Of 1 + a the leak has the share 1 / (1 + a) of what x leaves; x keeps 2 a / (1 + a).
  near(planted(1, 1, [0, 1]).weights[1], 0.5);
  near(planted(1, 1, [0, 1]).weights[0], 1);
});

test("dropping the leak leaves its copy in its place", () => {
  const { shares, reported, use } = planted(0.1, 0.2, [0, 2]);
  assert.equal(shares[1], 0);
  assert.ok(shares[2] > 0.9 && reported > 0.98 && use < 0.1);
});
