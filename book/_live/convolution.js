// A small network for pictures, forwards and backwards, and what it loses with each patch.

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Numbers written as base64 of little-endian float32. */
export const floats = (base64) => Float64Array.from(new Float32Array(bytes(base64).buffer));

/** Levels of ink from 0 to 1, written as base64 of a byte for each. */
export const levels = (base64) => Float64Array.from(bytes(base64), (byte) => byte / 255);

/** An array cut into pieces of these lengths. */
export function cut(all, lengths) {
  let at = 0;
  return lengths.map((length) => all.subarray(at, at += length));
}

// A box of pixels is [top, bottom, left, right], without the bottom and the right.
const cropped = (side, [top, bottom, left, right]) =>
  [Math.max(0, top), Math.min(side, bottom), Math.max(0, left), Math.min(side, right)];

function pixels(side, [top, bottom, left, right]) {
  const found = [];
  for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) found.push(y * side + x);
  return found;
}

/** Visit (pixel read, pixel written, place in the kernel) of a 3 × 3 convolution. */
function taps(side, box, visit) {
  for (const to of pixels(side, box)) {
    for (let tap = 0; tap < 9; tap += 1) {
      const y = Math.floor(to / side) + Math.floor(tap / 3) - 1;
      const x = (to % side) + (tap % 3) - 1;
      if (y >= 0 && y < side && x >= 0 && x < side) visit(y * side + x, to, tap);
    }
  }
}

/** Visit (number read, number written) of the maxima over windows of `size` pixels a side. */
function windows({ side, size, outputs }, box, visit) {
  for (const from of pixels(side, box.map((edge) => edge * size))) {
    const to = Math.floor(from / side / size) * (side / size) + Math.floor((from % side) / size);
    for (let f = 0; f < outputs; f += 1) visit(from * outputs + f, to * outputs + f);
  }
}

// Convolve, then take the largest of each window, or 0 if all are below (the ReLU). Where
// only a box of the pixels differs from a state before, the rest is taken from there.
function forward(block, { maxima: x, changed }, before) {
  const { side, size, inputs, outputs, kernel, bias } = block;
  const box = cropped(side, changed.map((edge, i) => edge + (i % 2 ? 1 : -1)));
  const over = box.map((edge, i) => (i % 2 ? Math.ceil : Math.floor)(edge / size));
  const sums = before ? before.sums.slice() : new Float32Array(side * side * outputs);
  const maxima = before ? before.maxima.slice() : new Float32Array((side / size) ** 2 * outputs);
  for (const i of pixels(side, box)) sums.set(bias, i * outputs);
  taps(side, box, (from, to, tap) => {
    const start = to * outputs;
    for (let c = 0; c < inputs; c += 1) {
      const value = x[from * inputs + c];
      const at = (tap * inputs + c) * outputs;
      if (value) for (let f = 0; f < outputs; f += 1) sums[start + f] += value * kernel[at + f];
    }
  });
  windows(block, over, (_, o) => { maxima[o] = 0; });
  windows(block, over, (i, o) => { if (sums[i] > maxima[o]) maxima[o] = sums[i]; });
  return { sums, maxima, changed: over };
}

/** From the slopes of the maxima to those of what came in. */
function backward(block, { sums, maxima }, slopes) {
  const { side, size, inputs, outputs, kernel } = block;
  const winners = Array.from(maxima, () => []);
  windows(block, [0, side / size, 0, side / size], (i, o) => {
    if (sums[i] > 0 && sums[i] === maxima[o]) winners[o].push(i);
  });
  const passed = new Float64Array(sums.length);
  winners.forEach((all, o) => {
    // As in TensorFlow: equals share the maximum of a whole map; of four pixels the first has all.
    const served = size === side ? all : all.slice(0, 1);
    for (const i of served) passed[i] = slopes[o] / served.length;
  });
  const found = new Float64Array(side * side * inputs);
  taps(side, [0, side, 0, side], (from, to, tap) => {
    const start = to * outputs;
    for (let c = 0; c < inputs; c += 1) {
      const at = (tap * inputs + c) * outputs;
      let sum = 0;
      for (let f = 0; f < outputs; f += 1) sum += passed[start + f] * kernel[at + f];
      found[from * inputs + c] += sum;
    }
  });
  return found;
}

/**
 * The network of these weights: blocks of a 3 × 3 convolution and the maxima over 2 × 2 pixels,
 * in the last block over the whole map, then a dense layer. `run` gives the scores before the
 * softmax, `gradient` the slope of the k-th in each pixel.
 */
export function network(weights, side) {
  const blocks = [];
  for (let n = 0; n + 2 < weights.length; n += 2) {
    const [kernel, bias, here] = [weights[n], weights[n + 1], side / 2 ** (n / 2)];
    blocks.push({ kernel, bias, outputs: bias.length, inputs: kernel.length / 9 / bias.length,
      side: here, size: n + 4 === weights.length ? here : 2 });
  }
  const [dense, offset] = weights.slice(-2);

  function run(picture, changed = [0, side, 0, side], before = []) {
    let state = { maxima: picture, changed };
    const states = blocks.map((block, n) => (state = forward(block, state, before[n])));
    const score = (start, k) => state.maxima.reduce((sum, x, j) => sum + x * dense[j * offset.length + k], start);
    return { states, scores: Array.from(offset, score) };
  }

  function gradient(picture, k) {
    const { states } = run(picture);
    return blocks.reduceRight((slopes, block, n) => backward(block, states[n], slopes),
      dense.filter((_, i) => i % offset.length === k));
  }
  return { side, run, gradient };
}

/** What the k-th score loses with each patch; a pixel has its mean share of the patches on it. */
export function occlusion({ side, run }, picture, k, patch = 4, stride = 2) {
  const { scores, states } = run(picture);
  const total = new Float64Array(picture.length);
  for (let y = stride - patch; y < side; y += stride) {
    for (let x = stride - patch; x < side; x += stride) {
      const box = cropped(side, [y, y + patch, x, x + patch]);
      const inside = pixels(side, box);
      if (!inside.some((i) => picture[i])) continue; // blank already: it costs nothing
      const covered = picture.slice();
      for (const i of inside) covered[i] = 0;
      const loss = scores[k] - run(covered, box, states).scores[k];
      for (const i of inside) total[i] += loss / inside.length / (patch / stride) ** 2;
    }
  }
  return total;
}

export function softmax(scores) {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  return powers.map((power) => power / powers.reduce((a, b) => a + b));
}
