// Four families of classifiers of points in a plane, with labels 0 and 1.
//
// A fit gives `score(point)`: the answer is 1 where it is above 0. Where the nearest point
// with another answer has a closed form, it gives `nearest(point)` too.

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const squared = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
const shorter = (p) => (a, b) => squared(p, a) - squared(p, b);

/** Logistic regression by Newton's method; like scikit-learn's, the intercept is free. */
function logistic(points, labels, C) {
  const rows = points.map((p, n) => [...p, 1].map((value) => (labels[n] ? value : -value)));
  const penalty = [1 / C, 1 / C, 0];
  const loss = (w) => rows.reduce((sum, z) => sum + Math.log1p(Math.exp(-dot(w, z))), dot(w.slice(0, 2), w) / (2 * C));
  let w = [0, 0, 0];
  for (let step = 0; step < 25; step += 1) {
    const miss = rows.map((z) => 1 / (1 + Math.exp(dot(w, z))));
    const slope = w.map((value, i) => penalty[i] * value - dot(miss, rows.map((z) => z[i])));
    const H = penalty.map((value, i) => penalty.map((_, j) =>
      rows.reduce((sum, z, n) => sum + miss[n] * (1 - miss[n]) * z[i] * z[j], i === j ? value : 0)));
    const columns = [cross(H[1], H[2]), cross(H[2], H[0]), cross(H[0], H[1])];
    let next = w.map((value, i) => value - dot(slope, columns.map((c) => c[i])) / dot(H[0], columns[0]));
    // A full step may overshoot where the classes can be parted.
    for (let k = 0; k < 30 && loss(next) > loss(w) + 1e-9; k += 1) next = next.map((value, i) => (value + w[i]) / 2);
    w = next;
  }
  const [score, size] = [(p) => dot(p, w) + w[2], w[0] ** 2 + w[1] ** 2];
  return { score, nearest: (p) => (size ? p.map((value, i) => value - score(p) / size * w[i]) : null) };
}

/** A tree that splits by the Gini impurity, kept as the boxes of its leaves. */
function tree(points, labels, depth) {
  const X = points.map((p) => p.map(Math.fround)); // scikit-learn's trees see float32
  const boxes = [];
  const purity = (n, ones) => (ones ** 2 + (n - ones) ** 2) / n;
  function grow(rows, low, high, left) {
    const total = rows.reduce((sum, row) => sum + labels[row], 0);
    let best = { gain: -Infinity };
    for (const j of left && total && total < rows.length ? [0, 1] : []) {
      const sorted = [...rows].sort((a, b) => X[a][j] - X[b][j]);
      let ones = 0;
      for (let n = 1; n < sorted.length; n += 1) {
        ones += labels[sorted[n - 1]];
        const [before, after] = [X[sorted[n - 1]][j], X[sorted[n]][j]];
        const gain = purity(n, ones) + purity(rows.length - n, total - ones);
        if (after > before + 1e-7 && gain > best.gain) best = { gain, j, cut: before / 2 + after / 2 };
      }
    }
    const { j, cut } = best;
    if (!(j >= 0)) return boxes.push({ low, high, score: total / rows.length - 0.5 });
    grow(rows.filter((row) => X[row][j] <= cut), low, high.with(j, cut), left - 1);
    return grow(rows.filter((row) => X[row][j] > cut), low.with(j, cut), high, left - 1);
  }
  grow(X.map((_, row) => row), [-Infinity, -Infinity], [Infinity, Infinity], depth);
  function score(point) {
    const p = point.map(Math.fround);
    return boxes.find(({ low, high }) => p.every((value, j) => low[j] < value && value <= high[j])).score;
  }
  const nearest = (p) => boxes.filter((box) => box.score > 0 !== score(p) > 0)
    .map(({ low, high }) => p.map((value, j) => Math.min(Math.max(value, low[j]), high[j])))
    .sort(shorter(p))[0] ?? null;
  return { score, nearest };
}

/** The share of the nearest that are of class 1; all those count that are as near as the last. */
function neighbours(points, labels, most) {
  const gaps = new Float64Array(points.length);
  function score(p) {
    for (let n = 0; n < gaps.length; n += 1) gaps[n] = squared(points[n], p);
    const last = gaps.toSorted()[Math.min(most, gaps.length) - 1];
    const votes = labels.filter((_, n) => gaps[n] <= last);
    return votes.reduce((sum, vote) => sum + vote, 0) / votes.length - 0.5;
  }
  return { score };
}

/** A support vector machine, C = 1: weight goes from point to point while that helps. */
function svm(points, labels, gamma) {
  const kernel = (a, b) => Math.exp(-gamma * squared(a, b));
  const K = points.map((a) => points.map((b) => kernel(a, b)));
  const weights = labels.map(() => 0);
  const rest = labels.map((label) => (label ? 1 : -1)); // what is missing to the margin
  let offset = 0;
  for (let step = 0; step < 20000; step += 1) {
    let [i, j] = [-1, -1];
    for (let n = 0; n < rest.length; n += 1) {
      if (weights[n] < labels[n] - 1e-12 && !(rest[n] <= rest[i])) i = n;
      if (weights[n] > labels[n] - 1 + 1e-12 && !(rest[n] >= rest[j])) j = n;
    }
    offset = (rest[i] + rest[j]) / 2;
    const gap = rest[i] - rest[j];
    if (gap < 1e-9) break;
    const room = Math.min(labels[i] - weights[i], weights[j] - labels[j] + 1);
    const move = Math.min(gap / (2 - 2 * K[i][j]), room);
    weights[i] += move;
    weights[j] -= move;
    for (let n = 0; n < rest.length; n += 1) rest[n] -= move * (K[n][i] - K[n][j]);
  }
  const support = points.map((point, n) => [point, weights[n]]).filter(([, weight]) => weight !== 0);
  return { score: (p) => support.reduce((sum, [point, weight]) => sum + weight * kernel(point, p), offset) };
}

/** Each family with its knob: what it is called, the values it takes, and the first. */
export const FAMILIES = {
  "Logistic regression": { fit: logistic, knob: "C, trust in data", values: [0.001, 0.01, 0.1, 1, 10, 100], start: 3 },
  Tree: { fit: tree, knob: "Depth", values: [1, 2, 3, 4, 5, 6, 8], start: 4 },
  "Nearest neighbours": { fit: neighbours, knob: "Neighbours that vote", values: [1, 3, 5, 9, 15, 25], start: 2 },
  "SVM, RBF kernel": { fit: svm, knob: "Gamma, narrowness of the kernel", values: [0.1, 0.3, 1, 3, 10, 30], start: 2 },
};

/** Where the answer changes between two points, by halving. */
function crossing(score, near, far, halvings = 16) {
  const own = score(near) > 0;
  for (let k = 0; k < halvings; k += 1) {
    const middle = [(near[0] + far[0]) / 2, (near[1] + far[1]) / 2];
    if (score(middle) > 0 === own) near = middle;
    else far = middle;
  }
  return far;
}

const [RAYS, RING, FARTHEST] = [120, 0.05, 6];

/**
 * The nearest point with another answer, or null: exact where the family has a formula,
 * otherwise the first ring around p that meets such a point, pulled in as far as it goes.
 */
export function wayBack({ score, nearest }, p) {
  if (nearest) return nearest(p);
  const own = score(p) > 0;
  const at = (angle, r) => [p[0] + r * Math.cos(angle), p[1] + r * Math.sin(angle)];
  const turned = (angle, r) => score(at(angle, r)) > 0 !== own;
  const pulled = (angle, r) => Math.sqrt(squared(p, crossing(score, p, at(angle, r), 50)));
  const angles = Array.from({ length: RAYS }, (_, k) => 2 * Math.PI * k / RAYS);
  for (let ring = RING; ring < FARTHEST; ring += RING) {
    const hits = angles.filter((angle) => turned(angle, ring)).map((angle) => [angle, pulled(angle, ring)]);
    const ends = hits.sort((a, b) => a[1] - b[1]).slice(0, 5).map(([angle, r]) => {
      for (let width = Math.PI / RAYS; width > 1e-8; width /= 2) {
        for (const other of [angle - width, angle + width]) {
          const closer = turned(other, r) ? pulled(other, r) : r;
          if (closer < r - 1e-12) [angle, r] = [other, closer];
        }
      }
      return at(angle, r);
    });
    if (ends.length) return ends.sort(shorter(p))[0];
  }
  return null;
}

/** The region of answer 1 as polygons, from the cells of a grid. */
export function region(score, [left, right, bottom, top], nx, ny) {
  const at = (i, j) => [left + i / nx * (right - left), bottom + j / ny * (top - bottom)];
  const inside = Array.from({ length: nx + 1 }, (_, i) =>
    Array.from({ length: ny + 1 }, (_, j) => score(at(i, j)) > 0));
  const cell = (i, j) => [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]].flatMap(([a, b], k, corners) => {
    const [c, d] = corners[(k + 1) % 4];
    const own = inside[a][b] ? [at(a, b)] : [];
    return inside[a][b] === inside[c][d] ? own : [...own, crossing(score, at(a, b), at(c, d))];
  });
  return inside.slice(1).flatMap((_, i) => inside[i].slice(1).map((__, j) => cell(i, j))).filter((area) => area.length);
}
