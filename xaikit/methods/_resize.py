"""Maps laid over a picture of another size."""

from __future__ import annotations

from xaikit.core.checks import FloatArray


def resized(maps: FloatArray, sides: tuple[int, ...]) -> FloatArray:
    """Stretch maps (n, ...) over pictures with these sides, linearly along each side.

    A number of the map is that at the middle of its cell, as in tf.image.resize and
    cv2.resize, and beyond the outer middles the map goes on flat.
    """
    from scipy import ndimage

    factors = [side / cells for side, cells in zip(sides, maps.shape[1:], strict=True)]
    # `grid_mode` stretches the cells, and not what lies between the outer middles.
    result: FloatArray = ndimage.zoom(maps, (1, *factors), order=1, mode="nearest", grid_mode=True)
    return result
