"""What was seen of a module, remembered for as long as the module and the rows stay the same.

To see it takes two runs of the module, and these cost as much as an explanation of a small image.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Sized
from typing import Any

import torch

from xaikit.models.adapters.torch import structure
from xaikit.models.adapters.torch.facts import Facts, facts, first_rows

# Weakly: what is kept for a module must not keep the module.
_SEEN: weakref.WeakKeyDictionary[Any, tuple[Any, Facts]] = weakref.WeakKeyDictionary()
# Of a longer list, a vocabulary perhaps, only its length is looked at.
_MOST = 100


def facts_of(module: Any, X: Any) -> Facts:
    """Return what a module makes of rows such as X, without a run where that was seen before."""
    rows, kind = first_rows(X), module.__class__
    if rows is None or kind.__hash__ is not object.__hash__:
        return facts(module, X)
    content = hashlib.blake2b(rows.tobytes(), digest_size=16).digest()
    state = (rows.shape, rows.dtype.str, content, _state(module))
    known = _SEEN.get(module)
    if known is None or known[0] != state:
        known = _SEEN[module] = (state, facts(module, X))
    return known[1]


def _state(module: Any) -> Any:
    """Return of each part its class, its settings and hooks, and the kinds of its weights.

    What is seen follows from these and from the code, and not from what the weights are.
    """
    parts = [(id(part), type(part).forward, _settings(part)) for part in module.modules()]
    return parts, structure.number_type(module), structure.device(module)


def _settings(part: Any) -> Any:
    # Most of what torch keeps with each part are dictionaries of hooks, and empty.
    own = vars(part).items()
    return [(name, _frozen(value)) for name, value in own if not isinstance(value, dict) or value]


def _frozen(value: Any) -> Any:
    """Return what a value can be compared by when it has been changed in place."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, torch.Tensor):
        return id(value), tuple(value.shape), value.dtype
    if isinstance(value, dict) and len(value) <= _MOST:
        return [(_frozen(key), _frozen(each)) for key, each in value.items()]
    if isinstance(value, list | tuple) and len(value) <= _MOST:
        return [_frozen(each) for each in value]
    return id(value), len(value) if isinstance(value, Sized) else 0
