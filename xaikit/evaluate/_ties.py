"""Places in an order, shared fairly where values tie."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray


def share_of_top(sizes: FloatArray, k: int | npt.NDArray[np.intp]) -> FloatArray:
    """Return each feature's part (0 to 1) in the top k; those that tie for the last share.

    `sizes` is (n, d); `k` is one number for all rows or one for each of them.
    """
    places = np.broadcast_to(k, len(sizes))[:, None]
    last = np.take_along_axis(-np.sort(-sizes, axis=1), places - 1, axis=1)
    above, level = sizes > last, sizes == last
    left = places - above.sum(axis=1, keepdims=True)
    shared: FloatArray = above + level * (left / level.sum(axis=1, keepdims=True))
    return shared
