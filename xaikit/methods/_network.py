"""What the methods for networks share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, generator
from xaikit.methods._task import Task
from xaikit.models.model import Model
from xaikit.models.network import Array, Network, batches


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by a method for networks, or return None."""
    if model.network is not None:
        return None
    what = "a callable" if model.kind == "callable" else model.name
    return (
        "method must ask for predictions alone, as 'kernel_shap' and 'lime' do, unless the "
        f"model is a network of Keras or PyTorch, whose gradients can be taken; got {what}."
    )


def default_space(model: Model) -> str:
    """Return the scale people read the network on."""
    return model.default_space


class Asked(NamedTuple):
    """A network, and which of its outputs is explained, on which scale."""

    network: Network
    column: int
    space: str

    def outputs(self, rows: Array, entry: Array | None = None) -> FloatArray:
        """Return the output (n,) of rows, or at entries in place of the rows' own."""
        found: FloatArray = self.network.outputs(rows, self.space, entry)[:, self.column]
        return found

    def gradient(self, entry: Array, rows: Array) -> Array:
        """Return the gradient of the output at entries, of their shape."""
        return self.network.output_and_gradient(entry, rows, self.column, self.space)[1]

    def path_gradient(self, origin: Array, end: Array, rows: Array, shares: Array) -> Array:
        """Return the gradients at shares of the ways from origins to ends, added up."""
        return self.network.path_gradient(origin, end, rows, shares, self.column, self.space)


def asked(task: Task) -> Asked:
    """Return the network of a task and what is asked of it."""
    network, column = task.model.network, task.target.column
    assert network is not None  # `refuse`
    assert column is not None  # a network's outputs are always (n, k)
    return Asked(network, column, task.target.space)


class Batch(NamedTuple):
    """Some rows of a task on their way through its network.

    `entry` is what gradients are taken with respect to: `rows` themselves, or the vectors
    of the words in them. `origin` is the same for the baseline; None without one.
    """

    asked: Asked
    rows: Array
    entry: Array
    origin: Array | None

    def gradient(self, entry: Array) -> Array:
        """Return the gradient of the explained output at one entry for each row."""
        return self.asked.gradient(entry, self.rows)

    def of_rows(self, values: Array) -> Array:
        """Return values in the shape of the rows: those of a word's vector added up."""
        return values.sum(axis=-1) if self.asked.network.inputs == "tokens" else values


def pieces(task: Task, what: str, size: int) -> Iterator[slice]:
    """Cut the rows into batches of at most `size`, counted on a bar where one is shown."""
    n = len(task.rows)
    with parallel.counted(n, what, task.progress) as count:
        for piece in batches(n, size):
            yield piece
            count(piece.stop - piece.start)


def in_batches(
    task: Task, what: str, work: Callable[[Batch], tuple[Array, ...]], size: int | None = None
) -> tuple[FloatArray, ...]:
    """Call `work` on batches of rows that fit in memory, and join what it returns."""
    question = asked(task)
    entry = question.network.entry
    parts = []
    for piece in pieces(task, what, size or question.network.batch_size):
        rows = task.rows[piece]
        origin = None if task.background is None else entry(task.background[piece])
        parts.append(work(Batch(question, rows, entry(rows), origin)))
    return tuple(np.concatenate(each).astype(np.float64) for each in zip(*parts, strict=True))


def seeds(rows: Array, random_state: object) -> list[np.random.SeedSequence]:
    """Return a seed for each row that follows from its content and `random_state` alone."""
    entropy = int(generator(random_state).integers(2**63))
    contents = (hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return [np.random.SeedSequence([entropy, int.from_bytes(content)]) for content in contents]
