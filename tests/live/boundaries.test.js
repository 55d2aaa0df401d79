import assert from "node:assert/strict";
import { test } from "node:test";

import { FAMILIES, region, wayBack } from "../../book/_live/families.js";

const close = (got, truth, most = 1e-9) =>
  assert.ok(Math.hypot(...got.map((value, i) => value - truth[i])) < most, `${got} is not ${truth}`);
const fit = (family, points, labels, value) => FAMILIES[family].fit(points, labels, value);
const pair = [[-1, 0], [1, 0]];

test("logistic regression on two points has the weight where the slope is zero", () => {
  for (const C of [0.01, 1, 100]) {
    const model = fit("Logistic regression", pair, [0, 1], C);
    const w = model.score([1, 0]);
    close([model.score([0, 5]), w], [0, 2 * C / (1 + Math.exp(w))]);
    close(wayBack(model, [-3, 2]), [0, 2]);
  }
});

test("a tree cuts half-way, and its nearest leaf may be a corner", () => {
  const square = [[0, 0], [0, 2], [2, 0], [2, 2], [2, 3]];
  const model = fit("Tree", square, [0, 0, 0, 1, 1], 2);
  assert.deepEqual([[1, 3], [3, 1], [1.01, 1.01]].map(model.score), [-0.5, -0.5, 0.5]);
  close(wayBack(model, [-2, -3]), [1, 1]);
  // A tree of one class has no other side, and one of depth 1 says the share in its leaf.
  assert.equal(wayBack(fit("Tree", pair, [1, 1], 3), [0, 0]), null);
  close([fit("Tree", square, [0, 0, 0, 1, 1], 1).score([2, 0])], [2 / 3 - 0.5]);
});

test("one neighbour: half-way between two points; more neighbours than points: all vote", () => {
  close(wayBack(fit("Nearest neighbours", pair, [0, 1], 1), [-0.5, 1]), [0, 1], 1e-6);
  close([fit("Nearest neighbours", [...pair, [9, 9]], [0, 1, 1], 25).score([0, 0])], [1 / 6]);
});

test("an SVM of two points weighs both alike, its weight held at C", () => {
  const model = fit("SVM, RBF kernel", pair, [0, 1], 0.3);
  close([model.score([1, 0]), model.score([-1, 0]), model.score([0, 7])], [1 - Math.exp(-1.2), Math.exp(-1.2) - 1, 0]);
  close(wayBack(model, [-0.7, 0.4]), [0, 0.4], 1e-6);
});

test("the way to a circle leads along its radius, and its region has its area", () => {
  const disc = { score: (p) => 1 - p[0] ** 2 - p[1] ** 2 };
  close(wayBack(disc, [0.3, 0.4]), [0.6, 0.8], 1e-5);
  close(wayBack(disc, [-3, 4]), [-0.6, 0.8], 1e-5);
  assert.equal(wayBack({ score: () => 1 }, [0, 0]), null);
  const areas = region(disc.score, [-2, 2, -1.5, 1.5], 80, 60);
  const size = (area) => area.reduce((sum, [x, y], k) => {
    const [u, v] = area[(k + 1) % area.length];
    return sum + (x * v - u * y) / 2;
  }, 0);
  close([areas.reduce((sum, area) => sum + size(area), 0)], [Math.PI], 2e-3);
});
