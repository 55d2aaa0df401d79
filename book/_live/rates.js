// Rates of a group above a threshold, and the pair of thresholds that brings some of them closest.

/** The five rates of people with these scores and outcomes (0 or 1), offered from `level` on. */
export function rates(scores, good, level) {
  const count = (outcome, offered) => scores.filter((score, i) => good[i] === outcome && (score >= level) === offered).length;
  const [tp, fp, fn, tn] = [count(1, true), count(0, true), count(1, false), count(0, false)];
  return { accuracy: (tp + tn) / scores.length, selection: (tp + fp) / scores.length,
    tpr: tp / (tp + fn), fpr: fp / (fp + tn), precision: tp / (tp + fp) };
}

export const gap = (one, other, name) => Math.abs(one[name] - other[name]);

/** The pair of levels whose largest gap in the named rates is least; of equals the most accurate. */
export function closest(groups, levels, names) {
  const all = groups.map(({ scores, good }) => levels.map((level) => ({ level, ...rates(scores, good, level) }))
    .filter(({ selection }) => selection > 0));
  let best;
  for (const one of all[0]) {
    for (const other of all[1]) {
      const apart = Math.max(...names.map((name) => gap(one, other, name)));
      const right = one.accuracy + other.accuracy;
      if (!best || apart < best.apart - 1e-9 || (apart < best.apart + 1e-9 && right > best.right + 1e-9)) {
        best = { apart, right, levels: [one.level, other.level] };
      }
    }
  }
  return best;
}
