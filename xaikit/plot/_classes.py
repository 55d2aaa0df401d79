"""The names of the classes in figures, where a model knows only their codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation
    from xaikit.effects import CategoryEffect, Effect, PairEffect

ClassNames: TypeAlias = Iterable[str] | Mapping[Any, str]
_Result = TypeVar("_Result", bound="Explanation | Effect | CategoryEffect | PairEffect")


def named(e: _Result, class_names: ClassNames | None) -> _Result:
    """Return the result with its output called by the name of the class."""
    if class_names is None:
        return e
    return replace(e, output_name=name_of(e.output_name, by_label(class_names)))


def by_label(class_names: ClassNames | None) -> dict[str, str] | None:
    """Return the names of the classes by label, those of a sequence by the codes from 0."""
    if class_names is None:
        return None
    if isinstance(class_names, Mapping):
        found = {str(label): name for label, name in class_names.items()}
    elif isinstance(class_names, Iterable) and not isinstance(class_names, str | bytes):
        found = {str(code): name for code, name in enumerate(class_names)}
    else:
        raise TypeError(f"class_names must be names in order or by label; got {class_names!r}.")
    others = [name for name in found.values() if not isinstance(name, str)]
    if others:
        raise TypeError(f"class_names must hold texts; got {others[0]!r}.")
    if len(set(found.values())) < len(found):
        raise ValueError(f"class_names must differ; got {', '.join(map(repr, found.values()))}.")
    return found


def name_of(label: object, names: dict[str, str] | None) -> str:
    """Return the name of the class with this label; the label itself without names."""
    text = str(label)
    if names is None:
        return text
    # A code may be written as a float, as a truth value, or as the column of a function.
    code = {"False": "0", "True": "1"}.get(text, re.sub(r"^output (?=\d+$)|\.0$", "", text))
    for known in (text, code):
        if known in names:
            return names[known]
    raise ValueError(
        f"class_names must name the output {text!r}; got names for {', '.join(map(repr, names))}."
    )
