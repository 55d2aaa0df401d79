// Exact Shapley values of a game, and of a prediction against background rows.

/** The weight of a coalition of so many others, for n players. */
function weights(n) {
  const w = [1 / n];
  for (let s = 1; s < n; s += 1) w[s] = (w[s - 1] * s) / (n - s);
  return w;
}

const size = (coalition) => {
  let count = 0;
  for (let rest = coalition; rest; rest &= rest - 1) count += 1;
  return count;
};

/** Shapley values from the worth of every coalition; bit i of its number is player i. */
export function shapleyValues(worth) {
  const n = Math.log2(worth.length);
  const w = weights(n);
  return Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let s = 0; s < worth.length; s += 1) {
      if (!(s & (1 << i))) sum += w[size(s)] * (worth[s | (1 << i)] - worth[s]);
    }
    return sum;
  });
}

/** The game of a prediction: mean output with the features of S from x, the others drawn. */
function predictionGame(f, x, background) {
  const worth = new Float64Array(2 ** x.length);
  const hybrid = new Float64Array(x.length);
  for (let s = 0; s < worth.length; s += 1) {
    let sum = 0;
    for (const row of background) {
      for (let i = 0; i < x.length; i += 1) hybrid[i] = s & (1 << i) ? x[i] : row[i];
      sum += f(hybrid);
    }
    worth[s] = sum / background.length;
  }
  return worth;
}

/** Base value and exact attributions of f at x. */
export function explain(f, x, background) {
  const worth = predictionGame(f, x, background);
  return { base: worth[0], values: shapleyValues(worth) };
}
