// A model that was written down by xaikit.live.table, as a function of a row.

/** Walk one tree: a node goes left where the value, as a float32, is at most its threshold. */
function walk(tree, row) {
  let node = 0;
  while (tree.left[node] >= 0) {
    const value = Math.fround(row[tree.feature[node]]);
    node = value <= tree.threshold[node] ? tree.left[node] : tree.right[node];
  }
  return tree.value[node];
}

/** Return f(row) for a model of trees or of weights. */
export function predictor(model) {
  if (model.weights) {
    return (row) => row.reduce((sum, x, i) => sum + x * model.weights[i], model.offset);
  }
  const trees = model.trees.map((tree) => ({
    feature: Int32Array.from(tree.feature),
    threshold: Float64Array.from(tree.threshold),
    left: Int32Array.from(tree.left),
    right: Int32Array.from(tree.right),
    value: Float64Array.from(tree.value),
  }));
  return (row) => {
    let sum = model.offset;
    for (const tree of trees) sum += walk(tree, row);
    return sum;
  };
}

/** The probability at these log-odds. */
export const probability = (logOdds) => 1 / (1 + Math.exp(-logOdds));
