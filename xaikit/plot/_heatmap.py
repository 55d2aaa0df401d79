"""Where in an image the attributions lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection

from xaikit.core.checks import BoolArray, FloatArray, flag, one_of, positive, whole_number
from xaikit.plot import _classes, _colours, _common

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

# The image beneath is pale: colours over it read as on the scale, also in grey.
_DARKEST = 0.74
# Pixels along the longer side of the hatch, and its stripes in them.
_HATCH_SIDE, _STRIPE_EVERY, _STRIPE_WIDTH = 480, 15, 4
# Below this share of the limit a colour is nearly white, and a hatch would say nothing.
_HATCHED_FROM = 0.15
# A hatch needs some room: of larger images it takes blocks of pixels by their mean.
_MOST_BLOCKS = 56
_ROWS, _COLUMNS = ("upper", "middle", "lower"), ("left", "middle", "right")
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def heatmap(
    e: Explanation,
    row: int = 0,
    *,
    image: bool = True,
    mask: npt.ArrayLike | None = None,
    channel: str | int = "sum",
    quantile: float = 1.0,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the attributions of one image's pixels over the image.

    Parameters
    ----------
    e : Explanation
        Of images, values of shape (n, height, width) or (n, height, width, channels), or
        (n, channels, height, width) where ``e.channels`` is "first".
    row : int
        Which row of `e`, from 0.
    image : bool
        Whether the image lies beneath, in pale grey.
    mask : array-like of bool of shape (height, width), optional
        A place to outline, such as ``truth.mask[row]`` of planted images.
    channel : {"sum", "size"} or int
        How a pixel's channels become one number: "sum" keeps what they come to, "size"
        adds their sizes and loses the sign, a number takes that channel alone.
    quantile : float
        Where the colours end: at this quantile of the sizes other than 0. 1.0 shows all
        as it is; at 0.99 a few large pixels no longer press the others pale. A clipped
        scale has pointed ends.
    class_names : sequence or mapping of str, optional
        What the classes are called: in the order of their codes 0, 1, …, as
        ``Dataset.target_names`` has them, or by label. Left out, by their labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib.axes.Axes
        With the text for the image in ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `e` is not an Explanation of images, `row` not one of its rows, or another
        argument is out of range.

    Notes
    -----
    Orange raises the output and hatched blue lowers it; the darker, the more, on a scale
    that is the same on both sides of 0. Where nothing is negative it begins at 0. Two maps
    are on one scale only when their colour bars say so. A map shows where attributions
    lie, not that they are right: `evaluate` measures that.

    Taught in: no chapter yet.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> values = np.zeros((1, 6, 6))
    >>> values[0, 0, 5], values[0, 3, 3] = 2.0, -0.5
    >>> e = xk.Explanation(
    ...     values=values, base_values=np.zeros(1), predictions=np.array([1.5]),
    ...     data=np.ones((1, 6, 6)), feature_names=None, output_name="disc",
    ...     output_space="score", method="gradient", why="", estimated=False)
    >>> print(xk.plot.alt_text(xk.plot.heatmap(e)))  # doctest: +NORMALIZE_WHITESPACE
    Heat map of the attributions by gradient to the score of disc, over image 0 of 6 by 6
    pixels. Raised most by 2 in the upper right; lowered most by 0.5 in the centre. Of nine
    equal parts the upper right holds the most, 80% of the sum of sizes.
    """
    _check_images(e)
    e = _classes.named(e, class_names)
    row = whole_number("row", row, low=0, high=len(e) - 1)
    image = flag("image", image)
    values, data = _channels_last(e, row)
    flat = _one_channel(values, channel)
    outlined = None if mask is None else _check_mask(mask, flat.shape)
    quantile = _check_quantile(quantile)
    wide = flat.shape[1] > 1.25 * flat.shape[0]
    ax = _common.check_or_make_plot_axes(ax, _figure_size(flat.shape, wide))
    limit = _limit(flat, quantile)
    if image:
        paper = _grey(data)
        ax.imshow(_DARKEST + (1 - _DARKEST) * paper, cmap="gray", vmin=0, vmax=1)
    norm, colours = _colours.scale(flat, limit)
    ax.imshow(flat, cmap=_colours.see_through(colours), norm=norm)
    _hatch_negative(ax, flat, limit)
    if outlined is not None:
        _outline(ax, outlined)
    ax.set(xticks=[], yticks=[], xlim=(-0.5, flat.shape[1] - 0.5), ylim=(flat.shape[0] - 0.5, -0.5))
    ax.spines[:].set_color(_common.NEUTRAL)
    _add_scale(ax, e, ScalarMappable(norm, colours), flat, limit, channel, wide)
    _common.set_alt_text(ax, _alt(e, row, flat, outlined, channel, quantile, limit))
    return ax


def _check_images(e: Any) -> None:
    _common.check_is_explanation(e)
    if e.values.ndim not in (3, 4):
        raise ValueError(
            "e must explain images, with values of shape (n, height, width) or (n, height, "
            f"width, channels); got values of shape {e.values.shape}"
        )
    if e.values.size == 0:
        raise ValueError(f"e must explain at least one pixel; got shape {e.values.shape}")


def _channels_last(e: Explanation, row: int) -> tuple[FloatArray, npt.NDArray[Any]]:
    """Return the values and the image of a row, (height, width) or (height, width, channels)."""
    values, data = e.values[row], e.data[row]
    if e.channels == "first" and values.ndim == 3:
        return np.moveaxis(values, 0, -1), np.moveaxis(data, 0, -1)
    return values, data


def _check_mask(mask: Any, shape: tuple[int, ...]) -> BoolArray:
    array = np.asarray(mask)
    if array.dtype != np.bool_:
        raise TypeError(f"mask must hold True and False; got {array.dtype}.")
    if array.shape != shape:
        raise ValueError(f"mask must have the shape of one image, {shape}; got {array.shape}.")
    return array


def _check_quantile(value: object) -> float:
    quantile = positive("quantile", value)
    if quantile > 1:
        raise ValueError(f"quantile must be above 0 and at most 1; got {value}.")
    return quantile


def _one_channel(values: FloatArray, channel: object) -> FloatArray:
    channels = values[..., None] if values.ndim == 2 else values
    if isinstance(channel, str):
        word = one_of("channel", channel, ("sum", "size"))
        flat: FloatArray = (np.abs(channels) if word == "size" else channels).sum(axis=-1)
        return flat
    return channels[..., whole_number("channel", channel, low=0, high=channels.shape[-1] - 1)]


def _grey(data: npt.NDArray[Any]) -> FloatArray:
    """Return the image in grey from 0 to 1: as it is where it lies there, else stretched."""
    grey = data.astype(np.float64)
    if grey.ndim == 3:
        grey = grey @ _LUMINANCE if grey.shape[-1] == 3 else grey.mean(axis=-1)
    low, high = float(grey.min()), float(grey.max())
    if low < 0 or high > 1:
        grey = (grey - low) / (high - low) if high > low else np.full_like(grey, 0.5)
    return grey


def _limit(flat: FloatArray, quantile: float) -> float:
    sizes = np.abs(flat[flat != 0])
    return float(np.quantile(sizes, quantile)) if sizes.size else 0.0


def _figure_size(shape: tuple[int, ...], wide: bool) -> tuple[float, float]:
    height, width = shape
    if wide:  # the colour bar lies below
        return 5.6, float(np.clip(5.2 * height / width, 0.6, 5.2)) + 1.0
    return float(np.clip(3.8 * width / height, 1.5, 5.2)) + 1.4, 4.0


def _hatch_negative(ax: Axes, flat: FloatArray, limit: float) -> None:
    """Put light stripes on what is negative, so that it reads without colour."""
    height, width = flat.shape
    block = -(-max(flat.shape) // _MOST_BLOCKS)
    padded = np.pad(flat, [(0, -height % block), (0, -width % block)])
    blocks = padded.reshape(len(padded) // block, block, -1, block).mean(axis=(1, 3))
    negative = blocks < -_HATCHED_FROM * limit
    if not negative.any():
        return
    times = max(1, round(_HATCH_SIDE / max(blocks.shape)))
    fine = np.kron(negative, np.ones((times, times), dtype=bool))
    i, j = np.indices(fine.shape)
    stripes = np.ones((*fine.shape, 4))
    stripes[..., 3] = 0.75 * (fine & ((i + j) % _STRIPE_EVERY < _STRIPE_WIDTH))
    bottom, right = np.array(padded.shape) - 0.5
    ax.imshow(stripes, extent=(-0.5, right, bottom, -0.5))


def _outline(ax: Axes, mask: BoolArray) -> None:
    """Draw the border of a place along the edges of its pixels, black on white."""
    padded = np.pad(mask, 1)
    lying = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1]) - 0.5
    standing = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1]) - 0.5
    edges = [((x, y), (x + 1, y)) for y, x in lying] + [((x, y), (x, y + 1)) for y, x in standing]
    for colour, width in (("white", 3.2), ("black", 1.4)):
        lines = LineCollection(edges, colors=colour, linewidths=width, capstyle="projecting")
        lines.set_clip_on(False)  # at the rim of the image half the line lies outside
        ax.add_collection(lines, autolim=False)


def _add_scale(
    ax: Axes,
    e: Explanation,
    shown: ScalarMappable,
    flat: FloatArray,
    limit: float,
    channel: str | int,
    wide: bool,
) -> None:
    below, above = flat.min() < -limit, flat.max() > limit
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}
    how: dict[str, Any] = {"extend": extend.get((bool(below), bool(above)), "neither")}
    if limit == 0:
        how["ticks"] = [0]
    if wide:
        how["location"] = "bottom"
    what = {"sum": "attribution", "size": "|attribution|"}.get(
        str(channel), f"attribution of channel {channel}"
    )
    _common.add_colour_bar(ax, shown, f"{what} ({_common.quantity(e)})", **how)


def _place(i: int, j: int) -> str:
    names = _ROWS[i], _COLUMNS[j]
    return "centre" if names == ("middle", "middle") else " ".join(names)


def _place_of(at: int, shape: tuple[int, ...]) -> str:
    i, j = np.unravel_index(at, shape)
    return _place(3 * int(i) // shape[0], 3 * int(j) // shape[1])


def _alt(
    e: Explanation,
    row: int,
    flat: FloatArray,
    mask: BoolArray | None,
    channel: str | int,
    quantile: float,
    limit: float,
) -> str:
    height, width = flat.shape
    what = {"sum": "attributions", "size": "sizes of the attributions"}.get(
        str(channel), f"attributions of channel {channel}"
    )
    text = (
        f"Heat map of the {what} by {e.method} to the {_common.quantity(e)}, over image {row} of "
        f"{height} by {width} pixels. "
    )
    sizes = np.abs(flat)
    if limit == 0:
        return f"{text}All of them are 0."
    extremes = []
    for word, value, at in (
        ("raised", flat.max(), flat.argmax()),
        ("lowered", -flat.min(), flat.argmin()),
    ):
        if value > 0:
            where = _place_of(int(at), flat.shape)
            extremes.append(f"{word} most by {_common.number(float(value))} in the {where}")
    text += f"{'; '.join(extremes).capitalize()}. {_top_part(sizes)}"
    if mask is not None:
        text += (
            f" The outlined place covers {mask.mean():.0%} of the image and holds "
            f"{sizes[mask].sum() / sizes.sum():.0%}."
        )
    if quantile < 1:
        text += (
            f" Colours end at {_common.number(limit)}, the {quantile:g} quantile of the sizes "
            "other than 0."
        )
    return text


def _top_part(sizes: FloatArray) -> str:
    height, width = sizes.shape
    third_of = [3 * np.arange(length) // length for length in (height, width)]
    parts = np.zeros((3, 3))
    np.add.at(parts, np.ix_(*third_of), sizes)
    i, j = np.unravel_index(int(parts.argmax()), parts.shape)
    return (
        f"Of nine equal parts the {_place(int(i), int(j))} holds the most, "
        f"{parts[i, j] / parts.sum():.0%} of the sum of sizes."
    )
