"""The vectors of words: what an Embedding gives, and a stand-in for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from xaikit.models.adapters.torch.tracing import answered_by, is_same


def vectors(module: Any, readers: tuple[str, ...], rows: Any) -> Any:
    """Return the vectors of the words in some rows, (n, t, width)."""
    return _only(module, readers)(rows)


def looked_up(
    module: Any, readers: tuple[str, ...], rows: Any, entry: Any
) -> AbstractContextManager[None]:
    """Have the Embedding give these vectors for the rows, in place of those that it holds."""

    def answer(given: Any, result: Any) -> Any:
        # A copy, as the module may change in place what it is given.
        return entry.clone() if is_same(given, rows) else result

    return answered_by(_only(module, readers), answer)


def _only(module: Any, readers: tuple[str, ...]) -> Any:
    import torch

    found = [module.get_submodule(name) for name in readers]
    if len(found) != 1 or not isinstance(found[0], torch.nn.Embedding):
        raise ValueError(
            "model must have one Embedding that its words go into, for their gradients to be "
            f"taken; got {len(found)}: {', '.join(map(repr, readers))} of "
            f"{', '.join(type(each).__name__ for each in found)}. Use method='occlusion'."
        )
    return found[0]
