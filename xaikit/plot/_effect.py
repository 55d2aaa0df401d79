"""What a feature does to the output over its range, and what two do together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from xaikit.plot import _classes, _common

if TYPE_CHECKING:
    from xaikit.effects import CategoryEffect, Effect, PairEffect

# The share of the axes' height that the densest bin takes.
_FLOOR = 0.12


def effect(
    e: Effect | CategoryEffect,
    *,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the effect of one feature, and how many rows it rests on.

    Parameters
    ----------
    e : Effect or CategoryEffect
        As `xaikit.effects.ale` returns it for one feature.
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
    TypeError
        If `e` is no effect of one feature, `class_names` are no names, or `ax` no Axes.
    ValueError
        If `class_names` do not name the class.

    Notes
    -----
    A dot is an edge of a bin. The grey bars are the rows per unit of the feature, on no
    scale: where they are low the effect rests on few rows spread widely. Of categories each
    has a bar, those whose rows are alike beside each other, and its number of rows at the
    side. After Apley, D. W. and Zhu, J. (2020), DOI 10.1111/rssb.12377.

    Taught in: global/effects.

    Examples
    --------
    >>> from xaikit import datasets, effects, plot
    >>> data = datasets.planted_linear(random_state=0)
    >>> ax = plot.effect(effects.ale(data.truth.function, data.X, "x1"))
    >>> plot.alt_text(ax).split(":")[0]
    'Line of the accumulated local effect of x1 on the prediction over 1,000 rows in 20 bins'
    """
    from xaikit.effects import CategoryEffect, Effect

    if not isinstance(e, Effect | CategoryEffect):
        raise TypeError(
            f"e must be an Effect, as xaikit.effects.ale returns it for one feature; got "
            f"{type(e).__name__}"
        )
    e = _classes.named(e, class_names)
    ax = _common.check_or_make_plot_axes(ax)
    return _of_categories(e, ax) if isinstance(e, CategoryEffect) else _of_numbers(e, ax)


def _of_numbers(e: Effect, ax: Axes) -> Axes:
    ax.axhline(0, color=_common.NEUTRAL, linewidth=0.8, zorder=0)
    widths = np.diff(e.grid)
    density = e.counts / widths
    ax.bar(
        e.grid[:-1],
        _FLOOR * density / density.max(),
        widths,
        align="edge",
        color=_common.NEUTRAL,
        alpha=0.4,
        edgecolor="white",
        linewidth=0.5,
        transform=ax.get_xaxis_transform(),
        zorder=0,
    )
    ax.plot(e.grid, e.values, "o-", color=_common.DOWN, markersize=3.5)
    # Room below the line for the bars.
    low, high = float(e.values.min()), float(e.values.max())
    span = high - low if high > low else max(abs(high), 1.0)
    ax.set_ylim(low - (_FLOOR + 0.08) * span, high + 0.06 * span)
    ax.set_xlabel(_common.wrap(e.feature))
    ax.set_ylabel(f"effect on {_quantity(e)}")
    ax.spines[["top", "right"]].set_visible(False)
    _common.set_alt_text(ax, _effect_alt(e))
    return ax


def _of_categories(e: CategoryEffect, ax: Axes) -> Axes:
    names = [_common.wrap(str(category)) for category in e.categories]
    colours = [_common.UP if value > 0 else _common.DOWN for value in e.values]
    places = np.arange(len(names))
    ax.barh(places, e.values, color=colours, height=0.7)
    ax.axvline(0, color=_common.NEUTRAL, linewidth=0.8)
    ax.set_yticks(places, names)
    ax.invert_yaxis()
    for place, count in zip(places, e.counts, strict=True):
        ax.annotate(
            f"{count:,}", (1, place), (4, 0), ax.get_yaxis_transform(),
            textcoords="offset points", va="center", color=_common.NEUTRAL,
        )  # fmt: skip
    ax.annotate(
        "rows", (1, 1), (4, 2), "axes fraction", textcoords="offset points", color=_common.NEUTRAL
    )
    ax.set_xlabel(f"effect on {_quantity(e)}")
    ax.set_ylabel(_common.wrap(e.feature))
    ax.spines[["top", "right"]].set_visible(False)
    low, high = (int(i) for i in (e.values.argmin(), e.values.argmax()))
    said = [f"for {e.categories[i]}, {_common.number(float(e.values[i]))}" for i in (low, high)]
    _common.set_alt_text(
        ax,
        f"Bars of the accumulated local effect of {e.feature} on {_quantity(e)} over "
        f"{_common.plural(int(e.counts.sum()), 'row')} in {len(names)} categories: "
        f"lowest {said[0]}; highest {said[1]}.",
    )
    return ax


def effect_pair(
    e: PairEffect, *, class_names: _classes.ClassNames | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what two features do together beyond what each does alone, as a map.

    Parameters
    ----------
    e : PairEffect
        As `xaikit.effects.ale` returns it for a pair.
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
    TypeError
        If `e` is not a PairEffect, `class_names` are no names, or `ax` no Axes.
    ValueError
        If `class_names` do not name the class.

    Notes
    -----
    Each cell has the mean of its corners; light is high and dark is low, also in grey.
    Crossed cells hold no row: what stands there was taken from the nearest cell. After
    Apley, D. W. and Zhu, J. (2020), DOI 10.1111/rssb.12377.

    Taught in: global/effects.

    Examples
    --------
    >>> from xaikit import datasets, effects, plot
    >>> data = datasets.planted_product(random_state=0)
    >>> ax = plot.effect_pair(effects.ale(data.truth.function, data.X, ("x1", "x2")))
    >>> "highest where x1" in plot.alt_text(ax)
    True
    """
    from xaikit.effects import PairEffect

    if not isinstance(e, PairEffect):
        raise TypeError(
            f"e must be a PairEffect, as xaikit.effects.ale returns it for a pair; got "
            f"{type(e).__name__}"
        )
    e = _classes.named(e, class_names)
    ax = _common.check_or_make_plot_axes(ax)
    cells = _cell_values(e)
    mesh = ax.pcolormesh(*e.grids, cells.T, cmap=_common.LIGHT_IS_HIGH)
    for i, j in np.argwhere(e.filled):
        (left, right), (low, high) = e.grids[0][i : i + 2], e.grids[1][j : j + 2]
        ax.add_patch(
            Rectangle(
                (left, low),
                right - left,
                high - low,
                fill=False,
                hatch="xx",
                edgecolor=_common.NEUTRAL,
                linewidth=0,
            )
        )
    _common.add_colour_bar(ax, mesh, f"joint effect on {_quantity(e)}")
    ax.set_xlabel(_common.wrap(e.features[0]))
    ax.set_ylabel(_common.wrap(e.features[1]))
    _common.set_alt_text(ax, _pair_alt(e, cells))
    return ax


def _quantity(e: Effect | CategoryEffect | PairEffect) -> str:
    if e.output_space == "prediction":
        return "the prediction" if e.output_name == "prediction" else e.output_name
    return f"the {e.output_space} of {e.output_name}"


def _cell_values(e: PairEffect) -> Any:
    v = e.values
    return (v[:-1, :-1] + v[1:, :-1] + v[:-1, 1:] + v[1:, 1:]) / 4


def _effect_alt(e: Effect) -> str:
    steps = np.diff(e.values)
    if not steps.any():
        course = "flat at zero"
    else:
        ends = [
            f"{_common.number(e.values[i])} at {_common.datum(float(e.grid[i]))}" for i in (0, -1)
        ]
        words = {(True, False): "rising", (False, True): "falling"}
        one_way = words.get((bool((steps >= 0).all()), bool((steps <= 0).all())))
        course = f"{one_way or 'going'} from {ends[0]} to {ends[1]}"
        if one_way is None:
            low, high = _point(e, int(e.values.argmin())), _point(e, int(e.values.argmax()))
            course += f", lowest {low}, highest {high}"
    return (
        f"Line of the accumulated local effect of {e.feature} on {_quantity(e)} over "
        f"{_common.plural(int(e.counts.sum()), 'row')} in {e.bins_in_words}: {course}."
    )


def _point(e: Effect, i: int) -> str:
    return f"{_common.number(float(e.values[i]))} at {_common.datum(float(e.grid[i]))}"


def _pair_alt(e: PairEffect, cells: Any) -> str:
    places = []
    for word, at in (("lowest", cells.argmin()), ("highest", cells.argmax())):
        i, j = np.unravel_index(int(at), cells.shape)
        where = " and ".join(
            f"{name} is from {_common.datum(float(grid[k]))} to {_common.datum(float(grid[k + 1]))}"
            for name, grid, k in zip(e.features, e.grids, (int(i), int(j)), strict=True)
        )
        places.append(f"{word} where {where}, {_common.number(float(cells[i, j]))}")
    n_empty = int(e.filled.sum())
    crossed = f"; {n_empty} of {e.counts.size} cells are crossed, as they hold no row"
    return (
        f"Map of what {e.features[0]} and {e.features[1]} do together to {_quantity(e)}, over "
        f"{_common.plural(int(e.counts.sum()), 'row')}: {', and '.join(places)}"
        f"{crossed if n_empty else ''}."
    )
