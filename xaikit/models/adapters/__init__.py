"""One module a library, named as the library is; each describes the models of that library.

An adapter offers ``describe(model, describe_inner) -> Model``; `describe_inner` describes a
model that is inside this one. A model belongs to the first library among its class and the
classes that it comes from, so that nothing is imported to recognise it: a model of a library
can only exist where the library is loaded already.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any


def adapter_of(model: Any) -> Any:
    """Return the adapter of the library that a model's class comes from, or None."""
    for kind in type(model).__mro__:
        library = kind.__module__.partition(".")[0]
        if library in _libraries(*__path__):
            return importlib.import_module(f"{__name__}.{library}")
    return None


@cache
def _libraries(*folders: str) -> frozenset[str]:
    return frozenset(found.name for found in pkgutil.iter_modules(folders))
