// The ways to name the digits 0 to 3 that give each pair of digits its sum.

const NAMES = [0, 1, 2, 3];

/** All namings [of 0, of 1, of 2, of 3], smallest first, that fit the equations [a, b]. */
export function namings(equations) {
  const all = NAMES.flatMap((p) => NAMES.flatMap((q) => NAMES.flatMap((r) => NAMES.map((s) => [p, q, r, s]))));
  return all.filter((f) => equations.every(([a, b]) => f[a] + f[b] === a + b));
}

/** How many of the four digits a naming calls by their names. */
export const rightNames = (naming) => naming.filter((name, digit) => name === digit).length;
