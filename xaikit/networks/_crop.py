"""The middle of photographs at the size that a network takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import whole_number


def centre_crop(images: Any, *, size: int = 224, share: float = 0.875) -> NDArray[np.float32]:
    """Cut the middle square out of photographs, and bring it to a network's size.

    Parameters
    ----------
    images : array-like of shape (n, height, width, 3)
        Photographs of floats in [0, 1], such as ``datasets.photograph("coffee").X``.
    size : int
        Height and width of what comes out, in pixels.
    share : float
        The side of the square, of the photograph's shorter side; above 0, at most 1.

    Returns
    -------
    ndarray of float32 of shape (n, size, size, 3)
        In [0, 1], in steps of 1/255.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or shape or out of range.

    Notes
    -----
    Bicubic, with the smoothing that shrinking a picture needs. The defaults are those with
    which `efficientnet_lite0` is tested. What a crop cuts off, the network never sees.

    Taught in: deep/saliency.

    Examples
    --------
    >>> from xaikit import datasets
    >>> centre_crop(datasets.photograph("coffee").X).shape
    (1, 224, 224, 3)
    """
    from PIL import Image

    photographs = _checked(images)
    whole_number("size", size, low=1)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise ValueError(f"share must be a number above 0 and at most 1; got {share!r}.")
    height, width = photographs.shape[1:3]
    side = max(1, round(share * min(height, width)))
    top, left = (height - side) // 2, (width - side) // 2
    cut = np.rint(255 * photographs[:, top : top + side, left : left + side]).astype(np.uint8)
    small = [
        np.asarray(Image.fromarray(each).resize((size, size), Image.Resampling.BICUBIC))
        for each in cut
    ]
    return np.stack(small).astype(np.float32) / np.float32(255)


def _checked(images: Any) -> NDArray[Any]:
    photographs = np.asarray(images)
    if photographs.dtype.kind != "f":
        raise TypeError(f"images must hold floats in [0, 1]; got {photographs.dtype}.")
    if photographs.ndim != 4 or photographs.shape[-1] != 3 or 0 in photographs.shape:
        raise ValueError(
            f"images must be of shape (n, height, width, 3); got {photographs.shape}. "
            "For one photograph pass photograph[None]."
        )
    # Not a number is neither.
    if not (photographs.min() >= 0 and photographs.max() <= 1):
        raise ValueError(
            f"images must be in [0, 1]; got {photographs.min():g} to {photographs.max():g}."
        )
    return photographs
