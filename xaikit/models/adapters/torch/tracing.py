"""What can be seen while a module runs: what its layers are given, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch.overrides import TorchFunctionMode

# Functions that may end a network, in `forward` or in a layer, by the names torch has for them.
_ENDINGS = {
    **{"softmax": "softmax", "log_softmax": "log_softmax"},
    **{"sigmoid": "sigmoid", "expit": "sigmoid"},
}
_OF_SCORES: dict[str, Callable[[Any], Any]] = {
    "softmax": lambda score: torch.softmax(score, dim=1),
    "log_softmax": lambda score: torch.log_softmax(score, dim=1),
    "sigmoid": torch.sigmoid,
}
_TO_WHOLE_NUMBERS = {"long", "int", "short", "to", "type", "type_as", "bucketize", "searchsorted"}


class Ending(NamedTuple):
    """The softmax or sigmoid at the end of a run, and the scores it was given."""

    name: str
    score: Any


class Functions(TorchFunctionMode):  # type: ignore[misc]  # torch is absent where types are checked
    """Stands beside torch's functions while a module calls them."""

    def __init__(self) -> None:
        super().__init__()
        # In all that they return.
        self.numbers = 0
        # Whether numbers of a row became whole ones, and so lost their slope.
        self.makes_whole = False
        self._last: tuple[str, Any, Any] | None = None

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function, and note what comes of it."""
        result = function(*args, **(kwargs or {}))
        if not isinstance(result, torch.Tensor):
            return result
        given = next((each for each in (*args, *(kwargs or {}).values())), None)
        name = getattr(function, "__name__", "")
        self.numbers += result.numel()
        if name in _ENDINGS:
            self._last = _ENDINGS[name], given, result
        if name in _TO_WHOLE_NUMBERS and isinstance(given, torch.Tensor) and given.requires_grad:
            self.makes_whole |= not (result.is_floating_point() or result.dtype == torch.bool)
        return result

    def ending(self, outputs: Any) -> Ending | None:
        """Return how the run ended, if in a softmax over the classes or in sigmoids."""
        if self._last is None:
            return None
        name, given, result = self._last
        # A view of what it returned, as without an axis of size 1, is that still.
        same = result.data_ptr() == outputs.data_ptr() and result.numel() == outputs.numel()
        if not same or (name != "sigmoid" and outputs.ndim != 2):
            return None
        score = given.reshape(outputs.shape)
        # Over the classes, and not changed in place since.
        own = _OF_SCORES[name](score).to(outputs.dtype)
        near = torch.allclose(own, outputs, rtol=1e-3, atol=1e-5, equal_nan=True)
        return Ending(name, score) if near else None


class Heard(NamedTuple):
    """A layer without layers in it, and the first tensor that it was given."""

    name: str
    layer: Any
    given: Any


@contextmanager
def heard(module: Any, also: Callable[[Heard], None]) -> Iterator[None]:
    """Call `also` whenever a layer of a module is about to be called."""

    def hear(name: str) -> Callable[..., None]:
        return lambda layer, args, options: also(
            Heard(name, layer, next(iter((*args, *options.values())), None))
        )

    handles = [
        layer.register_forward_pre_hook(hear(name), with_kwargs=True)
        for name, layer in module.named_modules()
        if name or not any(True for _ in module.children())
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def answered_by(layer: Any, answer: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Have `answer(given, result)` take the place of what a layer returns."""
    handle = layer.register_forward_hook(
        lambda _, args, options, result: answer(next(iter((*args, *options.values()))), result),
        with_kwargs=True,
    )
    try:
        yield
    finally:
        handle.remove()


def is_same(given: Any, rows: Any) -> bool:
    """Say whether a tensor is the rows as they are."""
    return (
        isinstance(given, torch.Tensor)
        and given.shape == rows.shape
        and given.dtype == rows.dtype
        and given.data_ptr() == rows.data_ptr()
    )


def as_array(tensor: Any) -> npt.NDArray[Any]:
    """Return a tensor as an array of float64 or float32, as NumPy has none of torch's others."""
    tensor = tensor.detach().cpu()
    array = tensor.numpy() if tensor.dtype == torch.float64 else tensor.float().numpy()
    return np.asarray(array)
