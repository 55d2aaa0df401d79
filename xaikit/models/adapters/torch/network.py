"""A PyTorch module by the contract of networks: outputs on each scale, and their gradients."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from xaikit.core.checks import FloatArray
from xaikit.models.adapters.torch import maps, structure, words
from xaikit.models.adapters.torch.facts import two_dimensional
from xaikit.models.adapters.torch.remembered import facts_of
from xaikit.models.adapters.torch.state import undisturbed
from xaikit.models.adapters.torch.tracing import Functions, as_array
from xaikit.models.network import Array, Maps, batches, rows_at_once


class TorchNetwork:
    """A module: rows in, outputs and their gradients out, in batches that fit in memory."""

    def __init__(self, module: Any, rows: Any) -> None:
        self.model = module
        self.name = type(module).__name__
        found = self.facts = facts_of(module, rows)
        self.inputs, self.shape, self.channels = found.inputs, found.shape, found.channels
        self.ending, self.n_outputs = found.ending, found.n_outputs
        self.spaces: tuple[str, ...] = ("prediction",)
        if found.ending is not None:
            self.spaces = ("probability", "score", "log-odds", "prediction")
        self.default_output = 1 if found.n_outputs == 2 and found.ending is not None else None
        self.vocabulary: int | None = None
        self._type = structure.number_type(module)
        self.dtype: np.dtype[Any] = _numpy_type(self._type)
        if found.readers:
            self.dtype = np.dtype(np.int64)
            readers = [module.get_submodule(name) for name in found.readers]
            self.vocabulary = min(int(reader.num_embeddings) for reader in readers)

    @property
    def batch_size(self) -> int:
        """How many rows go through the module at once."""
        return rows_at_once(self.facts.bytes_a_row)

    def outputs(self, rows: Array, space: str, entry: Array | None = None) -> FloatArray:
        """Return the outputs (n, k); at `entry` where it is given, in place of the rows' own."""
        parts = []
        for piece in batches(len(rows), self.batch_size):
            given = self.tensor(rows[piece])
            moved = None if entry is None else self._copied(entry[piece], self._type)
            with undisturbed(self.model):
                parts.append(as_array(self._at(given, moved, space)).astype(np.float64))
        return np.concatenate(parts)

    def entry(self, rows: Array) -> Array:
        """Return what gradients are taken with respect to, for these rows."""
        if self.inputs != "tokens":
            return rows.astype(self.dtype)
        with undisturbed(self.model):
            return as_array(words.vectors(self.model, self.facts.readers, self.tensor(rows)))

    def output_and_gradient(
        self, entry: Array, rows: Array, column: int, space: str
    ) -> tuple[FloatArray, Array]:
        """Return an output (n,) at each entry, and its gradient there, of the entry's shape."""
        self._check_no_whole_numbers()
        outputs, gradients = [], []
        for piece in batches(len(entry), self.batch_size):
            moved = self._copied(entry[piece], self._type).requires_grad_()
            given = self.tensor(rows[piece]) if self.inputs == "tokens" else moved
            with undisturbed(self.model, gradients=True):
                chosen = self._at(given, moved, space)[:, column]
                # Rows do not see each other, so the gradient of the sum is each row's own.
                gradients.append(as_array(self.gradient(chosen.sum(), moved)))
            outputs.append(as_array(chosen).astype(np.float64))
        return np.concatenate(outputs), np.concatenate(gradients)

    def path_gradient(
        self, origin: Array, end: Array, rows: Array, shares: Array, column: int, space: str
    ) -> Array:
        """Return the gradients at shares of the way from origins to ends, added up."""
        self._check_no_whole_numbers()
        start, stop, along = (self._copied(each, self._type) for each in (origin, end, shares))
        moved = start + along.reshape(-1, *(1,) * start.ndim) * (stop - start)
        moved = moved.flatten(end_dim=1).requires_grad_()
        given = moved
        if self.inputs == "tokens":
            given = self.tensor(rows).repeat(len(shares), 1)
        with undisturbed(self.model, gradients=True):
            gradient = self.gradient(self._at(given, moved, space)[:, column].sum(), moved)
        return as_array(gradient.reshape(len(shares), *start.shape).sum(dim=0))

    def _check_no_whole_numbers(self) -> None:
        if self.facts.makes_whole:
            raise ValueError(
                f"{_no_gradient(self.name)} It takes numbers of a row as whole ones, as for an "
                "Embedding of a category."
            )

    def gradient(self, total: Any, at: Any) -> Any:
        """Return a gradient, or say that there is none."""
        found = None
        if total.requires_grad:
            (found,) = torch.autograd.grad(total, at, allow_unused=True)
        if found is None:
            raise ValueError(_no_gradient(self.name))
        return found

    def maps(self, rows: Array, column: int, space: str, layer: str | None) -> Maps:
        """Return the maps of the named layer, or of the last convolution, for at most a batch."""
        return maps.found(self, self.tensor(rows), column, space, layer)

    def tensor(self, rows: Array) -> Any:
        """Return rows as the tensor that the module takes: a copy, which it may change."""
        return self._copied(rows, torch.int64 if self.inputs == "tokens" else self._type)

    def on_scale(self, rows: Any, space: str) -> Any:
        """Return the outputs (n, k) of a batch, as a tensor."""
        end = self.facts.ending
        if space == "prediction" or (space == "probability" and end != "log_softmax"):
            return two_dimensional(self.model(rows), len(rows), self.model)
        with Functions() as functions:
            outputs = self.model(rows)
        ending = functions.ending(outputs)
        if ending is None:
            raise ValueError(
                f"model must end in the same way for every row; {self.name} ended in a {end} for "
                "the first row of X, and not for others. Use output_space='prediction'."
            )
        score = two_dimensional(ending.score, len(rows), self.model)
        if space == "probability":
            return torch.softmax(score, dim=1)
        if space == "score" or end == "sigmoid":
            return score
        # log p - log(1 - p) = the score minus the log-sum-exp of all other scores.
        others = torch.eye(score.shape[1], dtype=torch.bool, device=score.device)
        rest = score[:, None, :].masked_fill(others, -torch.inf).logsumexp(dim=2)
        return score - rest

    def _at(self, rows: Any, moved: Any, space: str) -> Any:
        """Return the outputs of rows, at other entries where these are given."""
        if self.inputs != "tokens":
            # A copy, as the module may change in place what it is given.
            return self.on_scale(rows if moved is None else moved.clone(), space)
        readers = self.facts.readers
        with nullcontext() if moved is None else words.looked_up(self.model, readers, rows, moved):
            return self.on_scale(rows, space)

    def _copied(self, array: Array, kind: Any) -> Any:
        where = structure.device(self.model)
        # A tensor that is made in inference mode has no gradients ever after.
        with torch.inference_mode(False):
            return torch.tensor(np.ascontiguousarray(array), dtype=kind, device=where)


def _numpy_type(kind: Any) -> np.dtype[Any]:
    """Return the type of NumPy's floats that holds torch's."""
    return np.dtype({torch.float64: np.float64, torch.float16: np.float16}.get(kind, np.float32))


def _no_gradient(name: str) -> str:
    return (
        "model must have a gradient of its output with respect to all of its input; got none "
        f"through {name!r}. Use method='kernel_shap' for a table, and otherwise "
        "method='occlusion'."
    )
