"""Edges of a picture: what looks like an explanation and never reads the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.core.explanation import Explanation
from xaikit.evaluate import _checks

_WHY = "A control: the edges of the picture, of which the model knows nothing."

# More stand before the height of no picture.
_MOST_CHANNELS = 4


def edges(e: Explanation | npt.ArrayLike) -> Explanation:
    """Return the edges of images as if they were an explanation: a control that must fail.

    Parameters
    ----------
    e : Explanation, or array of shape (n, height, width) or (n, height, width, channels)
        The images, or an explanation of them, whose predictions and output are kept so
        that the control can take its place. Channels may also stand before the height:
        of an explanation where it says so, of bare images up to four of them.

    Returns
    -------
    Explanation
        The strength of the edge at each pixel, in each channel, at least 0; 0 in an
        even region. The values have no sum to reach: see `residual`. Made from bare
        images, its predictions are 0.

    Raises
    ------
    TypeError
        When the images hold no numbers.
    ValueError
        When they are not of this shape, or not finite.

    Notes
    -----
    The length of Sobel's gradient of the picture, edge pixels repeated beyond the
    border. An edge detector can look as convincing as an explanation [1]_. Whatever
    measure it does well on does not show that an explanation reads the model;
    `randomisation` fails it.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Adebayo, J. et al. (2018). Sanity checks for saliency maps. NeurIPS.
       https://doi.org/10.48550/arXiv.1810.03292

    Examples
    --------
    >>> found = edges([[[0.0, 0.0, 0.0, 1.0, 1.0]] * 3])
    >>> found.values[0, 1]
    array([0., 0., 4., 4., 0.])
    """
    if isinstance(e, Explanation):
        _checks.explanation("e", e)
        values = _strength("e", e.data, e.channels)
        zeros = np.zeros(len(e))
        return replace(
            e,
            values=values,
            base_values=zeros,
            method="edges",
            why=_WHY,
            estimated=True,
            diagnostics={},
        )
    try:
        images = np.asarray(e)
    except ValueError:
        raise ValueError("e must have images of one shape; got a ragged list.") from None
    values = _strength("e", images, None)
    return Explanation(
        values=values,
        base_values=np.zeros(len(values)),
        predictions=np.zeros(len(values)),
        data=images,
        feature_names=None,
        output_name="no output",
        output_space="prediction",
        method="edges",
        why=_WHY,
        estimated=True,
    )


def _strength(name: str, images: npt.NDArray[Any], channels: str | None) -> FloatArray:
    if images.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold images of numbers; got {images.dtype}.")
    if images.ndim not in (3, 4) or images.size == 0:
        raise ValueError(
            f"{name} must hold images, (n, height, width) or (n, height, width, channels); "
            f"got shape {images.shape}."
        )
    if not np.isfinite(images).all():
        raise ValueError(f"{name} must hold finite numbers; got {images[~np.isfinite(images)][0]}.")
    pictures = images.astype(np.float64)
    is_first = _has_channels_first(images.shape) if channels is None else channels == "first"
    first = 2 if is_first and images.ndim == 4 else 1
    sides = ((first, first + 1), (first + 1, first))
    down, across = (_slope(pictures, *axes) for axes in sides)
    strength: FloatArray = np.hypot(down, across)
    return strength


def _has_channels_first(shape: tuple[int, ...]) -> bool:
    """Say whether an image of this shape has at most four channels in front, and not behind."""
    return len(shape) == 4 and shape[1] <= _MOST_CHANNELS < min(shape[2:])


def _slope(pictures: FloatArray, along: int, beside: int) -> FloatArray:
    """Return Sobel's slope along one axis, smoothed along the other and along no third."""
    from scipy.ndimage import correlate1d

    slope = correlate1d(pictures, [-1.0, 0.0, 1.0], axis=along, mode="nearest")
    smooth: FloatArray = correlate1d(slope, [1.0, 2.0, 1.0], axis=beside, mode="nearest")
    return smooth
