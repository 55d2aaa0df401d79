"""What a module makes of rows, seen by running it on the first of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from xaikit.core.checks import first_line
from xaikit.models.adapters.torch import structure
from xaikit.models.adapters.torch.axes import Axes, axes_of
from xaikit.models.adapters.torch.state import undisturbed
from xaikit.models.adapters.torch.tracing import Functions, Heard, heard, is_same
from xaikit.models.network import Channels, Inputs

Array = npt.NDArray[Any]
Shape = tuple[int | None, ...]


class Facts(NamedTuple):
    """What is known of a module and its rows."""

    inputs: Inputs
    shape: Shape
    channels: Channels = "last"
    # The names of the Embeddings that the rows go into as they are, as words do.
    readers: tuple[str, ...] = ()
    # "softmax", "log_softmax" or "sigmoid", where it ends in one.
    ending: str | None = None
    n_outputs: int | None = None
    bytes_a_row: int = 1
    # Whether it takes numbers of a row as whole ones.
    makes_whole: bool = False
    # Along which axes of a row lie those of the first layer that has channels and sides.
    axes: Axes | None = None


class Failed(Exception):
    """The module did not run; what its layers tell of the rows that it takes, if anything."""

    def __init__(self, said: Exception, shape: Shape | None) -> None:
        super().__init__()
        self.said, self.shape = said, shape


def facts(module: Any, X: Any) -> Facts:
    """Return what a module makes of rows such as X."""
    rows = first_rows(X)
    if rows is None:
        # Not to be run, and refused with the reason where rows are checked.
        return Facts("table", (None,))
    with torch.inference_mode(False):
        return _of_numbers(module, rows, np.shape(X))


def _of_numbers(module: Any, rows: Array, shape_of_all: tuple[int, ...]) -> Facts:
    """Run a module on rows as words, where it may take words, and else as floats."""
    embeddings = [part for part in module.modules() if _is_embedding(part)]
    failed: Failed | None = None
    if embeddings and rows.ndim == 2 and np.array_equal(rows, np.rint(rows)):
        known = min(part.num_embeddings for part in embeddings)
        try:
            found = _seen(module, torch.tensor(rows.clip(0, known - 1).astype(np.int64)))
            if found.readers:
                return found
        except Failed as error:
            failed = error if rows.dtype.kind != "f" else None
    try:
        return _seen(module, torch.tensor(rows.astype(np.float64)))
    except Failed as error:
        failed = failed or error
    said, shape = failed.said, failed.shape
    if shape is not None and not _fits(rows.shape[1:], shape):
        return Facts("table" if len(shape) == 1 else "images", shape, channels=_usual(shape))
    raise ValueError(
        f"X must be rows that the model takes; got shape {shape_of_all}, of which "
        f"{type(module).__name__} says: {first_line(said)}"
    ) from said


def first_rows(X: Any) -> Array | None:
    """Return the first two rows as an array, None where X is no array of numbers in rows."""
    try:
        array = np.asarray(X)
    except ValueError:
        return None
    if array.dtype.kind not in "biuf" or array.ndim < 2 or not array.size:
        return None
    return np.ascontiguousarray(array[:2])


def _is_embedding(layer: Any) -> bool:
    return isinstance(layer, torch.nn.Embedding | torch.nn.EmbeddingBag)


def _fits(found: tuple[int, ...], shape: Shape) -> bool:
    return len(found) == len(shape) and all(
        size in (None, side) for size, side in zip(shape, found, strict=True)
    )


def _usual(shape: Shape) -> Channels:
    """Return where the channels of rows stand that no layer tells of: first, as torch has them.

    Of rows of two axes they stand last, as the features of steps do.
    """
    return "first" if len(shape) >= 3 else "last"


class _Watch:
    """What is noted of a row on its way through the layers."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows
        self.shape: Shape | None = None
        self.readers: list[str] = []
        self.axes: Axes | None = None
        self.position: int | None = None

    def hear(self, call: Heard) -> None:
        given, layer = call.given, call.layer
        if not isinstance(given, torch.Tensor):
            return
        if _is_embedding(layer) and is_same(given, self.rows):
            self.readers.append(call.name)
        if self.shape is None and given.shape == self.rows.shape:
            self.shape = structure.wanted_shape(layer, given.ndim - 1)
        position = structure.channel_position(layer)
        if self.position is None and position is not None and given.ndim > 2:
            self.position = position
            if position == 0:
                self.axes = axes_of(self.rows.detach(), given.detach())

    def channels(self) -> Channels:
        n_axes = self.rows.ndim - 1
        if n_axes < 2 or self.position == -1:
            return "last"
        if self.axes is None:
            return _usual(self.rows.shape[1:])
        return "first" if self.axes[0] == 0 else "last"


def _seen(module: Any, rows: Any) -> Facts:
    """Run a module on the first of some rows, and say what was seen."""
    as_floats = rows.is_floating_point()
    if as_floats:
        rows = rows.to(structure.number_type(module))
    rows = rows.to(structure.device(module))
    row = rows[:1].clone()
    watch, functions = _Watch(row), Functions()
    try:
        with undisturbed(module, gradients=True), heard(module, watch.hear), functions:
            outputs = module(row.requires_grad_() * 1 if as_floats else row)
        ending = functions.ending(outputs) if isinstance(outputs, torch.Tensor) else None
    except Exception as error:  # whatever a module of somebody's own raises
        raise Failed(error, watch.shape) from error
    outputs = two_dimensional(outputs, 1, module)
    if len(rows) > 1:
        _check_by_itself(module, rows, outputs)
    size = outputs.element_size()
    return Facts(
        inputs="tokens" if watch.readers else "table" if rows.ndim == 2 else "images",
        shape=(None,) if watch.readers else watch.shape or (None,) * (rows.ndim - 1),
        channels=watch.channels(),
        readers=tuple(dict.fromkeys(watch.readers)),
        ending=None if ending is None else ending.name,
        n_outputs=int(outputs.shape[1]),
        # Each result, its gradient, and as much again of what a function keeps beside.
        bytes_a_row=max(1, 4 * size * (functions.numbers + row.numel())),
        makes_whole=functions.makes_whole,
        axes=watch.axes,
    )


def _check_by_itself(module: Any, rows: Any, alone: Any) -> None:
    """Refuse a module whose answer to a row depends on the rows beside it, or on chance.

    Gradients would else be those of several rows, and a row's values not its own.
    """
    with undisturbed(module):
        # Second, as steps see those before them.
        beside = two_dimensional(module(rows.flip(0)), len(rows), module)[-1:]
    one, other = (each.detach().cpu().double().numpy() for each in (alone, beside))
    precision = torch.finfo(alone.dtype).eps ** 0.5 if alone.is_floating_point() else 0.0
    size = np.abs(one[np.isfinite(one)]).max(initial=1e-300)
    if not np.allclose(one, other, rtol=0, atol=10 * precision * size, equal_nan=True):
        raise ValueError(
            f"model must answer each row by itself; got another answer of {type(module).__name__} "
            "to the first row of X with the second before it, as of layers that take the first "
            "axis for steps (batch_first=False), normalise over a batch, or draw."
        )


def two_dimensional(outputs: Any, n_rows: int, module: Any) -> Any:
    """Return the outputs of some rows as (n, k), or say why they cannot be explained."""
    is_tensor = isinstance(outputs, torch.Tensor)
    shape = tuple(outputs.shape) if is_tensor else None
    if is_tensor and n_rows == 1 and shape == ():
        return outputs.reshape(1, 1)  # of a module that squeezes its output
    if not is_tensor or len(shape or ()) not in (1, 2) or len(outputs) != n_rows:
        got = f"{shape} for {n_rows} rows" if is_tensor else f"a {type(outputs).__name__}"
        raise ValueError(
            f"model must return a tensor of shape (n,) or (n, k); got {got} from "
            f"{type(module).__name__}. Explain a module whose forward returns the part of "
            "interest of it, or the function lambda X: "
            "model(torch.as_tensor(X))['logits'].detach().numpy() by method='kernel_shap'."
        )
    return outputs[:, None] if outputs.ndim == 1 else outputs
