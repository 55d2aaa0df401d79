// The best additive model of a table with two rows, of which the first has a share of the data.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What it says in each cell, and which share of the table's variance that explains. */
export function additiveFit(table, share) {
  const mixed = table[0].map((first, k) => share * first + (1 - share) * table[1][k]);
  const middle = mean(mixed);
  const fitted = table.map((row) => mixed.map((column) => column + mean(row) - middle));
  const squares = (says) => [share, 1 - share].reduce((sum, weight, i) =>
    sum + weight * mean(table[i].map((value, k) => (value - says(i, k)) ** 2)), 0);
  return { fitted, r2: 1 - squares((i, k) => fitted[i][k]) / squares(() => middle) };
}
