"""Which words a network's attention goes to, from which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from xaikit.core.checks import FloatArray
from xaikit.plot import _common, _words

_LONGEST = 14
# Pairs of words told in the text for one matrix, and for one of many.
_TOLD, _TOLD_OF_MANY = 3, 1
# Points that a label needs, and the most words named in a small matrix.
_SMALLEST, _MOST_NAMED = 6.0, 16


def attention(
    weights: npt.ArrayLike,
    tokens: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw one matrix of attention weights: from each word in a row to those in the columns.

    Parameters
    ----------
    weights : array-like of shape (t, t)
        Numbers from 0 up, as ``xaikit.attention.weights(...)[row, layer, head]`` or a
        rollout; a row sums to 1 where it holds all that a word attends to.
    tokens : sequence of str
        The t words.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    title : str, optional
        What stands above, such as "layer 1, head 2".

    Returns
    -------
    matplotlib.axes.Axes
        With the text for the image in ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `weights` is no square matrix of finite numbers from 0 up, `tokens` has another
        number of words, or another argument is of the wrong kind.

    Notes
    -----
    Light is high and dark is low, also in grey, from 0 to the largest weight. Where there
    is no room for all names, some are left out. Weights say where a layer mixed words
    from, not what decided: `plot.tokens` shows attributions.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import plot
    >>> ax = plot.attention([[0.2, 0.8], [0.5, 0.5]], ["not", "good"])
    >>> print(plot.alt_text(ax))  # doctest: +NORMALIZE_WHITESPACE
    Map of attention between 2 words, from 0 to 0.8. Strongest: from not (1) to good (2)
    0.8, from good (2) to not (1) 0.5, from good (2) to good (2) 0.5.
    """
    matrix = _check_weights(weights, 2)
    names = _check_words(tokens, matrix)
    title = _check_title(title)
    if ax is None:
        side = float(np.clip(1.6 + 0.2 * len(names), 3.2, 11.0))
        ax = _common.check_or_make_plot_axes(None, (side + 1.0, side))
    else:
        ax = _common.check_or_make_plot_axes(ax)
    shown = _draw(ax, matrix, float(matrix.max()))
    _name(ax, names, rows=True, columns=True, room=_room(ax, names))
    ax.set(xlabel="to", ylabel="from")
    if title is not None:
        ax.set_title(title)
    _add_scale(ax, shown, float(matrix.max()))
    _common.set_alt_text(ax, f"{_heading(title, names)}, {_alt(matrix, names, _TOLD)}")
    return ax


def attention_heads(
    weights: npt.ArrayLike, tokens: Sequence[str], *, axes: npt.ArrayLike | None = None
) -> npt.NDArray[Any]:
    """Draw the attention weights of every layer and head, on one scale.

    Parameters
    ----------
    weights : array-like of shape (layers, heads, t, t)
        Numbers from 0 up, as ``xaikit.attention.weights(...)[row]``.
    tokens : sequence of str
        The t words. Of more than 16 the places are numbered instead.
    axes : array-like of Axes of shape (layers, heads), optional
        Where to draw; a new figure by default.

    Returns
    -------
    ndarray of Axes of shape (layers, heads)
        Layers from top to bottom, heads from left to right; each with its text in
        ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `weights` is not of that shape, finite and from 0 up, `tokens` has another
        number of words, or `axes` is no such array of Axes.

    Notes
    -----
    Light is high and dark is low, also in grey, from 0 to the largest weight of all
    heads. Read each matrix as that of `attention`.

    Taught in: deep/attention.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import plot
    >>> axes = plot.attention_heads(np.full((1, 2, 2, 2), 0.5), ["not", "good"])
    >>> axes.shape
    (1, 2)
    >>> plot.alt_text(axes[0, 1]).split(":")[0]
    'Layer 1, head 2, map of attention between 2 words, from 0 to 0.5. Strongest'
    """
    heads = _check_weights(weights, 4)
    names = _check_words(tokens, heads)
    grid = _check_or_make_grid(axes, heads.shape[:2])
    n_layers, n_heads = grid.shape
    limit = float(heads.max())
    labels = names if len(names) <= _MOST_NAMED else [str(i + 1) for i in range(len(names))]
    for (layer, head), ax in np.ndenumerate(grid):
        shown = _draw(ax, heads[layer, head], limit)
        _name(
            ax,
            labels,
            rows=head == 0,
            columns=layer == n_layers - 1,
            room=_room(ax, labels, grid.shape),
        )
        title = f"layer {layer + 1}, head {head + 1}"
        ax.set_title(title, fontsize="medium")
        text = _alt(heads[layer, head], names, _TOLD_OF_MANY)
        _common.set_alt_text(ax, f"{_heading(title, names)}, {text}")
    grid[n_layers // 2, 0].set_ylabel("from")
    grid[-1, n_heads // 2].set_xlabel("to")
    _add_scale(grid, shown, limit)
    return grid


def _check_weights(value: Any, ndim: int) -> FloatArray:
    shape = "(t, t)" if ndim == 2 else "(layers, heads, t, t)"
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"weights must have shape {shape}; got a ragged list.") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"weights must hold numbers; got {array.dtype}.")
    if array.ndim != ndim or array.shape[-1] != array.shape[-2] or array.size == 0:
        raise ValueError(f"weights must have shape {shape}; got {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"weights must be finite; got {array[~np.isfinite(array)][0]}.")
    if array.min() < 0:
        raise ValueError(f"weights must be from 0 up; got {array.min()}.")
    return array.astype(np.float64)


def _check_words(tokens: Any, weights: FloatArray) -> list[str]:
    names = _words.texts("tokens", tokens)
    if len(names) != weights.shape[-1]:
        raise ValueError(
            f"tokens must have one word a row of weights, {weights.shape[-1]}; got {len(names)}."
        )
    return names


def _check_title(title: object) -> str | None:
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be a text or None; got {title!r}.")
    return title


def _check_or_make_grid(axes: Any, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    if axes is None:
        import matplotlib.pyplot as plt

        n_layers, n_heads = shape
        size = (1.6 + 2.1 * n_heads, 1.0 + 2.2 * n_layers)
        return np.asarray(
            plt.subplots(*shape, squeeze=False, figsize=size, layout="constrained")[1]
        )
    grid = np.asarray(axes, dtype=object)
    others = [ax for ax in grid.flat if not isinstance(ax, Axes)]
    if others:
        raise TypeError(f"axes must hold matplotlib Axes; got {type(others[0]).__name__}.")
    if grid.shape != shape:
        raise ValueError(
            f"axes must have a place a layer and head, shape {shape}; got {grid.shape}."
        )
    if len({ax.get_figure() for ax in grid.flat}) > 1:
        raise ValueError("axes must be of one figure, for one scale; got Axes of several.")
    return grid


def _draw(ax: Axes, matrix: FloatArray, limit: float) -> AxesImage:
    return ax.imshow(
        matrix, cmap=_common.LIGHT_IS_HIGH, vmin=0, vmax=limit or 1.0, interpolation="nearest"
    )


def _room(ax: Axes, names: list[str], shape: tuple[int, ...] = (1, 1)) -> float:
    """Return about how many points a word has once names and scale have taken theirs."""
    figure = ax.get_figure(root=True)
    seen = ax.get_window_extent()
    dots = 72 / figure.dpi if figure is not None else 1.0
    down, across = seen.height * dots, seen.width * dots
    if figure is None or figure.get_layout_engine() is None:
        side = min(down, 0.8 * across)  # names stand outside the axes
    else:
        # As yet the axes have the margins of a figure without a layout.
        names_take = 5.0 * min(_LONGEST, max(map(len, names)))
        layers, heads = shape
        side = min(
            1.25 * down - (40 + names_take) / layers, 1.25 * across - (75 + names_take) / heads
        )
    return max(side, 0.4 * min(down, across)) / len(names)


def _name(ax: Axes, names: list[str], *, rows: bool, columns: bool, room: float) -> None:
    every = max(1, int(np.ceil(_SMALLEST / room)))
    size = float(np.clip(0.8 * room * every, 5.0, 9.0))
    places = range(0, len(names), every)
    labels = [name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in names]
    kept = [labels[place] for place in places]
    # As it is written, never as mathematics.
    how: dict[str, Any] = {"fontsize": size, "parse_math": False}
    ax.set_yticks(places, kept if rows else [""] * len(kept), **how)
    ax.set_xticks(places, kept if columns else [""] * len(kept), rotation=90, **how)
    ax.tick_params(length=0)


def _add_scale(ax: Any, shown: AxesImage, limit: float) -> None:
    how: dict[str, Any] = {"ticks": [0]} if limit == 0 else {}
    _common.add_colour_bar(ax, shown, "attention weight", **how)


def _heading(title: str | None, names: list[str]) -> str:
    what = f"map of attention between {_common.plural(len(names), 'word')}"
    text = f"{title}, {what}" if title else what
    return text[0].upper() + text[1:]


def _alt(matrix: FloatArray, names: list[str], most: int) -> str:
    if not matrix.any():
        return "all weights are 0."
    order = np.argsort(-matrix, axis=None, kind="stable")[:most]
    pairs = []
    for at in order:
        i, j = (int(place) for place in np.unravel_index(at, matrix.shape))
        weight = _common.number(float(matrix[i, j]))
        pairs.append(f"from {names[i]} ({i + 1}) to {names[j]} ({j + 1}) {weight}")
    return f"from 0 to {_common.number(float(matrix.max()))}. Strongest: {', '.join(pairs)}."
