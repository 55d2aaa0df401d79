import assert from "node:assert/strict";
import { test } from "node:test";

import { attend, effects, forward, meanMap, received, rollout, unpack } from "../../book/_live/transformer.js";

const near = (got, truth, off = 1e-12) =>
  [...got].forEach((value, i) => assert.ok(Math.abs(value - truth[i]) < off, `${got} is not ${truth}`));

test("one head with a pencil: weights 0.56 and 0.21, and what it hands on", () => {
  const Q = [4, 2, 0, 0];
  const K = [0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0];
  const V = [0, 0, 0, -3, 2].flatMap((value) => [value, 0, 0, 0]);
  const { got, maps } = attend([0, 0, 0, 0].concat(Q, Q, Q, Q), K, V, 1, 4);
  const total = 3 + Math.exp(2) + Math.exp(1);
  near(maps[0][4], [1, 1, 1, Math.exp(2), Math.exp(1)].map((lifted) => lifted / total));
  near([got[16]], [(2 * Math.exp(1) - 3 * Math.exp(2)) / total]);
  near([got[16]], [-1.28], 0.005);
  near(maps[0][0], [0.2, 0.2, 0.2, 0.2, 0.2]);
});

test("each head reads its own part of the vectors", () => {
  const { maps } = attend([1, 0, 1, 0], [Math.log(3), 5, 0, 5], [1, 10, 0, 20], 2, 2);
  near(maps[0][0], [0.75, 0.25]);
  near(maps[1][0], [0.5, 0.5]);
  near(meanMap(maps)[0], [0.625, 0.375]);
});

test("the rollout of two words and two layers", () => {
  const rolled = rollout([[[[1, 0], [1, 0]]], [[[0, 1], [0, 1]]]]);
  near(rolled.flat(), [0.75, 0.25, 0.5, 0.5]);
  near(received(rolled), [5 / 8, 3 / 8]);
});

/** One layer that only passes on: words of width 2, whose difference decides. */
function plain() {
  const part = (name, ...values) => [[name, values]];
  const block = ["query", "key", "value", "attention_output"].flatMap((name) => [
    ...part(`attention_1/${name}/kernel`, 0, 0, 0, 0), ...part(`attention_1/${name}/bias`, 0, 0)]);
  const norm = (name) => [...part(`${name}/gamma`, 1, 1), ...part(`${name}/beta`, 0, 0)];
  const all = [
    ...part("embedding/embeddings", 0, 0, -1, 1, 3, -3), ...part("positions/table", 0, 0, 0, 0, 0, 0),
    ...norm("attention_1_normalised"), ...block, ...norm("network_1_normalised"),
    ...part("network_1_inner/kernel", 0, 0), ...part("network_1_inner/bias", 0),
    ...part("network_1_outer/kernel", 0, 0), ...part("network_1_outer/bias", 0, 0),
    ...norm("normalised"), ...part("classes/kernel", 1, 0, 0, 1), ...part("classes/bias", 0.5, 0)];
  const floats = new DataView(new ArrayBuffer(4 * all.flatMap(([, values]) => values).length));
  all.flatMap(([, values]) => values).forEach((value, i) => floats.setFloat32(4 * i, value, true));
  return unpack({ bytes: Buffer.from(floats.buffer).toString("base64"), heads: 1, epsilon: 0,
    parts: all.map(([name, values]) => [name, values.length]) });
}

const sigma = (score) => 1 / (1 + Math.exp(-score));

test("a model whose words vote: praise, blame, both, neither", () => {
  const net = plain();
  const scores = { 1: 2, 2: -2 };
  for (const ids of [[1], [2], [1, 2], [1, 1, 2]]) {
    const mean = ids.reduce((sum, id) => sum + scores[id], 0) / ids.length;
    near([forward(net, ids).probability], [sigma(mean - 0.5)]);
  }
  near([forward(net, [0, 0]).probability], [sigma(-0.5)]);
});

test("nobody reads from a word that is gone", () => {
  const { layers, live } = forward(plain(), [1, 0, 2]);
  assert.deepEqual(live, [0, 2]);
  near(layers[0][0].map((row) => [...row]).flat(), [0.5, 0.5, 0.5, 0.5]);
});

test("an effect is with less without, also for a word that is gone", () => {
  const net = plain();
  near(effects(net, [1, 2], new Set()), [sigma(-0.5) - sigma(-2.5), sigma(-0.5) - sigma(1.5)]);
  near(effects(net, [1, 2], new Set([1])), [sigma(1.5) - sigma(-0.5), sigma(-0.5) - sigma(1.5)]);
});
