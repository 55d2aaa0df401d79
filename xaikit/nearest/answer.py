"""Which answer a counterfactual must have, as a question to the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, fraction
from xaikit.models.model import Model
from xaikit.models.target import class_index, numeric_output
from xaikit.nearest.constraints import interval


@dataclass(frozen=True)
class Answer:
    """An answer that is wanted of a model, asked of tables of the kind that it takes."""

    wanted: str
    predict: Callable[[Any], Any]
    accepts: Callable[[Any], BoolArray]
    # Roughly, positive where the answer is the wanted one: it guides the search only.
    score: Callable[[Any], FloatArray] | None = None
    # The class that is wanted, or the ends of the interval.
    label: Any = None
    ends: tuple[float, float] | None = None
    # The least probability of the class, and how probable it is; None where none is asked for.
    least: float | None = None
    probability: Callable[[Any], FloatArray] | None = None

    def holds(self, table: Any) -> BoolArray:
        """Say of each row whether the model gives the wanted answer."""
        held = self.accepts(self.predict(table))
        if self.least is not None and self.probability is not None:
            held = held & (self.probability(table) >= self.least)
        return held


def wanted_answer(
    model: Model, target: Any, original: Any, probability: float | None = None
) -> Answer:
    """Return the answer that `target` names; it must not be the answer for `original`.

    A class may have to be of at least some `probability`.
    """
    if _asks_for_class(model, target):
        answer = _class_answer(model, target, original, probability)
    elif probability is not None:
        raise ValueError(
            f"probability must be left out for a {model.kind}, whose target is an interval or a "
            f"function of the predictions; got {probability!r}."
        )
    elif target is None:
        raise ValueError(
            f"target must be given for a {model.kind}: an interval (low, high), or a function "
            "of the predictions; got None."
        )
    elif callable(target):
        answer = _predicate_answer(model, target)
    else:
        answer = _interval_answer(model, interval("target", target), original)
    if answer.holds(original)[0]:
        raise ValueError(
            "target must be another answer than the model gives for x; got "
            f"{answer.wanted}, which x has already."
        )
    return answer


def _asks_for_class(model: Model, target: Any) -> bool:
    if model.classes is None or model.kind == "classifier":
        return model.kind == "classifier"
    # The probabilities of a network may be asked for too.
    return target is None or (np.isscalar(target) and not callable(target))


def _class_answer(model: Model, target: Any, original: Any, probability: float | None) -> Answer:
    assert model.classes is not None  # the caller has looked
    classes, predict = model.classes, _labels(model)
    if target is None and len(classes) == 2:
        (target,) = [label for label in classes.tolist() if label != predict(original)[0]]
    index = class_index(model, target, argument="target")
    label = classes[index]
    answer = Answer(
        wanted=f"the class {classes.tolist()[index]!r}",
        predict=predict,
        accepts=lambda labels: np.asarray(labels == label, dtype=bool),
        score=class_score(model, index),
        label=classes.tolist()[index],
    )
    return answer if probability is None else _of_probability(model, answer, index, probability)


def _of_probability(model: Model, answer: Answer, index: int, least: float) -> Answer:
    least = fraction("probability", least)
    if "probability" not in model.scales:
        raise ValueError(
            f"probability must be left out for {model.name}, which has none; got {least!r}."
        )
    scale = model.scales["probability"]

    def probability(table: Any) -> FloatArray:
        raw = numeric_output(scale.function(table), len(table))
        if raw.ndim == 1 or raw.shape[1] == 1:
            second = raw.reshape(len(raw))
            return second if index == 1 else 1 - second
        return raw[:, index]

    return replace(
        answer,
        wanted=f"{answer.wanted} at a probability of at least {least:g}",
        score=lambda table: probability(table) - least,
        least=least,
        probability=probability,
    )


def _labels(model: Model) -> Callable[[Any], Any]:
    """Return the model as a function that gives each row's class."""
    if model.network is not None:
        return partial(_most_probable, model)

    def predict(table: Any) -> Any:
        labels = np.asarray(model.answer(table))
        if labels.shape not in ((len(table),), (len(table), 1)):
            raise ValueError(
                f"model must return one class for each row; got shape {labels.shape} for "
                f"{len(table)} rows."
            )
        return labels.reshape(len(table))

    return predict


def _most_probable(model: Model, rows: Any) -> Any:
    """Return the class, by number, that a network gives the highest probability."""
    p = np.asarray(model.answer(rows))
    return p.argmax(axis=1) if p.shape[1] > 1 else (p[:, 0] >= 0.5).astype(np.intp)


def class_score(model: Model, index: int) -> Callable[[Any], FloatArray] | None:
    """Return how far the class is ahead of the next; None where only labels are known."""
    scale = model.scales.get("score", model.scales.get("probability"))
    if scale is None:
        return None

    def score(table: Any) -> FloatArray:
        raw = numeric_output(scale.function(table), len(table))
        if raw.ndim == 1 or raw.shape[1] == 1:
            second = raw.reshape(len(raw))
            return second if index == 1 else -second
        if raw.shape[1] != model.n_classes:  # one against one: no score for each class
            return np.zeros(len(raw))
        others: FloatArray = np.delete(raw, index, axis=1).max(axis=1)
        return raw[:, index] - others

    return score


def _numbers(model: Model) -> Callable[[Any], FloatArray]:
    def predict(table: Any) -> FloatArray:
        raw = numeric_output(model.answer(table), len(table))
        return raw[:, 0] if raw.ndim == 2 and raw.shape[1] == 1 else raw

    return predict


def _interval_answer(model: Model, ends: tuple[float, float], original: Any) -> Answer:
    low, high = ends
    if np.isinf(low) and np.isinf(high):
        raise ValueError(f"target must have at least one finite end; got {ends!r}.")
    predict = _numbers(model)
    shape = predict(original).shape
    if len(shape) != 1:
        number = " the number of a class, or" if model.classes is not None else ""
        raise ValueError(
            f"target must be{number} a function of the predictions, as the model has {shape[1]} "
            f"outputs; got {ends!r}."
        )
    return Answer(
        wanted=f"a prediction from {low:g} to {high:g}",
        predict=predict,
        accepts=lambda y: (y >= low) & (y <= high),
        score=lambda table: _inside(predict(table), low, high),
        ends=ends,
    )


def _inside(y: FloatArray, low: float, high: float) -> FloatArray:
    over = y - low if np.isfinite(low) else high - y
    under = high - y if np.isfinite(high) else over
    return np.minimum(over, under)


def _predicate_answer(model: Model, predicate: Callable[[Any], Any]) -> Answer:
    def accepts(y: FloatArray) -> BoolArray:
        verdict = np.asarray(predicate(y))
        if verdict.dtype != bool or verdict.shape != (len(y),):
            raise ValueError(
                f"target must return one bool for each prediction, shape ({len(y)},); got "
                f"{verdict.dtype} of shape {verdict.shape}."
            )
        return verdict

    return Answer(wanted="what target asks for", predict=_numbers(model), accepts=accepts)
