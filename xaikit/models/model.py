"""Fitted models of every kind as one function of rows: which output, on which scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray, one_of
from xaikit.core.explanation import OUTPUT_SPACES
from xaikit.models.adapters import keras as _keras
from xaikit.models.network import Network

# Classifiers whose decision_function is the log-odds of the second of two classes.
_LOG_ODDS_BY_CONSTRUCTION = {
    "LogisticRegression",
    "LogisticRegressionCV",
    "GradientBoostingClassifier",
    "HistGradientBoostingClassifier",
    "XGBClassifier",
}


@dataclass(frozen=True)
class Model:
    """A fitted model and what can be read off it without calling it."""

    estimator: Any
    kind: Literal["classifier", "regressor", "callable", "network"]
    classes: npt.NDArray[Any] | None = None
    feature_names: tuple[str, ...] | None = None
    n_features: int | None = None

    @property
    def final(self) -> Any:
        """The estimator at the end of a pipeline or search; the model itself otherwise."""
        inner = self.estimator
        while hasattr(inner, "best_estimator_") or hasattr(inner, "named_steps"):
            inner = inner.best_estimator_ if hasattr(inner, "best_estimator_") else inner[-1]
        return inner

    @property
    def name(self) -> str:
        """The class of the final estimator, as a reader knows it."""
        return type(self.final).__name__

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 unless a classifier."""
        return 0 if self.classes is None else len(self.classes)

    @property
    def is_table(self) -> bool:
        """Whether its rows are those of a table, and not images or words."""
        return self.network is None or self.network.inputs == "table"

    @property
    def network(self) -> Network | None:
        """What a network offers to the methods that look inside; None for other models."""
        return _keras.describe_network(self.estimator) if self.kind == "network" else None

    @property
    def default_space(self) -> str:
        """The scale on which people read this model."""
        if self.network is not None:
            return self.network.spaces[0]
        if self.kind != "classifier":
            return "prediction"
        return "probability" if hasattr(self.estimator, "predict_proba") else "score"


@dataclass(frozen=True)
class Target:
    """One output of a model on one scale: call it on rows to get (n,) numbers."""

    function: Callable[[Any], Any]
    column: int | None
    name: str
    space: str

    def __call__(self, rows: Any) -> FloatArray:
        """Return the output at each row, (n,)."""
        from joblib import parallel_config

        # A model that did not ask for workers of its own gets none. Under a cluster's
        # configuration a forest would else predict in threads and add up its trees in the
        # order in which they finish: other last bits at each call.
        with parallel_config(backend="threading", n_jobs=1):
            raw = numeric_output(self.function(rows), len(rows))
        return raw if self.column is None else raw[:, self.column]


def describe(model: Any) -> Model:
    """Recognise a model, and refuse one that is not fitted or cannot be called."""
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted model, not a class; got {model.__name__}.")
    if _keras.recognises(model):
        return _described_network(model)
    if not hasattr(model, "predict"):
        if not callable(model):
            raise TypeError(
                f"model must have predict, or be callable; got {type(model).__name__} {model!r}."
            )
        return Model(model, "callable")
    _check_fitted(model)
    if type(model).__module__.startswith("xgboost") and type(model).__name__ == "Booster":
        raise TypeError(
            "model must be XGBoost's XGBClassifier or XGBRegressor; got a bare Booster. "
            "XGBClassifier().load_model(path) reads a saved one."
        )
    names = getattr(model, "feature_names_in_", None)
    width = getattr(model, "n_features_in_", None)
    classes = getattr(model, "classes_", None)
    if isinstance(classes, list):
        raise ValueError(
            f"model must predict one target; got a classifier of {len(classes)} targets."
        )
    return Model(
        estimator=model,
        kind="regressor" if classes is None else "classifier",
        classes=None if classes is None else np.asarray(classes),
        feature_names=None if names is None else tuple(map(str, names)),
        n_features=None if width is None else int(width),
    )


def _described_network(model: Any) -> Model:
    network = _keras.describe_network(model)
    table = network.inputs == "table"
    return Model(model, "network", n_features=network.shape[0] if table else None)


def target(model: Model, space: str, output: Any, sample: Any) -> Target:
    """Return the chosen output of a model on the chosen scale."""
    one_of("output_space", space, OUTPUT_SPACES)
    if model.kind == "classifier":
        return _class_target(model, space, output)
    if model.kind == "network":
        return _network_target(model, space, output, sample)
    if space != "prediction":
        raise ValueError(
            f"output_space must be 'prediction' for a {model.kind}; got {space!r}. "
            "Only a classifier has probabilities."
        )
    function = model.estimator if model.kind == "callable" else model.estimator.predict
    width = _output_width(function(sample), len(sample))
    if width is None or width == 1:
        if output not in (None, 0):
            raise ValueError(
                f"output must be left out, as the model has one output; got {output!r}."
            )
        return Target(function, None if width is None else 0, "prediction", space)
    return Target(function, _column(output, width), f"output {output}", space)


def _column(output: Any, width: int) -> int:
    if isinstance(output, bool) or not isinstance(output, int | np.integer):
        raise ValueError(
            f"output must be a column from 0 to {width - 1}, as the model has {width} outputs; "
            f"got {output!r}."
        )
    if not 0 <= output < width:
        raise ValueError(f"output must be a column from 0 to {width - 1}; got {output}.")
    return int(output)


def _network_target(model: Model, space: str, output: Any, sample: Any) -> Target:
    network = model.network
    assert network is not None  # of this kind
    if space not in network.spaces:
        raise ValueError(
            f"output_space must be {' or '.join(map(repr, network.spaces))} for the network "
            f"{network.name!r}, which does not end in a softmax or sigmoid; got {space!r}."
        )
    function = partial(network.outputs, space=space)
    # What the model tells of its shape is not asked of it, which would compile it for that.
    width = network.n_outputs or function(sample).shape[1]
    if width == 1:
        if output not in (None, 0):
            raise ValueError(
                f"output must be left out, as the network has one output; got {output!r}."
            )
        return Target(function, 0, "prediction", space)
    column = network.default_output if output is None else output
    return Target(function, _column(column, width), f"output {column}", space)


def numeric_output(value: Any, n_rows: int) -> FloatArray:
    """Return what a model returned as finite floats, (n,) or (n, k)."""
    raw = np.asarray(value)
    if raw.dtype.kind not in "biuf":
        raise ValueError(f"model must return numbers; got {raw.dtype}.")
    if raw.ndim not in (1, 2) or len(raw) != n_rows or raw.size == 0:
        raise ValueError(
            f"model must return shape (n,) or (n, k) for n rows; got {raw.shape} for {n_rows} rows."
        )
    raw = raw.astype(np.float64, copy=False)
    if not np.isfinite(raw).all():
        raise ValueError(f"model must return finite numbers; got {raw[~np.isfinite(raw)][0]}.")
    return raw


def _check_fitted(model: Any) -> None:
    from sklearn.base import BaseEstimator
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not isinstance(model, BaseEstimator):
        return
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise ValueError(
            f"model must be fitted before it is explained; got an unfitted {type(model).__name__}."
        ) from None


def _output_width(value: Any, n_rows: int) -> int | None:
    raw = numeric_output(value, n_rows)
    return None if raw.ndim == 1 else raw.shape[1]


def _class_target(model: Model, space: str, output: Any) -> Target:
    index = class_index(model, output)
    assert model.classes is not None  # a classifier has them: `describe`
    label = str(model.classes[index])
    if space == "prediction":
        raise ValueError(
            "output_space must be 'probability', 'log-odds' or 'score' for a classifier; "
            "got 'prediction'. A label is not a number."
        )
    if space == "score" or (space == "log-odds" and _gives_log_odds(model)):
        return _score_target(model, index, label, space)
    if not hasattr(model.estimator, "predict_proba"):
        raise ValueError(
            f"output_space must be 'score' for {model.name}, which has no predict_proba; "
            f"got {space!r}."
        )
    proba = model.estimator.predict_proba
    if space == "probability":
        return Target(proba, index, label, space)
    return Target(lambda rows: _log_odds(proba(rows)[:, index]), None, label, space)


def class_index(model: Model, label: Any, argument: str = "output") -> int:
    """Return the position of a class label; left out, the second of two."""
    assert model.classes is not None  # a classifier has them: `describe`
    labels = model.classes.tolist()
    if label is None:
        if len(labels) == 2:
            return 1
        raise ValueError(f"{argument} must name one of the classes {_short(labels)}; got None.")
    if not np.isscalar(label) or label not in labels:
        raise ValueError(f"{argument} must be one of the classes {_short(labels)}; got {label!r}.")
    return int(labels.index(label))


def _short(labels: list[Any]) -> str:
    shown = ", ".join(map(repr, labels[:10]))
    return f"{shown}, … ({len(labels)} in all)" if len(labels) > 10 else shown


def _gives_log_odds(model: Model) -> bool:
    exponential = getattr(model.final, "loss", None) == "exponential"
    return model.n_classes == 2 and model.name in _LOG_ODDS_BY_CONSTRUCTION and not exponential


def _score_target(model: Model, index: int, label: str, space: str) -> Target:
    if model.name == "XGBClassifier":
        # Pipeline.predict hands the keyword on to its last step.
        def raw(rows: Any) -> Any:
            return model.estimator.predict(rows, output_margin=True)
    elif hasattr(model.estimator, "decision_function"):
        raw = model.estimator.decision_function
    else:
        raise ValueError(
            f"output_space must be 'probability' or 'log-odds' for {model.name}, which has no "
            f"decision_function; got {space!r}."
        )
    if model.n_classes == 2:
        # One column: the score of the second class, and against it that of the first.
        sign = 1.0 if index == 1 else -1.0
        return Target(lambda rows: sign * np.asarray(raw(rows)), None, label, space)
    return Target(raw, index, label, space)


def _log_odds(probability: Any) -> FloatArray:
    p = np.asarray(probability, dtype=np.float64)
    if ((p <= 0) | (p >= 1)).any():
        raise ValueError(
            "output_space='log-odds' needs probabilities strictly between 0 and 1; the model "
            f"gave {p[(p <= 0) | (p >= 1)][0]:g} for a row. Use output_space='probability'."
        )
    logit: FloatArray = np.log(p) - np.log1p(-p)
    return logit
