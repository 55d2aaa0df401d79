"""What the methods for networks share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, generator
from xaikit.methods.task import Task
from xaikit.models import network as _networks
from xaikit.models.model import Model

Array = npt.NDArray[Any]


def refuse(model: Model, output_space: str | None, n_features: int) -> str | None:
    """Say why a model cannot be explained by a method for networks, or return None."""
    if model.kind == "network":
        return None
    what = "a callable" if model.kind == "callable" else model.name
    return (
        "method must ask for predictions alone, as 'kernel_shap' and 'lime' do, unless the "
        f"model is a Keras network, whose gradients can be taken; got {what}."
    )


def default_space(model: Model) -> str:
    """Return the scale people read the network on."""
    return model.default_space


class Batch(NamedTuple):
    """Some rows of a task on their way through its network.

    `entry` is what gradients are taken with respect to: `rows` themselves, or the vectors
    of the words in them. `origin` is the same for the baseline; None without one.
    """

    network: _networks.Network
    column: int
    rows: Array
    entry: Array
    origin: Array | None

    def gradient(self, entry: Array) -> Array:
        """Return the gradients of the explained output at entries, one a row."""
        return self.network.output_and_gradient(entry, self.rows, self.column)[1]

    def per_word(self, values: Array) -> Array:
        """Add up what the parts of a word's vector get; leave all else as it is."""
        return values.sum(axis=-1) if self.network.inputs == "tokens" else values


def of(task: Task) -> _networks.Network:
    """Return the network of a task, on the task's scale."""
    return _networks.network(task.model.estimator, task.target.space)


def column(task: Task) -> int:
    """Return which output of the network is explained."""
    assert task.target.column is not None  # a network's outputs are always (n, k)
    return task.target.column


def pieces(task: Task, what: str, size: int) -> Iterator[slice]:
    """Cut the rows in pieces of at most `size`, counted on a bar where one is shown."""
    n = len(task.rows)
    with parallel.counted(n, what, task.progress) as count:
        for start in range(0, n, size):
            stop = min(start + size, n)
            yield slice(start, stop)
            count(stop - start)


def in_batches(
    task: Task, what: str, work: Callable[[Batch], tuple[Array, ...]], size: int | None = None
) -> tuple[FloatArray, ...]:
    """Call `work` on batches of rows that fit in memory, and join what it returns."""
    network = of(task)
    parts = []
    for piece in pieces(task, what, size or network.batch_size):
        rows = task.rows[piece]
        origin = None if task.background is None else task.background[piece]
        batch = Batch(
            network,
            column(task),
            rows,
            network.entry(rows),
            None if origin is None else network.entry(origin),
        )
        parts.append(work(batch))
    return tuple(np.concatenate(each).astype(np.float64) for each in zip(*parts, strict=True))


def seeds(rows: Array, random_state: object) -> list[np.random.SeedSequence]:
    """Return a seed a row that follows from its content and `random_state` alone."""
    entropy = int(generator(random_state).integers(2**63))
    contents = (hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return [np.random.SeedSequence([entropy, int.from_bytes(content)]) for content in contents]
