// LIME for rows of two numbers: samples, weights, and the ridge line through the answers.

import { mulberry32 } from "./random.js";
import { predictor, probability } from "./trees.js";

/** The chapter's planted model: it rises with the first column, save for a dip near 0.9. */
const dip = ([a, b]) => a - 2.2 * Math.exp(-((a - 0.9) ** 2) / 0.3) + 0.3 * b;

/** A world as it was handed over, with its model as a function: its trees, or the dip. */
export function worldOf(written) {
  const logOdds = written.model && predictor(written.model);
  return { ...written, f: logOdds ? (row) => probability(logOdds(row)) : dip };
}

/** n pairs of independent standard normal numbers, the same for the same seed. */
export function noise(seed, n) {
  const next = mulberry32(seed);
  const uniform = () => next() / 2 ** 32;
  return Array.from({ length: n }, () => {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - uniform())), 2 * Math.PI * uniform()];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** What LIME asks: rows drawn around the mean of the data, and the model's answers. */
export function ask(world, z) {
  const rows = z.map((pair) => pair.map((value, k) => world.mean[k] + world.scale[k] * value));
  return { z, rows, answers: rows.map(world.f) };
}

/**
 * LIME at the row x, from the first n samples, of which the first is x itself: the ridge line
 * `b` (its `intercept` not penalised), or per unit of a column `slopes` and `start`.
 */
export function localLine(world, x, asked, { width, n, alpha }) {
  const here = x.map((value, k) => (value - world.mean[k]) / world.scale[k]);
  const z = [here, ...asked.z.slice(1, n)];
  const weights = z.map(([a, b]) =>
    Math.exp(-((a - here[0]) ** 2 + (b - here[1]) ** 2) / (2 * width ** 2)));
  const dot = (p, q) => weights.reduce((sum, w, i) => sum + w * p[i] * q[i], 0);
  const ones = weights.map(() => 1);
  const total = dot(ones, ones);
  const columns = [z.map(([a]) => a), z.map(([, b]) => b), [world.f(x), ...asked.answers.slice(1, n)]];
  const means = columns.map((values) => dot(values, ones) / total);
  const [d1, d2, y] = columns.map((values, k) => values.map((value) => value - means[k]));
  const [s11, s12, s22] = [dot(d1, d1) + alpha, dot(d1, d2), dot(d2, d2) + alpha];
  const [t1, t2] = [dot(d1, y), dot(d2, y)];
  const det = s11 * s22 - s12 * s12;
  const b = [(s22 * t1 - s12 * t2) / det, (s11 * t2 - s12 * t1) / det];
  const intercept = means[2] - b[0] * means[0] - b[1] * means[1];
  const missed = y.map((value, i) => value - b[0] * d1[i] - b[1] * d2[i]);
  // Where all that count answer alike there is nothing to explain.
  const r2 = dot(y, y) > 1e-12 ? 1 - dot(missed, missed) / dot(y, y) : 0;
  const slopes = b.map((value, k) => value / world.scale[k]);
  const start = intercept - slopes[0] * world.mean[0] - slopes[1] * world.mean[1];
  return { weights, effective: total ** 2 / dot(weights, ones), b, intercept, r2, slopes, start };
}
