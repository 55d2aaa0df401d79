"""Quantiles of a column of which most rows may have one value."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray


def distinct_quantiles(values: FloatArray, n_bins: int) -> FloatArray:
    """Return n_bins + 1 quantiles that occur, all different, or all values if there are no more.

    Those that coincide, as most do in a column that is nearly always 0, are replaced by
    quantiles of the other rows. Lowest and highest value are among them.
    """
    rest = np.sort(values)
    edges = rest[:1]
    while len(edges) <= n_bins and len(rest):
        missing = n_bins + 1 - len(edges)
        # Ranks in whole numbers: as a float, 0.15 of 20,000 rows is a little more than 3,000.
        last = -(-len(rest) * np.arange(1, missing + 1) // missing)
        edges = np.union1d(edges, rest[last - 1])
        rest = rest[~np.isin(rest, edges)]
    return edges
