// A layer of two units: what an output does along a direction, at each of a few images.

const dot = (a, b) => a[0] * b[0] + a[1] * b[1];

/** The slopes at `a` of a sum of terms, weight × ReLU(slope · a + start). */
export function gradient(terms, a) {
  const on = terms.filter(({ slope, start }) => dot(slope, a) + start > 0);
  return [0, 1].map((k) => on.reduce((sum, { weight, slope }) => sum + weight * slope[k], 0));
}

/** The direction of length 1 from the mean of the others to the mean of the examples. */
export function direction(examples, others) {
  const mean = (rows, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length;
  const way = [0, 1].map((k) => mean(examples, k) - mean(others, k));
  const length = Math.hypot(...way);
  return length > 1e-9 ? way.map((value) => value / length) : null;
}

/** The derivative of the output along v at each image, the share above 0, and their mean. */
export function along(terms, images, v) {
  const slopes = images.map((a) => dot(gradient(terms, a), v));
  return {
    slopes,
    share: slopes.filter((slope) => slope > 0).length / slopes.length,
    mean: slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length,
  };
}

/** The share that each of 720 directions gets, all round, half a degree apart. */
export function allRound(terms, images) {
  return Array.from({ length: 720 }, (_, k) => {
    const angle = ((k + 0.5) / 360) * Math.PI;
    return along(terms, images, [Math.cos(angle), Math.sin(angle)]).share;
  });
}

/** The part of all directions whose share is at least as far from a half. */
export function asFar(shares, share) {
  return shares.filter((other) => Math.abs(other - 0.5) >= Math.abs(share - 0.5) - 1e-12).length / shares.length;
}
