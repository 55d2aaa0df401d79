// Attributions as shares, and the share that stands on the wrong feature.

/** Sizes as shares of their sum; equal shares where all are zero. */
export function shares(values) {
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  return values.map((value) => (total > 1e-12 ? Math.abs(value) / total : 1 / values.length));
}

/** The share of the attribution that would have to move for `given` to be `right`. */
export function toMove(given, right) {
  const truth = shares(right);
  return shares(given).reduce((sum, share, i) => sum + Math.abs(share - truth[i]), 0) / 2;
}

export const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

/** The mean share of each feature over rows. */
export const meanShares = (rows) => rows[0].map((_, i) => mean(rows.map((row) => shares(row)[i])));
