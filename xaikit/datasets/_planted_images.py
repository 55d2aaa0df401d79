"""Planted images: shapes whose pixels are known, a watermark and a cue that tell of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import BoolArray, FloatArray, flag, generator, whole_number
from xaikit.datasets._dataset import Dataset, MaskTruth
from xaikit.datasets._planted import _LICENCE, _SOURCE, _check_range
from xaikit.datasets._shapes import SHAPES, classes, draw

_SMALLEST = 16  # smaller, a disc and a square are the same few pixels


def planted_shapes(
    n_samples: int = 1000,
    *,
    size: int = 32,
    n_classes: int = 3,
    n_channels: int = 1,
    noise: float = 0.05,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw images of one shape each, and tell which pixels are the shape.

    The class is the form alone: place, area, brightness and colour are drawn in the
    same way for every class.

    Parameters
    ----------
    n_samples : int
        Images, as many of each class as can be.
    size : int
        Height and width in pixels, at least 16.
    n_classes : int
        The first 2 to 4 of disc, square, triangle and cross.
    n_channels : int
        1 for grey, 3 for a background and a shape in colours of their own.
    noise : float
        Standard deviation of the normal noise of each pixel, before values are kept
        within 0 and 1.
    random_state : int, numpy.random.Generator or None
        The same int draws the same images.

    Returns
    -------
    Dataset
        X of shape (n_samples, size, size, n_channels), floats in [0, 1]; y the class.
        Its `truth` is a `MaskTruth`: mask and part "object" are the pixels of the shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    What decides is the edge of the shape against what is around it, so attribution just
    outside the mask is no fault of an explanation.

    Taught in: deep/saliency.

    Examples
    --------
    >>> data = planted_shapes(n_samples=6, random_state=0)
    >>> data
    Dataset(6 images of 32 × 32 pixels, outcome: 0 = disc, 1 = square, 2 = triangle)
    >>> inside = data.truth.parts["object"]
    >>> bool(data.X[inside].mean() > data.X[~inside].mean())
    True
    """
    whole_number("n_classes", n_classes, low=2, high=len(SHAPES))
    rng = _checked(n_samples, size, n_channels, noise, random_state)
    y = classes(rng, n_samples, n_classes)
    scenes = draw(rng, y, size=size, n_channels=n_channels, noise=noise)
    description = (
        f"One shape on each image, of {', '.join(SHAPES[:n_classes])}; y is which. Place, "
        f"area, brightness and colour tell nothing; normal noise of standard deviation {noise:g}."
    )
    truth = MaskTruth(scenes.objects, {"object": scenes.objects})
    return _assembled("planted_shapes", scenes.images(), y, n_classes, description, truth)


def planted_watermark(
    n_samples: int = 1000,
    *,
    leak: bool = True,
    size: int = 32,
    n_channels: int = 1,
    noise: float = 0.05,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw discs and squares with a watermark in the corner that gives the class away.

    Every image has the mark, a small square of black and white stripes at the lower
    right. They lie across on discs and stand upright on squares when it leaks, and
    either way at random when it does not: as pictures that come from two hospitals,
    the sick from the one and the healthy from the other.

    Parameters
    ----------
    n_samples : int
        Images, half of them discs.
    leak : bool
        Whether the stripes tell the class. Another `leak` with the same seed changes
        the stripes alone: a model that does as well on ``leak=False`` did not read them.
    size : int
        Height and width in pixels, at least 16; the mark takes a quarter of each.
    n_channels : int
        1 for grey, 3 for a background and a shape in colours of their own.
    noise : float
        Standard deviation of the normal noise of each pixel, before values are kept
        within 0 and 1.
    random_state : int, numpy.random.Generator or None
        The same int draws the same images.

    Returns
    -------
    Dataset
        X of shape (n_samples, size, size, n_channels), floats in [0, 1]; y the class.
        Its `truth` is a `MaskTruth`: mask and part "object" are the pixels of the shape,
        which should decide; part "watermark" is the square of the mark. They never touch.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The truth is of how the classes were made. Of a model trained on the leak, a right
    explanation points at the watermark. A photographer's mark that told horses apart:
    Lapuschkin, S. et al. (2019), Unmasking Clever Hans predictors and assessing what
    machines really learn, Nature Communications 10, 1096, DOI 10.1038/s41467-019-08987-4.

    Taught in: deep/saliency, trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> leaking, fair = (planted_watermark(8, leak=leak, random_state=0) for leak in (True, False))
    >>> mark = leaking.truth.parts["watermark"]
    >>> bool(np.array_equal(leaking.X[~mark], fair.X[~mark]))
    True
    """
    flag("leak", leak)
    rng = _checked(n_samples, size, n_channels, noise, random_state)
    y = classes(rng, n_samples, 2)
    mark = np.zeros((size, size), dtype=bool)
    mark[-(size // 4) - 1 : -1, -(size // 4) - 1 : -1] = True
    scenes = draw(rng, y, size=size, n_channels=n_channels, noise=noise, free=~mark)
    upright = classes(rng, n_samples, 2)  # drawn in any case: the rest stays the same
    if leak:
        upright = y
    # Lines of two pixels, counted from the mark's own corner.
    bright = (np.arange(size // 4) // 2) % 2 == 0
    stripes = np.where(upright[:, None, None] == 1, bright[None, None, :], bright[None, :, None])
    side = slice(-(size // 4) - 1, -1)
    scenes.pictures[:, side, side] = stripes[..., None]
    told = "tell the class: across = disc, upright = square" if leak else "tell nothing"
    description = (
        "A disc or a square on each image, y is which, and a mark of stripes at the lower right. "
        f"{'What is wrong with it: t' if leak else 'T'}he stripes {told}. "
        f"Normal noise of standard deviation {noise:g}."
    )
    marks = np.repeat(mark[None], n_samples, axis=0)
    truth = MaskTruth(scenes.objects, {"object": scenes.objects, "watermark": marks})
    return _assembled("planted_watermark", scenes.images(), y, 2, description, truth)


def planted_corner(
    n_samples: int = 1000,
    *,
    agreement: float = 0.95,
    size: int = 32,
    n_channels: int = 1,
    noise: float = 0.05,
    random_state: int | np.random.Generator | None = None,
) -> Dataset:
    """Draw discs and squares with a bright corner that goes with the squares here.

    The cue is a bright patch at the upper left, on most squares and few discs, as the
    ruler in the picture lies mostly beside the tumour. Draw with ``agreement=0.5`` for
    the place where the cue means nothing.

    Parameters
    ----------
    n_samples : int
        Images, half of them discs.
    agreement : float in [0, 1]
        Share of each class in which the cue is right, that is there on a square and not
        on a disc; met exactly (to the nearest image).
    size : int
        Height and width in pixels, at least 16; the cue takes an eighth of each.
    n_channels : int
        1 for grey, 3 for a background and a shape in colours of their own; the cue is
        white in both.
    noise : float
        Standard deviation of the normal noise of each pixel, before values are kept
        within 0 and 1.
    random_state : int, numpy.random.Generator or None
        The same int draws the same images; another `agreement` changes the cue alone.

    Returns
    -------
    Dataset
        X of shape (n_samples, size, size, n_channels), floats in [0, 1]; y the class.
        Its `truth` is a `MaskTruth`: mask and part "object" are the pixels of the shape,
        which should decide; part "cue" is the patch where it is there, and False
        throughout the other images. They never touch.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    The truth is of how the classes were made, not of a model fitted here; see
    `planted_spurious`, the same fault in a table. On models that read such cues: Geirhos,
    R. et al. (2020), Shortcut learning in deep neural networks, Nature Machine
    Intelligence 2, 665-673, DOI 10.1038/s42256-020-00257-z.

    Taught in: trust/truth.

    Examples
    --------
    >>> data = planted_corner(n_samples=200, random_state=0)
    >>> there = data.truth.parts["cue"].any(axis=(1, 2))
    >>> float((there == (data.y == 1)).mean())
    0.95
    """
    _check_range("agreement", agreement, most=1.0)
    rng = _checked(n_samples, size, n_channels, noise, random_state)
    y = classes(rng, n_samples, 2)
    patch = np.zeros((size, size), dtype=bool)
    patch[1 : size // 8 + 1, 1 : size // 8 + 1] = True
    scenes = draw(rng, y, size=size, n_channels=n_channels, noise=noise, free=~patch)
    there = (y == 1) == _right(rng, y, agreement)
    cue = patch & there[:, None, None]
    scenes.pictures[cue] = 1.0
    description = (
        "A disc or a square on each image; y is which. What is wrong with it: a bright patch at "
        f"the upper left is there on squares and not on discs in {agreement:.3g} of the images, "
        f"and does nothing to y. Normal noise of standard deviation {noise:g}."
    )
    truth = MaskTruth(scenes.objects, {"object": scenes.objects, "cue": cue})
    return _assembled("planted_corner", scenes.images(), y, 2, description, truth)


def _right(rng: np.random.Generator, y: NDArray[np.int64], agreement: float) -> BoolArray:
    """Say in which rows the cue is right, in the same share of each class."""
    place = np.empty(len(y), dtype=np.int64)
    for code in (0, 1):
        rows = y == code
        place[rows] = rng.permutation(int(rows.sum()))
    counts = np.bincount(y, minlength=2)
    return place < np.round(agreement * counts)[y]


def _checked(
    n_samples: int, size: int, n_channels: int, noise: float, random_state: object
) -> np.random.Generator:
    whole_number("n_samples", n_samples, low=1)
    whole_number("size", size, low=_SMALLEST)
    if whole_number("n_channels", n_channels, low=1, high=3) == 2:
        raise ValueError("n_channels must be 1, for grey, or 3, for colour; got 2.")
    _check_range("noise", noise)
    return generator(random_state)


def _assembled(
    maker: str,
    X: FloatArray,
    y: NDArray[np.int64],
    n_classes: int,
    description: str,
    truth: MaskTruth,
) -> Dataset:
    return Dataset(
        X=X,
        y=y,
        feature_names=None,
        target_names=SHAPES[:n_classes],
        description=description,
        source=_SOURCE.format(maker),
        licence=_LICENCE,
        truth=truth,
    )
