"""The forms in which a colleague might give a right answer; each must count as right."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import wraps
from typing import Any

import numpy as np

Form = Callable[[Any], Any]


def as_lists(value: Any) -> Any:
    """Return arrays and tuples as lists, sets as sorted lists."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return list(value) if isinstance(value, tuple) else value


def with_an_axis(value: Any) -> Any:
    """Return a number as an array of one, and a row of numbers as a column."""
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "fiub":
        return value[:, None]
    return np.array([value]) if _is_number(value) else value


def in_single_precision(value: Any) -> Any:
    """Return floats as float32, as Keras and PyTorch give them."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float32)
    # What would lose its meaning in single precision stays: a seed, a count, a tiny number.
    return np.float32(value) if isinstance(value, float) else value


def as_series(value: Any) -> Any:
    """Return a row of numbers as a Series with labels of its own."""
    import pandas as pd

    if isinstance(value, np.ndarray) and value.ndim == 1:
        return pd.Series(value, index=np.arange(len(value)) + 100)
    return value


def as_fractions(value: Any) -> Any:
    """Return numbers as fractions."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "fi" and np.isfinite(value).all():
        exact = [Fraction(number) for number in value.ravel().tolist()]
        return np.array(exact, dtype=object).reshape(value.shape)
    return Fraction(value) if _is_number(value) and math.isfinite(value) else value


def truth_as_numbers(value: Any) -> Any:
    """Return True and False as 1 and 0."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "b":
        return value.astype(int)
    return int(value) if isinstance(value, bool | np.bool_) else value


FORMS: dict[str, Form] = {
    "lists": as_lists,
    "one more axis": with_an_axis,
    "single precision": in_single_precision,
    "a Series": as_series,
    "fractions": as_fractions,
    "truth as numbers": truth_as_numbers,
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def reformed(value: Any, form: Form) -> Any:
    """Return an answer in another form; of a function, each of its answers.

    What is neither numbers, text nor made of these stays as it is: a table, a model, a figure.
    """
    if isinstance(value, dict):
        return {name: reformed(item, form) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return form(type(value)([reformed(item, form) for item in value]))
    if callable(value) and not isinstance(value, type) and not hasattr(value, "predict"):

        @wraps(value)
        def in_form(*arguments: Any, **options: Any) -> Any:
            return reformed(value(*arguments, **options), form)

        return in_form
    return form(value)


def answered(stub: str) -> Iterator[str]:
    """Give the names that the stub of an answer cell leaves to the learner.

    These are the functions that raise, and the names whose value holds ``...``.
    """
    for statement in ast.parse(stub).body:
        if isinstance(statement, ast.FunctionDef) and "NotImplementedError" in ast.dump(statement):
            yield statement.name
        elif isinstance(statement, ast.Assign) and "Ellipsis" in ast.dump(statement):
            yield from (t.id for t in statement.targets if isinstance(t, ast.Name))
