// Curves of single rows: their spread, and what is left of it when the rows are cut into groups.

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Each line minus its own mean, so that only its shape is left. */
export const centred = (lines) => lines.map((line) => {
  const level = mean(line);
  return line.map((value) => value - level);
});

export const meanLine = (lines) => lines[0].map((_, j) => mean(lines.map((line) => line[j])));

/** Where a feature can be cut: halfway between its values. */
export function places(values) {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return sorted.slice(1).map((value, i) => (value + sorted[i]) / 2);
}

/** The group of each row, from cuts [{ values, at }]: one bit for each cut, 1 above it. */
export const groupsOf = (n, cuts) => Array.from({ length: n }, (_, row) =>
  cuts.reduce((group, { values, at }, bit) => group | ((values[row] > at) << bit), 0));

/** Root mean square distance of the lines from the mean line of their own group. */
export function spread(lines, groups) {
  let total = 0;
  for (const group of new Set(groups)) {
    const own = lines.filter((_, row) => groups[row] === group);
    const middle = meanLine(own);
    for (const line of own) line.forEach((value, j) => { total += (value - middle[j]) ** 2; });
  }
  return Math.sqrt(total / (lines.length * lines[0].length));
}

/** The places of the cuts by these features, one or two, that leave the least spread. */
export function bestCuts(lines, features) {
  const [first, second] = features.map(places);
  let best = { left: Infinity };
  for (const a of first) {
    for (const b of second ?? [undefined]) {
      const at = second ? [a, b] : [a];
      const cuts = at.map((place, i) => ({ values: features[i], at: place }));
      const left = spread(lines, groupsOf(lines.length, cuts));
      if (left < best.left - 1e-12) best = { left, at };
    }
  }
  return best;
}

/** In which feature the chosen rows differ most from the others, in standard deviations. */
export function differ(features, chosen) {
  const told = features.map((values, i) => {
    const [inside, outside] = [true, false].map((side) => mean(values.filter((_, row) => chosen[row] === side)));
    const middle = mean(values);
    const deviation = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
    return { i, inside, outside, by: Math.abs(inside - outside) / deviation };
  });
  return told.reduce((most, one) => (one.by > most.by ? one : most));
}
