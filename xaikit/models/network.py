"""What a described network offers to the methods that look inside one.

Each library of networks has an adapter that fulfils this contract; the methods know no
library. Gradients are taken with respect to the *entry* of a network: its rows, or, where
a row is a text, the vectors of its words, (n, t, width).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray

Array = npt.NDArray[Any]
Inputs = Literal["table", "images", "tokens"]
Channels = Literal["first", "last"]

# Bytes that one call of a network may take, as far as its layers tell.
BUDGET = 2**28
_MOST_ROWS = 2**14


class Maps(NamedTuple):
    """The maps of a layer, and the gradient of an output with respect to them.

    Both have shape (n, *sides, channels), whatever the layout in the network: `along` says
    which axes of a row, counted without the batch, the sides lie along, in rising order.
    """

    layer: str
    maps: Array
    gradient: Array
    along: tuple[int, ...]


class Redrawn(Protocol):
    """A copy of a network whose layers can be given random weights, and their own again."""

    @property
    def model(self) -> Any:
        """The copy, a model of the same library."""

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that have weights, from the output to the input."""

    def draw(self, layer: int) -> None:
        """Give a layer of the copy random weights."""

    def restore(self, layer: int) -> None:
        """Give a layer of the copy the weights that it was trained to."""


class Network(Protocol):
    """A trained network with one input and one output."""

    @property
    def name(self) -> str:
        """The name by which its owner knows it."""

    @property
    def inputs(self) -> Inputs:
        """What a row is: columns of a table, words by their numbers, or all else ("images")."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of a row, None where any size goes."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of number that it computes its rows in."""

    @property
    def channels(self) -> Channels:
        """Whether the channels are the first or the last of several axes of a row."""

    @property
    def vocabulary(self) -> int | None:
        """How many words it knows, numbered from 0; None unless a row is a text."""

    @property
    def spaces(self) -> tuple[str, ...]:
        """The scales on which it can be explained, the usual one first."""

    @property
    def n_outputs(self) -> int | None:
        """How many outputs it has; None where only a run tells."""

    @property
    def default_output(self) -> int | None:
        """The output that is meant where none is named: the second of two classes."""

    @property
    def batch_size(self) -> int:
        """How many rows go through it at once."""

    def outputs(self, rows: Array, space: str, entry: Array | None = None) -> FloatArray:
        """Return the outputs (n, k); at `entry` where it is given, in place of the rows' own."""

    def entry(self, rows: Array) -> Array:
        """Return what gradients are taken with respect to, for these rows."""

    def output_and_gradient(
        self, entry: Array, rows: Array, column: int, space: str
    ) -> tuple[FloatArray, Array]:
        """Return an output (n,) at each entry, and its gradient there, of the entry's shape.

        Of a text, `rows` say which words are padding while their vectors move.
        """

    def path_gradient(
        self, origin: Array, end: Array, rows: Array, shares: Array, column: int, space: str
    ) -> Array:
        """Return an output's gradients along the ways from origins to ends, added up (n, ...).

        They are taken at the given shares of each way; all of its points together are at
        most a batch.
        """

    def maps(self, rows: Array, column: int, space: str, layer: str | None) -> Maps:
        """Return the maps of the named layer, or of the last convolution, for at most a batch."""


def rows_at_once(bytes_a_row: int) -> int:
    """Return how many rows may go through a network together."""
    return int(np.clip(BUDGET // bytes_a_row, 1, _MOST_ROWS))


def batches(n: int, size: int) -> Iterator[slice]:
    """Cut n rows into batches of at most `size`."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
