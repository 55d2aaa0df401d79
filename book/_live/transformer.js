// A trained transformer of the shape that xk.attention.transformer builds, run in the page.

/** The learnt numbers by name, from float32s (little-endian, base64) one after the other. */
export function unpack({ bytes, parts, heads, epsilon }) {
  const raw = new DataView(Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0)).buffer);
  const learnt = {};
  let at = 0;
  for (const [name, size] of parts) {
    const start = at;
    learnt[name] = Float64Array.from({ length: size }, (_, i) => raw.getFloat32(start + 4 * i, true));
    at += 4 * size;
  }
  return { learnt, heads, epsilon, width: learnt["classes/kernel"].length / 2 };
}

// Vectors stand one after the other in one flat array.
function dense({ learnt }, x, name) {
  const kernel = learnt[`${name}/kernel`];
  const bias = learnt[`${name}/bias`];
  const size = bias.length;
  const inner = kernel.length / size;
  const out = new Float64Array((x.length / inner) * size);
  for (let from = 0, to = 0; from < x.length; from += inner, to += size) {
    for (let j = 0; j < size; j += 1) out[to + j] = bias[j];
    for (let i = 0; i < inner; i += 1) {
      const value = x[from + i];
      // What the rectifier has set to nothing adds nothing.
      if (value !== 0) {
        for (let j = 0, at = i * size; j < size; j += 1, at += 1) out[to + j] += value * kernel[at];
      }
    }
  }
  return out;
}

function normalised({ learnt, width, epsilon }, x, name) {
  const scale = learnt[`${name}/gamma`];
  const shift = learnt[`${name}/beta`];
  const out = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += width) {
    let [mean, square] = [0, 0];
    for (let i = at; i < at + width; i += 1) mean += x[i] / width;
    for (let i = at; i < at + width; i += 1) square += (x[i] - mean) ** 2 / width;
    const spread = Math.sqrt(square + epsilon);
    for (let i = 0; i < width; i += 1) out[at + i] = (scale[i] * (x[at + i] - mean)) / spread + shift[i];
  }
  return out;
}

/** What each position gets from its heads, and the map of each head: map[q][k]. */
export function attend(Q, K, V, heads, width) {
  const [n, size] = [Q.length / width, width / heads];
  const got = new Float64Array(n * width);
  const maps = Array.from({ length: heads }, (_, head) => Array.from({ length: n }, (__, q) => {
    const row = new Float64Array(n);
    const here = q * width + head * size;
    let [most, total] = [-Infinity, 0];
    for (let k = 0, there = head * size; k < n; k += 1, there += width) {
      let score = 0;
      for (let i = 0; i < size; i += 1) score += Q[here + i] * K[there + i];
      row[k] = score / Math.sqrt(size);
      most = Math.max(most, row[k]);
    }
    for (let k = 0; k < n; k += 1) {
      row[k] = Math.exp(row[k] - most);
      total += row[k];
    }
    for (let k = 0, there = head * size; k < n; k += 1, there += width) {
      row[k] /= total;
      for (let i = 0; i < size; i += 1) got[here + i] += row[k] * V[there + i];
    }
    return row;
  }));
  return { got, maps };
}

/**
 * Probability of class 1 and the maps of every layer and head for a text of words' numbers.
 * A 0 is no word: nobody reads from it, and the others keep their places. `live` has the
 * places of the words; the maps are of these alone.
 */
export function forward(net, ids) {
  const { learnt, heads, width } = net;
  const live = [...ids.keys()].filter((place) => ids[place] > 0);
  const [vectors, places] = [learnt["embedding/embeddings"], learnt["positions/table"]];
  const x = new Float64Array(live.length * width);
  live.forEach((place, row) => {
    for (let i = 0; i < width; i += 1) x[row * width + i] = vectors[ids[place] * width + i] + places[place * width + i];
  });
  const add = (more) => more.forEach((value, at) => { x[at] += value; });
  const layers = [];
  for (let l = 1; `attention_${l}_normalised/beta` in learnt; l += 1) {
    const before = normalised(net, x, `attention_${l}_normalised`);
    const [Q, K, V] = ["query", "key", "value"].map((part) => dense(net, before, `attention_${l}/${part}`));
    const { got, maps } = attend(Q, K, V, heads, width);
    add(dense(net, got, `attention_${l}/attention_output`));
    const inner = dense(net, normalised(net, x, `network_${l}_normalised`), `network_${l}_inner`);
    add(dense(net, inner.map((value) => Math.max(value, 0)), `network_${l}_outer`));
    layers.push(maps);
  }
  const mean = new Float64Array(width);
  normalised(net, x, "normalised").forEach((value, at) => { mean[at % width] += value / live.length; });
  const [blame, praise] = dense(net, mean, "classes");
  return { probability: 1 / (1 + Math.exp(blame - praise)), layers, live };
}

/** The mean of some maps, place by place. */
export const meanMap = (maps) => maps[0].map((row, q) =>
  row.map((_, k) => maps.reduce((sum, map) => sum + map[q][k], 0) / maps.length));

/** What each word receives: the mean over all words that read. */
export const received = (map) => map.map((_, k) => map.reduce((sum, row) => sum + row[k], 0) / map.length);

/** Attention followed back through the layers, half of each on the residual path. */
export function rollout(layers) {
  const one = layers[0][0].map((row, q) => row.map((_, k) => Number(q === k)));
  return layers.reduce((rolled, maps) => meanMap(maps).map((row, q) => row.map((_, k) =>
    0.5 * rolled[q][k] + 0.5 * row.reduce((sum, share, j) => sum + share * rolled[j][k], 0))), one);
}

/** For each place the probability with its word, less without it, the rest being as it is. */
export function effects(net, ids, gone) {
  const left = ids.map((id, place) => (gone.has(place) ? 0 : id));
  const now = forward(net, left).probability;
  return ids.map((id, place) => {
    const other = forward(net, left.with(place, gone.has(place) ? id : 0)).probability;
    return gone.has(place) ? other - now : now - other;
  });
}
