// A small network for pictures, forwards and backwards, and what it loses with each patch.

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Numbers written as base64 of little-endian float32. */
export const floats = (base64) => Float64Array.from(new Float32Array(bytes(base64).buffer));

/** An array cut into pieces of these lengths. */
export function cut(all, lengths) {
  let at = 0;
  return lengths.map((length) => all.subarray(at, at += length));
}

/** Pictures of so many pixels, written as base64 of a byte for each. */
export function pictures(base64, pixels) {
  const ink = Float64Array.from(bytes(base64), (byte) => byte / 255);
  return cut(ink, Array(ink.length / pixels).fill(pixels));
}

// A box is [top, bottom, left, right] of pixels, without the bottom and the right.
const grown = (side, [top, bottom, left, right]) =>
  [Math.max(0, top - 1), Math.min(side, bottom + 1), Math.max(0, left - 1), Math.min(side, right + 1)];

const shrunk = (size, [top, bottom, left, right]) =>
  [Math.floor(top / size), Math.ceil(bottom / size), Math.floor(left / size), Math.ceil(right / size)];

/** Visit (pixel read, pixel written, place in the kernel) of a 3 × 3 convolution. */
function taps(side, [top, bottom, left, right], visit) {
  for (let tap = 0; tap < 9; tap += 1) {
    const dy = Math.floor(tap / 3) - 1;
    const dx = (tap % 3) - 1;
    for (let y = Math.max(top, -dy); y < Math.min(bottom, side - dy); y += 1) {
      for (let x = Math.max(left, -dx); x < Math.min(right, side - dx); x += 1) {
        visit((y + dy) * side + x + dx, y * side + x, tap);
      }
    }
  }
}

/** Visit (number read, number written) of the maxima over windows of `size` pixels a side. */
function windows({ side, size, outputs }, [top, bottom, left, right], visit) {
  for (let y = top * size; y < bottom * size; y += 1) {
    for (let x = left * size; x < right * size; x += 1) {
      const from = (y * side + x) * outputs;
      const to = (Math.floor(y / size) * (side / size) + Math.floor(x / size)) * outputs;
      for (let f = 0; f < outputs; f += 1) visit(from + f, to + f);
    }
  }
}

/**
 * Convolve, then take the largest of each window, or 0 if all are below (the ReLU). Where
 * only a box of the pixels differs from a state before, the rest is taken from there.
 */
function forward(block, x, changed, before) {
  const { side, size, inputs, outputs, kernel, bias } = block;
  const box = grown(side, changed);
  const over = shrunk(size, box);
  const sums = before ? before.sums.slice() : new Float32Array(side * side * outputs);
  const maxima = before ? before.maxima.slice() : new Float32Array((side / size) ** 2 * outputs);
  for (let y = box[0]; y < box[1]; y += 1) {
    for (let i = y * side + box[2]; i < y * side + box[3]; i += 1) sums.set(bias, i * outputs);
  }
  taps(side, box, (from, to, tap) => {
    const start = to * outputs;
    for (let c = 0; c < inputs; c += 1) {
      const value = x[from * inputs + c];
      const at = (tap * inputs + c) * outputs;
      if (value) for (let f = 0; f < outputs; f += 1) sums[start + f] += value * kernel[at + f];
    }
  });
  windows(block, over, (i, o) => { maxima[o] = 0; });
  windows(block, over, (i, o) => { if (sums[i] > maxima[o]) maxima[o] = sums[i]; });
  return { sums, maxima, changed: over };
}

/** From the slopes of the maxima to those of what came in. */
function backward(block, { sums, maxima }, slopes) {
  const { side, size, inputs, outputs, kernel } = block;
  const whole = [0, side / size, 0, side / size];
  const ties = new Uint16Array(maxima.length);
  windows(block, whole, (i, o) => { if (sums[i] === maxima[o]) ties[o] += 1; });
  const passed = new Float64Array(sums.length);
  const seen = new Uint8Array(maxima.length);
  windows(block, whole, (i, o) => {
    if (sums[i] !== maxima[o]) return;
    // As in TensorFlow: equals share the maximum of a whole map; of four pixels the first has all.
    if (size === side) passed[i] = slopes[o] / ties[o];
    else if (!seen[o]) passed[i] = slopes[o];
    seen[o] = 1;
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
 * The network of these weights: blocks of a 3 × 3 convolution with ReLU and the maxima over
 * 2 × 2 pixels, of the last block over the whole map, then a dense layer. `run` gives the
 * scores that go into the softmax, `gradient` the slope of the k-th in each pixel.
 */
export function network(weights, side) {
  const blocks = [];
  for (let n = 0; n + 2 < weights.length; n += 2) {
    const [kernel, bias] = weights.slice(n, n + 2);
    const here = side / 2 ** (n / 2);
    const size = n + 4 === weights.length ? here : 2;
    blocks.push({ side: here, size, kernel, bias, outputs: bias.length, inputs: kernel.length / 9 / bias.length });
  }
  const [dense, offset] = weights.slice(-2);

  function run(picture, changed = [0, side, 0, side], before = []) {
    const states = [];
    let [x, box] = [picture, changed];
    blocks.forEach((block, n) => {
      states.push(forward(block, x, box, before[n]));
      ({ maxima: x, changed: box } = states[n]);
    });
    const score = (start, k) => x.reduce((sum, value, j) => sum + value * dense[j * offset.length + k], start);
    return { states, scores: Array.from(offset, score) };
  }

  function gradient(picture, k) {
    const { states } = run(picture);
    const top = dense.filter((_, i) => i % offset.length === k);
    return blocks.reduceRight((slopes, block, n) => backward(block, states[n], slopes), top);
  }
  return { side, run, gradient };
}

/**
 * What the k-th score loses when a patch is blank, spread over the patch; a pixel has the
 * mean over the patches that cover it.
 */
export function occlusion({ side, run }, picture, k, patch = 4, stride = 2) {
  const { scores, states } = run(picture);
  const total = new Float64Array(picture.length);
  for (let y = stride - patch; y < side; y += stride) {
    for (let x = stride - patch; x < side; x += stride) {
      const box = [Math.max(0, y), Math.min(side, y + patch), Math.max(0, x), Math.min(side, x + patch)];
      const inside = (_, i) => i % side >= box[2] && i % side < box[3] && i >= box[0] * side && i < box[1] * side;
      const covered = picture.map((ink, i) => (inside(ink, i) ? 0 : ink));
      if (covered.every((ink, i) => ink === picture[i])) continue; // blank already: it costs nothing
      const loss = scores[k] - run(covered, box, states).scores[k];
      const share = loss / ((box[1] - box[0]) * (box[3] - box[2])) / (patch / stride) ** 2;
      total.forEach((sum, i) => { if (inside(sum, i)) total[i] += share; });
    }
  }
  return total;
}

export function softmax(scores) {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
