import assert from "node:assert/strict";
import { test } from "node:test";

import { RULES, axioms, gains, orders } from "../../book/_live/rules.js";

const taxi = [0, 6, 12, 12, 42, 42, 42, 42];
const gloves = [0, 0, 0, 0, 0, 1, 1, 1];
const vote = [0, 0, 0, 1, 0, 1, 0, 1];
const unanimity = Array.from({ length: 16 }, (_, s) => Number((s & 5) === 5));
const GAMES = [taxi, gloves, vote, unanimity];

const near = (got, truth) =>
  got.forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < 1e-12, `${got} is not ${truth}`));
const brokenBy = (rule, game) => Object.entries(axioms(RULES[rule], game))
  .filter(([, found]) => found?.gap).map(([axiom]) => axiom);

test("the mean over all orders is the Shapley value", () => {
  assert.equal(orders([0, 1, 2, 3]).length, 24);
  assert.equal(new Set(orders([0, 1, 2, 3]).map(String)).size, 24);
  assert.deepEqual(gains(taxi, [2, 1, 0]), [0, 0, 42]);
  for (const game of GAMES) {
    const exact = RULES.Shapley(game);
    const every = orders([...exact.keys()]).map((order) => gains(game, order));
    near(exact.map((_, i) => every.reduce((sum, row) => sum + row[i], 0) / every.length), exact);
  }
});

test("what the rivals give, by hand", () => {
  near(RULES["equal split"](taxi), [14, 14, 14]);
  near(RULES["one order"](taxi), [6, 6, 30]);
  near(RULES["plain mean"](gloves), [1 / 4, 1 / 4, 3 / 4]);
  near(RULES["split among the useful"](unanimity), [1 / 2, 0, 1 / 2, 0]);
});

test("each rival breaks one axiom of its own, Shapley none", () => {
  for (const game of GAMES) assert.deepEqual(brokenBy("Shapley", game), []);
  assert.deepEqual(brokenBy("equal split", unanimity), ["dummy"]);
  assert.deepEqual(brokenBy("one order", vote), ["symmetry"]);
  assert.deepEqual(brokenBy("plain mean", gloves), ["efficiency"]);
  assert.deepEqual(brokenBy("split among the useful", gloves), ["linearity"]);
});

test("the numbers of a broken axiom", () => {
  const { dummy } = axioms(RULES["equal split"], unanimity);
  assert.deepEqual(dummy, { player: 1, gap: 1 / 4 });
  const { symmetry } = axioms(RULES["one order"], vote);
  assert.deepEqual(symmetry, { pair: [1, 2], gap: 1 });
  // Gloves alone 1/3 each, the dictator alone 0, 0, 1; together 2/3 each.
  const { linearity } = axioms(RULES["split among the useful"], gloves);
  near([linearity.together, ...linearity.apart, linearity.gap], [2 / 3, 1 / 3, 1, 2 / 3]);
});

test("an axiom with nobody to test it on says so", () => {
  const { symmetry, dummy } = axioms(RULES["equal split"], taxi);
  assert.equal(symmetry, undefined);
  assert.equal(dummy, undefined);
});

test("a game in which nobody is of use shares out nothing", () =>
  assert.deepEqual(RULES["split among the useful"](Array(8).fill(0)), [0, 0, 0]));
