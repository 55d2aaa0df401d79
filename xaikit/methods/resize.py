"""Maps laid over a picture of another size."""

from __future__ import annotations

import numpy as np

from xaikit.core.checks import FloatArray


def resized(maps: FloatArray, sides: tuple[int, ...]) -> FloatArray:
    """Stretch maps (n, ...) over pictures with these sides, linearly along each side.

    A number of the map is that at the middle of its cell, as in tf.image.resize and
    cv2.resize: the cells are stretched, not the middles of the outer ones drawn into the
    corners. Beyond those middles the map goes on flat.
    """
    for axis, side in enumerate(sides, start=1):
        found, cells = np.moveaxis(maps, axis, -1), maps.shape[axis]
        where = ((np.arange(side) + 0.5) * cells / side - 0.5).clip(0, cells - 1)
        before = np.floor(where).astype(int)
        after = np.minimum(before + 1, cells - 1)
        share = where - before
        stretched = found[..., before] * (1 - share) + found[..., after] * share
        maps = np.moveaxis(stretched, -1, axis)
    return maps
