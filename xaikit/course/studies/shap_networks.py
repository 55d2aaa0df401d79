"""How far DeepExplainer and expected gradients are from exact values, on ten networks."""

import warnings
from typing import Any

import keras
import numpy as np
import shap
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

import xaikit as xk

N_NETWORKS = 10


def trained(X: NDArray[np.float32], y: NDArray[np.float64], seed: int) -> keras.Model:
    """Train the chapter's network from another start."""

    def dense(width: int, activation: str | None, offset: int) -> keras.layers.Layer:
        start = keras.initializers.GlorotUniform(seed=10 * seed + offset)
        return keras.layers.Dense(width, activation, kernel_initializer=start)

    entry = keras.layers.Input((8,))
    hidden = dense(16, "relu", 2)(dense(32, "relu", 1)(entry))
    network = keras.Model([entry], dense(1, None, 3)(hidden))
    network.compile("adam", "mse")
    network.fit([X], y, epochs=6, batch_size=128, shuffle=False, verbose=0)
    return network


def expected_gradients(
    network: keras.Model, rows: NDArray[np.float32], background: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Return the mean of (x - b) * gradient over twenty points of each line from b to x."""
    along = (np.arange(20, dtype="float32")[:, None, None] + 0.5) / 20
    result = []
    for row in rows:
        points = background + along * (row - background)
        with tf.GradientTape() as tape:
            z = tf.constant(points.reshape(-1, len(row)))
            tape.watch(z)
            output = network([z])
        slope = tape.gradient(output, z).numpy().reshape(points.shape)
        result.append(((row - background) * slope.mean(axis=0)).mean(axis=0))
    return np.array(result, dtype=float)


def one(seed: int) -> dict[str, float]:
    """Train one network on one split, and compare three explanations of twenty districts."""
    housing = xk.datasets.california_housing()
    parts = train_test_split(housing.X, housing.y, random_state=seed)
    standard = StandardScaler().fit(parts[0])
    train, test = (standard.transform(p).clip(-4, 4).astype("float32") for p in parts[:2])
    network = trained(train, parts[2].to_numpy(), seed)

    def predict(rows: Any) -> NDArray[np.float64]:
        return np.asarray(network([np.asarray(rows, "float32")]).numpy()[:, 0], dtype=float)

    rows, background = test[:20], train[:100]
    exact = xk.explain(predict, rows, method="exact_shapley", background=background).values
    with warnings.catch_warnings():  # a remark on the version of TensorFlow
        warnings.filterwarnings("ignore", message="Your TensorFlow version")
        deep = shap.DeepExplainer(network, background).shap_values(rows)[..., 0]
    told = {"r2": 1 - np.mean((predict(test) - parts[3]) ** 2) / parts[3].var()}
    for name, found in {
        "deep": deep,
        "gradients": expected_gradients(network, rows, background),
    }.items():
        off = np.abs(found - exact)
        first = np.abs(found).argmax(axis=1) == np.abs(exact).argmax(axis=1)
        told[f"{name}_mean"] = off.mean() / np.abs(exact).mean()
        told[f"{name}_worst"] = off.max()
        told[f"{name}_first"] = first.mean()
    return {key: round(float(value), 4) for key, value in told.items()}


def run() -> dict[str, Any]:
    """Return what was found, a list over the networks for each finding."""
    networks = [one(seed) for seed in range(N_NETWORKS)]
    return {key: [network[key] for network in networks] for key in networks[0]}
