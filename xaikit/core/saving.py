"""Explanations as JSON: exact, bounded, and nothing in it is ever run."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from xaikit.core.explanation import Explanation

FORMAT = "xaikit.Explanation/3"
MAX_CHARACTERS = 100_000_000

_TEXTS = ("output_name", "output_space", "method", "why")
_KEYS = {
    "format",
    "shape",
    "values",
    "base_values",
    "predictions",
    "data",
    "data_type",
    "feature_names",
    "estimated",
    "diagnostics",
    "index",
    "channels",
    *_TEXTS,
}
# Format 1 had no index, and neither it nor the second where channels stand.
_KEYS_OF = {
    "xaikit.Explanation/1": _KEYS - {"index", "channels"},
    "xaikit.Explanation/2": _KEYS - {"channels"},
    FORMAT: _KEYS,
}
_NUMBER_TYPES = {
    *("float16", "float32", "float64", "bool"),
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
}


def dump(explanation: Explanation) -> str:
    """Return an explanation as JSON text."""
    data = explanation.data
    record = {
        "format": FORMAT,
        "shape": list(explanation.values.shape),
        "values": explanation.values.ravel().tolist(),
        "base_values": explanation.base_values.tolist(),
        "predictions": explanation.predictions.tolist(),
        "data": [_cell(value) for value in data.ravel().tolist()],
        "data_type": data.dtype.name if data.dtype.name in _NUMBER_TYPES else "object",
        "feature_names": explanation.feature_names,
        "estimated": bool(explanation.estimated),
        "diagnostics": {
            name: {"shape": list(array.shape), "values": array.ravel().tolist()}
            for name, array in explanation.diagnostics.items()
        },
        "index": None if explanation.index is None else _index_record(explanation.index),
        "channels": explanation.channels,
        **{name: getattr(explanation, name) for name in _TEXTS},
    }
    return json.dumps(record, allow_nan=False)


def load(text: str) -> dict[str, Any]:
    """Return the fields of the explanation in a JSON text."""
    record = _parse(text)
    found = record.get("format")
    if not isinstance(found, str) or set(record) != _KEYS_OF.get(found):
        raise ValueError(
            f"text must be a record of format {FORMAT!r} with its keys; got the keys "
            f"{sorted(map(str, record))[:20]}."
        )
    shape = _shape(record["shape"])
    for name in _TEXTS:
        if not isinstance(record[name], str):
            raise ValueError(f"{name} must be a text; got {type(record[name]).__name__}.")
    if not isinstance(record["estimated"], bool):
        raise ValueError(f"estimated must be true or false; got {record['estimated']!r}.")
    channels = record.get("channels")
    if channels is not None and not isinstance(channels, str):
        raise ValueError(f"channels must be a text or null; got {type(channels).__name__}.")
    return dict(
        values=_floats("values", record["values"], math.prod(shape)).reshape(shape),
        base_values=_floats("base_values", record["base_values"], shape[0]),
        predictions=_floats("predictions", record["predictions"], shape[0]),
        data=_data(record["data"], record["data_type"], math.prod(shape)).reshape(shape),
        feature_names=_names(record["feature_names"]),
        estimated=record["estimated"],
        diagnostics=_diagnostics(record["diagnostics"]),
        index=_index(record.get("index"), shape[0]),
        channels=channels,
        **{name: record[name] for name in _TEXTS},
    )


def _parse(text: str) -> dict[str, Any]:
    if not isinstance(text, str):
        raise TypeError(f"text must be a str; got {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"text must have at most {MAX_CHARACTERS} characters; got {len(text)}.")
    try:
        record = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("text must be a flat record; got lists nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"text must be JSON; got {text[:40]!r} ({error}).") from None
    if not isinstance(record, dict):
        raise ValueError(f"text must be a JSON object; got {type(record).__name__}.")
    return record


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"text must hold finite numbers only; got {constant}.")


def _cell(value: object) -> object:
    """Return a cell of the data as JSON has it; a missing number is null."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, bool | int | float | str):
        raise ValueError(f"data must hold numbers, texts or booleans; got {type(value).__name__}.")
    if isinstance(value, float) and math.isinf(value):
        raise ValueError(f"data must be finite; got {value}.")
    return value


def _shape(value: object, least: int = 2) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(type(size) is int and size >= 0 for size in value)
    if not isinstance(value, list) or not whole or not least <= len(value) <= 8:
        raise ValueError(f"shape must be {least} to 8 whole numbers; got {str(value)[:80]}.")
    return tuple(value)


def _list(name: str, value: object, size: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != size:
        found = len(value) if isinstance(value, list) else type(value).__name__
        raise ValueError(f"{name} must be a list of {size}, as the shape says; got {found}.")
    return value


def _floats(name: str, value: object, size: int) -> npt.NDArray[np.float64]:
    cells = _list(name, value, size)
    for cell in cells:
        if type(cell) not in (int, float):
            raise ValueError(f"{name} must hold numbers; got {str(cell)[:40]!r}.")
    return np.array(cells, dtype=np.float64)


def _data(value: object, data_type: object, size: int) -> npt.NDArray[Any]:
    cells = _list("data", value, size)
    if data_type == "object":
        if not all(cell is None or isinstance(cell, bool | int | float | str) for cell in cells):
            raise ValueError("data must hold numbers, texts or booleans; got a list or a record.")
        array = np.empty(size, dtype=object)
        array[:] = cells
        return array
    if not isinstance(data_type, str) or data_type not in _NUMBER_TYPES:
        raise ValueError(
            f"data_type must be a number type or 'object'; got {str(data_type)[:40]!r}."
        )
    allowed: tuple[type, ...] = (bool,) if data_type == "bool" else (int,)
    if data_type.startswith("float"):
        allowed = (int, float, type(None))
    if not all(type(cell) in allowed for cell in cells):
        raise ValueError(f"data must hold cells of type {data_type}; got something else.")
    try:
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=data_type)
    except OverflowError:
        raise ValueError(f"data must fit the type {data_type}; got a larger number.") from None


def _diagnostics(value: object) -> dict[str, npt.NDArray[np.float64]]:
    if not isinstance(value, dict):
        raise ValueError(f"diagnostics must be a record; got {type(value).__name__}.")
    arrays = {}
    for name, part in value.items():
        if not isinstance(part, dict) or set(part) != {"shape", "values"}:
            raise ValueError(f"diagnostics must have shape and values each; got {name[:40]!r}.")
        shape = _shape(part["shape"], least=1)
        arrays[name] = _floats("diagnostics", part["values"], math.prod(shape)).reshape(shape)
    return arrays


def _names(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"feature_names must be a list of texts or null; got {str(value)[:40]!r}.")
    return tuple(value)


def _index_record(index: pd.Index[Any]) -> dict[str, Any]:
    return {
        "names": [None if name is None else str(name) for name in index.names],
        "labels": [
            [_label(part) for part in label] if isinstance(label, tuple) else _label(label)
            for label in index.tolist()
        ],
    }


def _label(value: object) -> object:
    """Return a label as JSON has it: a date becomes its text, a missing one null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _index(value: object, size: int) -> pd.Index[Any] | None:
    import pandas as pd

    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"names", "labels"}:
        raise ValueError(f"index must be a record of names and labels; got {type(value).__name__}.")
    names, labels = value["names"], _list("index", value["labels"], size)
    named = isinstance(names, list) and all(isinstance(name, str | None) for name in names)
    if not named or not names:
        raise ValueError(f"index must have names, texts or null; got {str(names)[:40]!r}.")
    several = len(names) > 1
    rows = [label if several else [label] for label in labels]
    if any(not isinstance(row, list) or len(row) != len(names) for row in rows):
        raise ValueError(f"index must have labels of {len(names)} parts each, as its names say.")
    for row in rows:
        if any(isinstance(part, list | dict) for part in row):
            raise ValueError("index must hold numbers, texts and booleans; got a list or a record.")
    index: pd.Index[Any] = (
        pd.MultiIndex.from_tuples([tuple(row) for row in rows], names=names)
        if several
        else pd.Index(labels, name=names[0])
    )
    return index
