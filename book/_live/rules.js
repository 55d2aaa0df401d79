// Rules that share out the worth of a game, and how far each is from Shapley's four axioms.
// A game is the worth of every coalition; bit i of a coalition's number is player i.

import { shapleyValues } from "./shapley.js";

const TINY = 1e-9;
const zero = (value) => Math.abs(value) < TINY;
const total = (values) => values.reduce((sum, value) => sum + value, 0);
const players = (worth) => [...Array(Math.log2(worth.length)).keys()];
const widest = (found) => found.sort((a, b) => b.gap - a.gap)[0];

/** What player i adds to every coalition of the others. */
function contributions(worth, i) {
  const others = [...worth.keys()].filter((s) => !(s & (1 << i)));
  return others.map((s) => worth[s | (1 << i)] - worth[s]);
}

const isDummy = (worth, i) => contributions(worth, i).every(zero);

function interchangeable(worth, i, j) {
  const both = (1 << i) | (1 << j);
  return worth.every((_, s) => s & both || zero(worth[s | (1 << i)] - worth[s | (1 << j)]));
}

/** Every order of joining. */
export function orders(who) {
  if (who.length === 0) return [[]];
  return who.flatMap((first) =>
    orders(who.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

/** What each player adds, joining in this order. */
export function gains(worth, order) {
  const gained = [];
  let joined = 0;
  for (const i of order) {
    gained[i] = worth[joined | (1 << i)] - worth[joined];
    joined |= 1 << i;
  }
  return gained;
}

function splitAmongUseful(worth) {
  const useful = players(worth).map((i) => !isDummy(worth, i));
  return useful.map((is) => (is ? worth.at(-1) / total(useful) : 0));
}

export const RULES = {
  "Shapley": shapleyValues,
  "equal split": (worth) => players(worth).map((_, i, all) => worth.at(-1) / all.length),
  "one order": (worth) => gains(worth, players(worth)),
  "plain mean": (worth) => players(worth).map((i) => total(contributions(worth, i)) * 2 / worth.length),
  "split among the useful": splitAmongUseful,
};

/** A second game to play along: the last player alone earns what this one is worth. */
function dictator(worth) {
  const prize = zero(worth.at(-1)) ? 1 : worth.at(-1);
  return worth.map((_, s) => (s >= worth.length / 2 ? prize : 0));
}

/**
 * Each axiom's test on this game: the gap, 0 where it holds, and the case where it is
 * widest. Undefined where the game has nobody to test it on.
 */
export function axioms(rule, worth) {
  const shares = rule(worth);
  const who = players(worth);
  const second = dictator(worth);
  const together = rule(worth.map((value, s) => value + second[s]));
  const alone = rule(second);
  const pairs = who.flatMap((i) => who.slice(0, i).map((j) => [j, i]));
  const sum = total(shares);
  const gap = (a, b) => (zero(a - b) ? 0 : Math.abs(a - b));
  return {
    efficiency: { sum, gap: gap(sum, worth.at(-1)) },
    symmetry: widest(pairs.filter(([i, j]) => interchangeable(worth, i, j))
      .map(([i, j]) => ({ pair: [i, j], gap: gap(shares[i], shares[j]) }))),
    dummy: widest(who.filter((i) => isDummy(worth, i))
      .map((i) => ({ player: i, gap: gap(shares[i], 0) }))),
    linearity: { prize: second.at(-1), ...widest(who.map((i) => ({
      player: i, together: together[i], apart: [shares[i], alone[i]],
      gap: gap(together[i], shares[i] + alone[i]) }))) },
  };
}
