"""Occlusion of networks: what the output loses when a patch of the row is covered.

A patch P that is filled in costs f(x) − f(x with P filled), spread evenly over its numbers
(pixels times channels). A number gets the mean over the patches that cover it. So values
are in the output's units; where patches do not overlap, those of a patch add up to what it
costs; and for an additive network they add up to f(x) − f(all filled), as long as the
stride divides the patch. The residual shows what parts do together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xaikit.core.checks import FloatArray
from xaikit.methods._network import Asked, asked, pieces, refuse
from xaikit.methods._patches import Region, patches
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.network import Array
from xaikit.models.target import numeric_output


def explain(
    task: Task, *, patch_size: object = None, stride: object = None, fill: object = None
) -> Attribution:
    """Return what the output loses when a patch of the row is covered.

    What a patch costs, f(x) - f(x covered), is spread evenly over it, channels too; a number
    gets the mean over the patches on it. The base value is f(all covered). For additive
    networks the values add up, as long as the stride divides the patch; the residual shows
    the rest. Rows of two axes are taken for steps with channels, and a patch spans the
    channels; give a pair for pictures without channels.

    Parameters
    ----------
    patch_size : int or sequence of int, optional
        A whole number or one for each side, and one more for the channels where they are to
        be covered apart; an eighth of the side if left out, a single word where a row is text.
    stride : int or sequence of int, optional
        How far the next patch lies; the patch's own size if left out.
    fill : float or array-like, optional
        What stands in for what is covered, in place of `baseline` and as it is given.

    References
    ----------
    .. [1] Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding convolutional
       networks. ECCV, 818-833. https://doi.org/10.1007/978-3-319-10590-1_53
    """
    question = asked(task)
    network, shape = question.network, task.rows.shape[1:]
    grid = patches(shape, network.inputs == "tokens", patch_size, stride, channels=network.channels)
    covered = _Covered(question, [_nothing(shape), _everything(shape), *grid.regions])
    # As many rows at once as fill a batch with their covered copies.
    size = max(1, network.batch_size // len(covered.regions))
    values, base = [], []
    for piece in pieces(task, "occlusion", size):
        output = covered.outputs(task.rows[piece], task.background[piece])
        values.append(_spread(output[:, :1] - output[:, 2:], grid.regions, shape))
        base.append(output[:, 1])
    return Attribution(
        np.concatenate(values), np.concatenate(base), estimated=False, note=str(grid)
    )


def _spread(costs: FloatArray, regions: list[Region], shape: tuple[int, ...]) -> FloatArray:
    """Return the mean, over the patches on each number, of its share of their costs."""
    total, covers = np.zeros((len(costs), *shape)), np.zeros(shape)
    for k, region in enumerate(regions):
        share = costs[:, k] / covers[region].size
        total[(slice(None), *region)] += share.reshape(-1, *(1,) * len(shape))
        covers[region] += 1
    values: FloatArray = total / covers
    return values


@dataclass(frozen=True)
class _Covered:
    """One output of a network, at rows with each of some regions filled in turn.

    The first region is empty, the second the whole row.
    """

    question: Asked
    regions: list[Region]

    def outputs(self, rows: Array, fill: Array) -> FloatArray:
        """Return the outputs (n, regions)."""
        dtype = self.question.network.dtype
        rows, fill = rows.astype(dtype), fill.astype(dtype)
        differs = rows != fill
        sides = tuple(range(1, rows.ndim))
        changed = np.stack(
            [differs[(slice(None), *region)].any(axis=sides) for region in self.regions], axis=1
        )
        # The rows as they are, asked in the same batches as their copies: how many go
        # through a network together can change the last bits of what comes out.
        changed[:, 0] = True
        pairs = np.argwhere(changed)
        found = np.empty(len(pairs))
        size = self.question.network.batch_size
        for i in range(0, len(pairs), size):
            found[i : i + size] = self._ask(rows, fill, pairs[i : i + size])
        output = np.where(changed, 0.0, np.nan)
        output[changed] = found
        # A patch that changes nothing costs nothing, and need not be asked.
        return np.where(changed, output, output[:, :1])

    def _ask(self, rows: Array, fill: Array, pairs: Array) -> FloatArray:
        copies = rows[pairs[:, 0]]
        for copy, (i, k) in zip(copies, pairs, strict=True):
            copy[self.regions[k]] = fill[i][self.regions[k]]
        found = self.question.outputs(copies)
        whole = pairs[:, 1] == 0
        if whole.any():
            numeric_output(found[whole], whole.sum())
        if not np.isfinite(found).all():
            raise ValueError(
                "fill must leave the network an answer where it stands in for every part of a "
                f"row; got one at which {self.question.network.name!r} gives "
                f"{found[~np.isfinite(found)][0]}, as a network does that masks the word and has "
                "no other left. Fill with another word."
            )
        return found


def _nothing(shape: tuple[int, ...]) -> Region:
    return (slice(0, 0),) * len(shape)


def _everything(shape: tuple[int, ...]) -> Region:
    return (slice(None),) * len(shape)


METHOD = Method(
    "occlusion",
    explain,
    rows=("images", "tokens"),
    refuse=refuse,
    reference=lambda options: "baseline",
)
