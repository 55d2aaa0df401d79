"""What a model loses on each row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.core.frames import as_pandas
from xaikit.models.model import Model
from xaikit.models.target import numeric_output

Loss = Callable[[Any, Any], Any]
LOSSES = ("squared error", "log loss", "zero-one loss")


@dataclass(frozen=True)
class RowLoss:
    """The loss of a model on each row of a table; `name` is what it is called."""

    name: str
    of: Callable[[Any], FloatArray]


def row_loss(model: Model, loss: str | Loss, y: npt.ArrayLike, n: int) -> RowLoss:
    """Return the loss that is asked for, of this model and these truths."""
    truth = np.asarray(as_pandas(y))
    if truth.shape not in ((n,), (n, 1)):
        raise ValueError(f"y must hold one value for each row of X, ({n},); got {truth.shape}.")
    truth = truth.reshape(n)
    if not isinstance(loss, str):
        _check_callable(loss)
        return RowLoss(getattr(loss, "__name__", "loss"), partial(_own, model, loss, truth))
    classes = model.kind == "classifier"
    if loss == "auto":
        chosen = "log loss" if "probability" in model.scales else "zero-one loss"
        loss = chosen if classes else "squared error"
    allowed = ("log loss", "zero-one loss") if classes else ("squared error",)
    if loss not in LOSSES or loss not in allowed:
        raise ValueError(
            f'loss must be "auto", {" or ".join(map(repr, allowed))} for a {model.kind}, or a '
            f"function of y and the model's output; got {loss!r}."
        )
    if loss == "squared error":
        return RowLoss(loss, _squared_error(model, truth))
    return RowLoss(loss, _of_classes(model, loss, truth))


def _check_callable(loss: object) -> None:
    if not callable(loss):
        raise TypeError(f"loss must be a name or a function of y and the output; got {loss!r}.")


def _own(model: Model, loss: Loss, truth: npt.NDArray[Any], rows: Any) -> FloatArray:
    found = np.asarray(loss(truth, model.answer(rows)), dtype=np.float64)
    if found.shape != truth.shape or not np.isfinite(found).all():
        raise ValueError(
            f"loss must return one finite number for each row, ({len(truth)},); got shape "
            f"{found.shape}."
        )
    return found


def _squared_error(model: Model, truth: npt.NDArray[Any]) -> Callable[[Any], FloatArray]:
    if truth.dtype.kind not in "biuf" or not np.isfinite(truth.astype(np.float64)).all():
        raise ValueError(f"y must hold finite numbers for the squared error; got {truth.dtype}.")

    def squared(rows: Any) -> FloatArray:
        output = numeric_output(model.answer(rows), len(truth))
        if output.size != len(truth):
            raise ValueError(
                f"loss must be a function of y and the output for a model of {output.shape[1]} "
                "outputs; got 'squared error'."
            )
        error: FloatArray = (truth.astype(np.float64) - output.reshape(len(truth))) ** 2
        return error

    return squared


def _of_classes(model: Model, loss: str, truth: npt.NDArray[Any]) -> Callable[[Any], FloatArray]:
    assert model.classes is not None  # a classifier has them: `describe`
    labels = model.classes.tolist()
    unknown = [label for label in truth.tolist() if label not in labels]
    if unknown:
        raise ValueError(f"y must hold classes of the model, {labels}; got {unknown[0]!r}.")
    place = np.array([labels.index(label) for label in truth.tolist()])
    if loss == "zero-one loss":
        return lambda rows: (np.asarray(model.answer(rows)).reshape(len(truth)) != truth) * 1.0
    if "probability" not in model.scales:
        raise ValueError(
            f"loss must be 'zero-one loss' for {model.name}, which has no probabilities; got "
            "'log loss'."
        )
    scale = model.scales["probability"]

    def log_loss(rows: Any) -> FloatArray:
        p = numeric_output(scale.function(rows), len(truth))
        if scale.after is not None:
            p = scale.after(p)
        if p.ndim == 1 or p.shape[1] == 1:
            second = p.reshape(len(truth))
            p = np.column_stack([1 - second, second])
        # As scikit-learn's log_loss: the smallest step of the probabilities' own type.
        smallest = np.finfo(np.float64).eps
        chosen: FloatArray = np.clip(p[np.arange(len(truth)), place], smallest, 1.0)
        return -np.log(chosen)

    return log_loss
