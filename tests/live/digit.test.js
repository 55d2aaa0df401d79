import assert from "node:assert/strict";
import { test } from "node:test";

import { cut, floats, levels, network, occlusion, softmax } from "../../book/_live/convolution.js";

const near = (got, truth, within = 1e-6) => {
  assert.equal(got.length, truth.length);
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < within, `${i}: ${value} is not ${truth[i]}`));
};

/** Numbers between -1 and 1, the same each time (mulberry32). */
function drawn(seed, length) {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}

/** One block that reads one neighbour of each pixel: its score is 3 times the largest, plus 1. */
const reads = (tap, side) => network([Float64Array.from({ length: 9 }, (_, i) => Number(i === tap)), [0],
  Float64Array.of(3), [1]], side);

/** Two blocks with two and three filters, two classes, drawn weights. */
const random = network([18, 2, 54, 3, 6, 2].map((length, n) => drawn(n, length)), 8);

test("bytes come back as numbers", () => {
  assert.deepEqual([...floats("AACAPwAAAMA=")], [1, -2]);
  assert.deepEqual([...levels("AP8z")], [0, 1, 0.2]);
  assert.deepEqual(cut(floats("AACAPwAAAMA="), [1, 1]).map((part) => [...part]), [[1], [-2]]);
});

test("the score is that of the largest pixel, and its slope goes there", () => {
  const picture = Float64Array.of(0.25, 0.5, 0.125, 0);
  const net = reads(4, 2);
  assert.deepEqual(net.run(picture).scores, [2.5]);
  assert.deepEqual([...net.gradient(picture, 0)], [0, 3, 0, 0]);
});

test("two that are the largest share the slope, and below 0 there is none", () => {
  assert.deepEqual([...reads(4, 2).gradient(Float64Array.of(0.5, 0.5, 0, 0), 0)], [1.5, 1.5, 0, 0]);
  assert.deepEqual([...reads(4, 2).gradient(Float64Array.of(-1, -1, -2, 0), 0)], [0, 0, 0, 0]);
});

test("of four pixels alike the first has the slope", () => {
  const one = Float64Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
  const net = network([one, [0], one, [0], Float64Array.of(3), [1]], 4);
  const picture = new Float64Array(16);
  for (const i of [2, 3, 6, 7]) picture[i] = 0.5;
  const truth = new Float64Array(16);
  truth[2] = 3;
  assert.deepEqual(net.gradient(picture, 0), truth);
});

test("the first place in the kernel reads the pixel above and to the left", () => {
  const corner = (i) => Float64Array.from({ length: 9 }, (_, j) => Number(i === j));
  assert.deepEqual(reads(0, 3).run(corner(8)).scores, [1]); // nothing lies beyond the last pixel
  assert.deepEqual(reads(0, 3).run(corner(0)).scores, [4]);
});

test("slopes are those of finite differences", () => {
  const picture = drawn(7, 64).map(Math.abs);
  const step = 1e-3;
  for (const k of [0, 1]) {
    const slopes = Array.from(picture, (_, i) => {
      const [more, less] = [step, -step].map((by) => random.run(picture.map((x, j) => (i === j ? x + by : x))).scores[k]);
      return (more - less) / (2 * step);
    });
    assert.ok(slopes.some((slope) => Math.abs(slope) > 0.1));
    near(random.gradient(picture, k), slopes, 1e-3);
  }
});

test("a lone pixel has its loss from each of the four patches on it", () => {
  const picture = new Float64Array(64);
  picture[5 * 8 + 3] = 0.5;
  const found = occlusion(reads(4, 8), picture, 0);
  near([found[5 * 8 + 3], found.reduce((a, b) => a + b)], [1.5 / 16, 1.5]);
});

test("occlusion works out anew only what changes, and finds the same", () => {
  const picture = drawn(9, 64).map((x) => Math.max(0, x));
  const before = random.run(picture).scores[1];
  const truth = new Float64Array(64);
  for (let top = -2; top < 8; top += 2) {
    for (let left = -2; left < 8; left += 2) {
      const on = [...picture.keys()].filter((i) => Math.floor(i / 8) >= top && Math.floor(i / 8) < top + 4 &&
        i % 8 >= left && i % 8 < left + 4);
      const loss = before - random.run(picture.map((x, i) => (on.includes(i) ? 0 : x))).scores[1];
      for (const i of on) truth[i] += loss / on.length / 4;
    }
  }
  assert.ok(truth.some((value) => Math.abs(value) > 0.01));
  near(occlusion(random, picture, 1), truth);
});

test("blank paper has nothing to cover", () => assert.ok(occlusion(random, new Float64Array(64), 0).every((x) => x === 0)));

test("a softmax of large scores adds up", () => near(softmax([1000, 1000 + Math.log(3)]), [0.25, 0.75]));
