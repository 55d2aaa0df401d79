import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, localLine, noise, worldOf } from "../../book/_live/local-line.js";

const near = (got, truth, within = 1e-9) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < within, `${got} is not ${truth}`));
const flatWorld = (f) => ({ f, mean: [0, 0], scale: [1, 1] });
const bare = { width: 0.7, n: 200, alpha: 0 };

test("the noise is standard normal, and the same for the same seed", () => {
  const pairs = noise(3, 20000);
  assert.deepEqual(noise(3, 20000), pairs);
  assert.notDeepEqual(noise(4, 2), noise(3, 2));
  const mean = (of) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  near([mean(([a]) => a), mean(([, b]) => b), mean(([a, b]) => a * b)], [0, 0, 0], 0.03);
  near([mean(([a]) => a * a), mean(([, b]) => b * b)], [1, 1], 0.05);
});

test("a linear model comes back exactly, in units of its columns", () => {
  const world = { f: ([a, b]) => 3 * a - 2 * b + 1, mean: [10, -4], scale: [2, 0.5] };
  const line = localLine(world, [11, -4.2], ask(world, noise(1, 200)), bare);
  near([...line.slopes, line.start, line.r2], [3, -2, 1, 1]);
  near(line.b, [6, -1]);
});

test("the plant of the chapter, by hand: near, middling, and the ridge of 1", () => {
  // 1, 3 and 7 litres; the row stands at 1, and the second column says nothing.
  const world = flatWorld(([z]) => 8 * z - z * z);
  const asked = ask(world, [[0, 0], [3, 0], [7, 0]]);
  const alike = { width: 1e6, n: 3, alpha: 1e-9 };
  near([localLine(world, [1, 0], asked, alike).slopes[0]], [-2 / 7], 1e-6);
  near([localLine(world, [1, 0], asked, { ...alike, n: 2 }).slopes[0]], [4], 1e-6);
  // Two rows with weight 1 two litres apart: 8 / 2 = 4 without a penalty, 8 / (2 + 1) with.
  near([localLine(world, [1, 0], asked, { ...alike, n: 2, alpha: 1 }).slopes[0]], [8 / 3], 1e-6);
});

test("weights and effective samples follow the kernel", () => {
  const world = flatWorld(() => 5);
  const line = localLine(world, [0, 0], ask(world, [[9, 9], [3, 4]]), { width: 5, n: 2, alpha: 1 });
  near(line.weights, [1, Math.exp(-0.5)]);
  near([line.effective], [(1 + Math.exp(-0.5)) ** 2 / (1 + Math.exp(-1))]);
  // A model that never changes leaves nothing to explain.
  near([...line.b, line.intercept, line.r2], [0, 0, 5, 0]);
});

test("a world's model is its trees, as a probability, or the dip", () => {
  assert.equal(worldOf({ model: { weights: [1, 0], offset: 0 } }).f([0, 0]), 0.5);
  near([worldOf({}).f([0.9, 1]), worldOf({}).f([-9, 0])], [0.9 - 2.2 + 0.3, -9]);
});
