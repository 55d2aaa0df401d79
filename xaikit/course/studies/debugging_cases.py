"""A leak in real bike hires over ten months, and a shortcut in images over ten trainings."""

from typing import Any

import keras
import numpy as np
import pandas as pd
import shap
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

import xaikit as xk

MONTHS = range(14, 24)  # March to December of the second year, counted from 0
N_SEEDS = 10
STRENGTH = 1000.0  # of the penalty


def hours() -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Return the hours with two columns more: the trend as filed, and as known at the time."""
    bike = xk.datasets.bike()
    X, y = pd.DataFrame(bike.X), pd.Series(bike.y).astype(float)
    X = X.assign(
        season=X["season"].astype("category").cat.codes,
        weather=X["weather"].astype("category").cat.codes,
        trend=y.rolling(3, center=True).mean(),  # the hour before, this one and the next
        known=y.shift(1).rolling(3).mean(),  # the three hours before
        row=np.arange(len(y)),
    )
    whole = X.notna().all(axis=1)
    return X[whole].astype(float), y[whole]


def boosted(X: pd.DataFrame, y: "pd.Series[float]", seed: int) -> Any:
    """Fit the model of the chapter."""
    model = HistGradientBoostingRegressor(max_iter=80, random_state=seed)
    return model.fit(X, y)


def month(number: int) -> dict[str, float]:
    """Report on hours held out at random and on the month that follows, before and after."""
    X, y = hours()
    count = ((X["year"] - X["year"].min()) * 12 + X["month"] - 1).to_numpy()
    past, coming = count < number, count == number
    held = np.random.default_rng(number).random(past.sum()) < 0.2
    told: dict[str, float] = {}
    clock = ["season", "year", "month", "hour", "holiday", "weekday", "workingday",
             "weather", "temp", "feel_temp", "humidity", "windspeed"]  # fmt: skip
    for name, columns in {
        "as filed": [*clock, "trend"],
        "with row number": [*clock, "row"],
        "calendar and weather": clock,
        "repaired": [*clock, "known"],
    }.items():
        model = boosted(X[past][columns][~held], y[past][~held], number)
        told[f"{name}, reported"] = r2_score(y[past][held], model.predict(X[past][columns][held]))
        then = X[coming][columns].copy()
        if "trend" in columns:  # what the column holds when the answer is still to come
            then["trend"] = X[coming]["known"]
        told[f"{name}, in use"] = r2_score(y[coming], model.predict(then))
        if name in ("as filed", "repaired"):
            sample = X[past][columns][held].iloc[:400]
            sizes = np.abs(shap.TreeExplainer(model).shap_values(sample)).mean(axis=0)
            told[f"{name}, share of last column"] = float(sizes[-1] / sizes.sum())
    return {key: float(value) for key, value in told.items()}


def network(seed: int) -> Any:
    """Build a small network for images of 16 by 16 pixels."""
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(12, 3, activation="softplus"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, activation="softplus"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def fit(model: Any, X: Any, y: Any, wrong: Any, strength: float, steps: int = 400) -> Any:
    """Train by the cross-entropy and a penalty on the gradient at the pixels of `wrong`."""
    optimizer = keras.optimizers.Adam(0.005)
    X, y, wrong = (tf.constant(a, tf.float32) for a in (X, y[:, None], wrong))

    @tf.function  # type: ignore[untyped-decorator]
    def step() -> Any:
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                inner.watch(X)
                score = model(X, training=True)
            slope = inner.gradient(score, X)
            loss = tf.nn.sigmoid_cross_entropy_with_logits(y, score)
            total = tf.reduce_mean(loss) + strength * tf.reduce_mean((wrong * slope) ** 2)
        gradients = outer.gradient(total, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return total

    for _ in range(steps):
        step()
    return model


def accuracy(model: Any, X: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Return the share of images that are named rightly."""
    return float(((model(X).numpy()[:, 0] > 0) == y).mean())


def share_of_mark(model: Any, X: NDArray[np.float64], mark: NDArray[np.bool_]) -> float:
    """Return the share of the mark's pixels in the sizes of gradient × input."""
    images = tf.constant(X, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        score = model(images)
    sizes = np.abs((tape.gradient(score, images) * images).numpy()[..., 0])
    return float((sizes * mark).sum() / sizes.sum())


def images(seed: int, **arguments: Any) -> Any:
    """Draw 400 images with the mark."""
    return xk.datasets.planted_watermark(400, size=16, random_state=seed, **arguments)


def training(seed: int) -> dict[str, float]:
    """Train with and without the penalty, and on images whose marks were shuffled."""
    shown, moved = images(seed), images(seed, leak=False)
    test, elsewhere = images(1000 + seed), images(1000 + seed, leak=False)
    mark = shown.truth.parts["watermark"]
    told: dict[str, float] = {}
    for name, data, strength in (
        ("plain", shown, 0.0),
        ("penalised", shown, STRENGTH),
        ("shuffled", moved, 0.0),
    ):
        model = fit(network(seed), data.X, data.y, mark[..., None], strength)
        told[f"{name}, reported"] = accuracy(model, test.X, test.y)
        told[f"{name}, in use"] = accuracy(model, elsewhere.X, elsewhere.y)
        told[f"{name}, share of mark"] = share_of_mark(model, test.X, mark)
    return told


def run() -> dict[str, Any]:
    """Return both cases, a dict for each month and each seed."""
    return {
        "bikes": [month(number) for number in MONTHS],
        "marks": [training(seed) for seed in range(N_SEEDS)],
    }
