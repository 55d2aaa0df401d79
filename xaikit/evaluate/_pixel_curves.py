"""Deletion and insertion where the features are pixels, patches of them, or words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray, whole_number
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _baselines, _question
from xaikit.inputs.rows import checked_rows
from xaikit.models.model import Model

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.intp]

# Numbers in one call of the model: 32 MB of float64.
_CELLS = 2**22
N_STEPS = 50


class Points(NamedTuple):
    """The points of a curve, and what goes or comes in a step."""

    fractions: FloatArray
    predictions: FloatArray
    unit: str


def curve(
    kind: Literal["deletion", "insertion"],
    model: Model,
    e: Explanation,
    *,
    baseline: Any,
    patch_size: Any,
    n_steps: Any,
) -> Points:
    """Return a curve of images, (n, h, w) with or without channels, or of texts, (n, t)."""
    is_text = e.values.ndim == 2
    network = model.network
    channels_first = e.values.ndim == 4 and network is not None and network.channels == "first"
    values = np.moveaxis(e.values, 1, -1) if channels_first else e.values
    patch = _patch(patch_size, values.shape, is_text)
    steps = whole_number("n_steps", N_STEPS if n_steps is None else n_steps, low=1)
    rows = _rows(e, model)
    gone = _baselines.baseline(baseline, rows, model, is_text=is_text)
    answer: Callable[[Array], FloatArray] = _question.same_output(model, e, rows)
    _check_answer(answer, gone, is_text)
    if channels_first:
        rows, gone = np.moveaxis(rows, 1, -1), np.moveaxis(gone, 1, -1)
        answer = _of_channels_last(answer)

    of_units, unit_of = _units(values, patch)
    order = np.argsort(-of_units, axis=1, kind="stable")
    place = np.argsort(order, axis=1)[:, unit_of]
    n_units = of_units.shape[1]
    counts = np.round(np.linspace(0, n_units, min(steps, n_units) + 1)).astype(np.intp)
    needed = [_needed(falling, counts) for falling in np.take_along_axis(of_units, order, axis=1)]
    ends = (gone, rows) if kind == "insertion" else (rows, gone)
    heights = _heights(answer, *ends, place, needed)
    predictions = [np.interp(counts, *each) for each in zip(needed, heights, strict=True)]
    return Points(counts / n_units, np.stack(predictions), _called(patch, is_text))


def _patch(value: Any, shape: tuple[int, ...], is_text: bool) -> tuple[int, int]:
    if is_text:
        if value is not None:
            raise ValueError(f"patch_size must be left out for texts; got {value!r}.")
        return 1, 1
    if len(shape) not in (3, 4):
        raise ValueError(
            "e must explain images, with values (n, height, width) or (n, height, width, "
            f"channels), texts or a table; got shape {shape}."
        )
    sides = (value, value) if not isinstance(value, tuple | list) else tuple(value)
    if len(sides) != 2:
        raise ValueError(f"patch_size must be a whole number or a pair; got {value!r}.")
    height, width = (
        1 if side is None else whole_number("patch_size", side, low=1, high=limit)
        for side, limit in zip(sides, shape[1:3], strict=True)
    )
    return height, width


def _rows(e: Explanation, model: Model) -> Array:
    if model.kind == "network":
        return np.asarray(checked_rows("e.data", e.data, model))
    if e.data.dtype.kind not in "biuf" or not np.isfinite(e.data).all():
        raise ValueError(f"e.data must hold finite numbers; got {e.data.dtype}.")
    return e.data.astype(np.float64)


def _of_channels_last(answer: Callable[[Array], FloatArray]) -> Callable[[Array], FloatArray]:
    return lambda images: answer(np.moveaxis(images, -1, 1))


def _check_answer(target: Callable[[Array], FloatArray], gone: Array, is_text: bool) -> None:
    try:
        target(gone)
    except ValueError as error:
        hint = " A network that masks word 0 has none to a text of it alone." if is_text else ""
        raise ValueError(
            f"baseline must be one that the model has an answer to; {error}{hint}"
        ) from error


def _units(values: FloatArray, patch: tuple[int, int]) -> tuple[FloatArray, Ints]:
    """Return the attribution of each unit, (n, units), and the unit of each pixel or word."""
    if values.ndim == 2:
        return values, np.arange(values.shape[1])
    picture = values.reshape(*values.shape[:3], -1).sum(axis=3)
    starts = [np.arange(0, side, step) for side, step in zip(picture.shape[1:], patch, strict=True)]
    sums = np.add.reduceat(np.add.reduceat(picture, starts[0], axis=1), starts[1], axis=2)
    down, across = (
        np.arange(side) // step for side, step in zip(picture.shape[1:], patch, strict=True)
    )
    return sums.reshape(len(values), -1), down[:, None] * len(starts[1]) + across


def _needed(falling: FloatArray, counts: Ints) -> Ints:
    """Return at which counts to ask, so that runs of equal attribution can be bridged.

    A count within a run stands on the straight line between the ends of the run, so that
    the order of pixels that tie decides nothing.
    """
    is_end = np.concatenate([[True], falling[1:] != falling[:-1], [True]])
    ends = np.flatnonzero(is_end)
    below = ends[np.searchsorted(ends, counts, side="right") - 1]
    above = ends[np.searchsorted(ends, counts, side="left")]
    return np.unique(np.concatenate([below, above]))


def _heights(
    target: Callable[[Array], FloatArray], start: Array, end: Array, place: Ints, needed: list[Ints]
) -> list[FloatArray]:
    """Return the outputs of each row with its first so many units changed to those of `end`."""
    row = np.repeat(np.arange(len(needed)), [len(counts) for counts in needed])
    count = np.concatenate(needed)
    found = np.empty(len(row))
    step = max(1, _CELLS // start[0].size)
    for at in range(0, len(row), step):
        i, k = row[at : at + step], count[at : at + step]
        changed = place[i] < k.reshape(-1, *[1] * (place.ndim - 1))
        changed = changed.reshape(*changed.shape, *[1] * (start.ndim - changed.ndim))
        found[at : at + step] = target(np.where(changed, end[i], start[i]))
    return np.split(found, np.cumsum([len(counts) for counts in needed])[:-1])


def _called(patch: tuple[int, int], is_text: bool) -> str:
    if is_text:
        return "steps of words"
    return "steps of pixels" if patch == (1, 1) else f"steps of {patch[0]} × {patch[1]} patches"
