// The nearest ways to another answer, by trying every step of a person that the model can see.

/** All sets of at most `most` of the items. */
const sets = (items, most) => items.reduce((all, item) =>
  [...all, ...all.filter((set) => set.length < most).map((set) => [...set, item])], [[]]).slice(1);

/** The nearest row that passes in which these columns, and only they, take a step; or null. */
function nearest(passes, row, columns, steps) {
  const tried = [...row];
  let best = { square: Infinity };
  (function go(k, square) {
    if (k === columns.length) {
      if (passes(tried)) best = { square, row: [...tried] };
      return;
    }
    for (const [value, length] of steps[columns[k]]) {
      const next = square + length ** 2;
      if (next >= best.square) break;
      tried[columns[k]] = value;
      go(k + 1, next);
    }
  })(0, 0);
  return best.row ? { columns, row: best.row, distance: Math.sqrt(best.square) } : null;
}

/**
 * The ways of a row, the nearest first; none asks for all that a nearer one asks for.
 * `steps` are for each column [value, length], the shortest first; none where it stays.
 */
export function waysBack(passes, row, steps, most) {
  const movable = steps.flatMap((list, i) => (list.length ? [i] : []));
  const found = sets(movable, most).map((columns) => nearest(passes, row, columns, steps))
    .filter(Boolean).sort((a, b) => a.distance - b.distance);
  return found.filter((way, k) => !found.slice(0, k).some((nearer) =>
    nearer.columns.every((column) => way.columns.includes(column))));
}

/** The steps that a column may take: "stays", "falls", "rises" or "changes". */
export const allowed = (steps, from, move) => steps.filter(([value]) =>
  move === "changes" || (move === "falls" && value < from) || (move === "rises" && value > from));
