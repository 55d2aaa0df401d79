// Two standard normal features with correlation r, a linear model w and a linear world beta: what each
// measure of importance comes to, in closed form. Loss: the squared error.

/** The rise of the squared error, and the mean size, by five measures: a pair of numbers each. */
export function importances({ r, w, beta }) {
  const off = beta.map((b, i) => b - w[i]); // what the model gets wrong
  const pull = [off[0] + r * off[1], r * off[0] + off[1]]; // covariance of its error with each feature
  const alone = 1 - r * r; // the variance of a feature given the other
  const lost = (told) => {
    const [a, b] = beta.map((value, i) => value - (told[i] ? w[i] : 0));
    return a * a + b * b + 2 * r * a * b;
  };
  const [none, first, second, both] = [[0, 0], [1, 0], [0, 1], [1, 1]].map(lost);
  return {
    size: w.map((v) => Math.abs(v) * Math.sqrt(2 / Math.PI)),
    shuffled: w.map((v, i) => 2 * v * (v + pull[i])),
    alike: w.map((v, i) => 2 * v * beta[i] * alone),
    shared: [none - first + second - both, none - second + first - both].map((sum) => sum / 2),
    dropped: beta.map((b) => b * b * alone),
  };
}

/** Rows with this correlation, from pairs of independent numbers. */
export const correlated = (pairs, r) => pairs.map(([a, e]) => [a, r * a + Math.sqrt(1 - r * r) * e]);
