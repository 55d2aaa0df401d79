import assert from "node:assert/strict";
import { test } from "node:test";

import { additiveFit } from "../../book/_live/additive.js";

// The chapter's town, days off first: 10 and 40, working days 50 and 20.
const town = [[10, 40], [50, 20]];
const near = (got, truth) => got.flat().forEach((value, k) =>
  assert.ok(Math.abs(value - truth.flat()[k]) < 1e-9, `${got} is not ${truth}`));

test("half and half, the hour says nothing", () => {
  const { fitted, r2 } = additiveFit(town, 0.5);
  near(fitted, [[25, 25], [35, 35]]);
  near([r2], [100 / 1000]); // 25 of a variance of 250
});

test("the mix turns the sign of the hour", () => {
  const step = (share) => {
    const [[eight, two]] = additiveFit(town, share).fitted;
    return eight - two;
  };
  near([step(0.25), step(0.75)], [15, -15]);
});

test("a table without an interaction is met exactly, whatever the mix", () => {
  const sum = [[1, 2, 5], [11, 12, 15]];
  for (const share of [0.05, 0.4, 0.95]) {
    const { fitted, r2 } = additiveFit(sum, share);
    near(fitted, sum);
    near([r2], [1]);
  }
});
