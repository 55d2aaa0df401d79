// Least squares of a planted outcome on a cause, a leak and its copy, without sampling.

/** The x with matrix · x = values, by elimination with the largest pivot. */
export function solve(matrix, values) {
  const rows = matrix.map((row, i) => [...row, values[i]]);
  const n = rows.length;
  for (let k = 0; k < n; k += 1) {
    const pivot = rows.slice(k).reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j += 1) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[n] / row[k]);
}

/**
 * y = 2x + e, leak = y + error, copy = leak + error; x and e standard normal. The weights of a
 * regression on the columns (0: x, 1: leak, 2: copy), their shares of the mean attribution, R² as
 * reported, and R² in use, where leak and copy stand at their means.
 */
export function planted(leakError, copyError, columns) {
  const [a, b] = [leakError ** 2, copyError ** 2];
  const inner = [[1, 2, 2], [2, 5 + a, 5 + a], [2, 5 + a, 5 + a + b]];
  const outer = [2, 5, 5];
  const found = solve(columns.map((i) => columns.map((j) => inner[i][j])), columns.map((i) => outer[i]));
  const weights = [0, 0, 0];
  columns.forEach((column, k) => { weights[column] = found[k]; });
  const sizes = weights.map((weight, i) => Math.abs(weight) * Math.sqrt(inner[i][i]));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    weights,
    shares: sizes.map((size) => size / total),
    reported: weights.reduce((sum, weight, i) => sum + weight * outer[i], 0) / 5,
    use: 1 - ((2 - weights[0]) ** 2 + 1) / 5,
  };
}
