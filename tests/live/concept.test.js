import assert from "node:assert/strict";
import { test } from "node:test";

import { along, allRound, asFar, direction, gradient } from "../../book/_live/concept-plane.js";

const close = (got, truth) => assert.ok(Math.abs(got - truth) < 1e-9, `${got} is not ${truth}`);
const terms = [
  { weight: 2, slope: [0, 1], start: -3 },
  { weight: -1, slope: [2, -1], start: 0 },
];
const images = [[3, 1], [3, 4], [1, 4], [1, 3.5]];

test("the chapter's four images: gradients, derivatives, share and mean by hand", () => {
  assert.deepEqual(images.map((a) => gradient(terms, a).map((value) => value + 0)), [[-2, 1], [-2, 3], [0, 2], [0, 2]]);
  const v = direction([[4, 4], [4, 6]], [[0, 1], [2, 1]]);
  close(v[0], 0.6);
  close(v[1], 0.8);
  const found = along(terms, images, v);
  [-0.4, 1.2, 1.6, 1.6].forEach((truth, n) => close(found.slopes[n], truth));
  close(found.share, 0.75);
  close(found.mean, 1);
});

test("all round, as many directions get 0 as 1, and their part is that of the angles", () => {
  const shares = allRound(terms, images);
  const part = (share) => shares.filter((other) => other === share).length / shares.length;
  close(part(0), part(1));
  const angle = (180 - (Math.atan2(1, -2) * 180) / Math.PI + 90) / 360;
  assert.ok(Math.abs(part(1) - angle) <= 1 / 720);
  close(asFar(shares, 1), part(0) + part(1));
  close(asFar(shares, 0.5), 1);
});

test("examples on the others have no direction; an even output gives 0 or 1 alone", () => {
  assert.equal(direction([[1, 1]], [[1, 1]]), null);
  const flat = [{ weight: 1, slope: [1, 2], start: 100 }];
  assert.ok(allRound(flat, images).every((share) => share === 0 || share === 1));
});
