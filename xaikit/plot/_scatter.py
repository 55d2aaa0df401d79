"""One feature's attributions against its values."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Normalize

from xaikit.core.checks import BoolArray, FloatArray, generator
from xaikit.inputs.columns import column_position
from xaikit.plot import _classes, _columns, _common
from xaikit.plot._columns import Levels, Numbers

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

# How far the dots of a level lie to either side, of the distance between two levels.
_JITTER = 0.28
# The share of the axis that missing values take, and the gap before them.
_STRIP, _GAP = 0.1, 0.06
_SIZE = 18.0
# Names of levels below the axis: broken into lines, or turned and cut, in letters.
_BROKEN_AT, _LONGEST = 11, 22
_LEGEND_SIZE = 9.0
# Of so few values the words for the figure name each.
_FEW = 5


def scatter(
    e: Explanation,
    feature: str | int,
    *,
    colour: str | int | None = None,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
    random_state: int | np.random.Generator | None = None,
) -> Axes:
    """Draw the attributions of one feature against its values: the dependence plot.

    Parameters
    ----------
    e : Explanation
        Of the columns of a table, values of shape (n, d).
    feature : str or int
        The column, by name or position.
    colour : str or int, optional
        A column whose values colour the dots: numbers and dates on a scale; truth values, the
        numbers 0 and 1, and the six commonest levels of a category in colours and markers of
        their own.
    class_names : sequence or mapping of str, optional
        What the classes are called: in the order of their codes 0, 1, …, as
        ``Dataset.target_names`` has them, or by label. Left out, by their labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    random_state : int, numpy.random.Generator or None
        Decides how far the dots of a category, and of missing values, lie to the side, which
        means nothing. The same int draws the same figure.

    Returns
    -------
    matplotlib.axes.Axes
        With the text for the image in ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `e` is not an Explanation of a table, `feature` or `colour` none of its columns, or
        another argument is out of range.

    Notes
    -----
    Where dots of one value lie at different heights, the attribution depends on other
    features too, an interaction for instance; a colour can show which. It shows what goes
    together, not that one is the reason for the other. Rows without a value stand at the
    right. The colours of numbers run from the 5th to the 95th percentile. After Lundberg, S.
    et al. (2020), DOI 10.1038/s42256-019-0138-9.

    Taught in: local/shap.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from xaikit import datasets, explain, plot
    >>> data = datasets.planted_linear(random_state=0)
    >>> e = explain(LinearRegression().fit(data.X, data.y), data.X, background=data.X)
    >>> ax = plot.scatter(e, "x1", colour="x2")
    >>> plot.alt_text(ax).split(":")[0]
    'Scatter of the attribution of x1 against its value, in prediction, over 1,000 rows'
    """
    _common.check_explanation(e)
    e = _classes.named(e, class_names)
    rng = generator(random_state)
    names = _common.names_of(e)
    j = column_position("feature", feature, names)
    k = None if colour is None else column_position("colour", colour, names)
    ax = _common.check_or_make_plot_axes(ax)
    across, heights = _columns.read(e.data[:, j], two_as_levels=True), e.values[:, j]
    places = _places(across, rng)
    ax.axhline(0, color=_common.NEUTRAL, linewidth=0.8, zorder=0)
    shown = None
    if k is None:
        ax.scatter(places, heights, s=_SIZE, color=_common.DOWN, linewidths=0, alpha=0.7)
    else:
        shown = _columns.read(e.data[:, k], two_as_levels=True)
        _draw_coloured(ax, places, heights, shown, names[k])
    _label_across(ax, across, names[j])
    ax.set_ylabel(f"attribution ({_common.quantity(e)})")
    ax.spines[["top", "right"]].set_visible(False)
    coloured_by = "" if k is None else names[k]
    _common.set_alt_text(ax, _alt(e, names[j], across, heights, coloured_by, shown))
    return ax


def _places(column: Numbers | Levels, rng: np.random.Generator) -> FloatArray:
    """Return where each row lies across; what has no number is spread by chance."""
    # Places in even steps, in an order by chance. Not uniform numbers: with the seed that the
    # data were drawn with they would lie in the order of the data.
    spread = np.linspace(-1, 1, len(column.missing))[rng.permutation(len(column.missing))]
    if isinstance(column, Levels):
        places = np.full(len(spread), float(len(column.levels)))
        for position, level in enumerate(column.levels):
            places[level.rows] = position
        return places + _JITTER * spread
    low, high = _range(column)
    at_side = _side(low, high) + 0.35 * _STRIP * (high - low) * spread
    return np.where(column.missing, at_side, column.values)


def _range(column: Numbers) -> tuple[float, float]:
    known = column.values[~column.missing]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _side(low: float, high: float) -> float:
    return high + (_GAP + _STRIP / 2) * (high - low)


def _label_across(ax: Axes, column: Numbers | Levels, name: str) -> None:
    ax.set_xlabel(_common.wrap(name))
    if isinstance(column, Levels):
        names = [level.name for level in column.levels]
        _name_levels(ax, names + ["missing"] * bool(column.missing.any()))
        return
    low, high = _range(column)
    room = 0.04 * (high - low)
    if column.are_dates:
        _write_dates(ax.xaxis, most=max(2, int(_common.room(ax, [])[0] / (10 * _letter()))))
    ax.set_xlim(low - room, high + room)
    if column.missing.any():
        ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
        texts = ax.xaxis.get_major_formatter().format_ticks(ticks)
        ax.set_xticks([*ticks, _side(low, high)], [*texts, "\nmissing"])
        ax.axvline(high + _GAP / 2 * (high - low) + room / 2, color=_common.NEUTRAL, linewidth=0.8)
        ax.set_xlim(low - room, high + (_GAP + _STRIP) * (high - low) + room)


def _write_dates(axis: Axis, most: int = 5) -> None:
    from matplotlib.dates import AutoDateFormatter, AutoDateLocator

    locator = AutoDateLocator(minticks=2, maxticks=most)  # type: ignore[no-untyped-call]
    axis.set_major_locator(locator)
    axis.set_major_formatter(AutoDateFormatter(locator))  # type: ignore[no-untyped-call]


def _letter() -> float:
    """Return about how many points wide a letter of the axis is."""
    return 0.6 * float(rcParams["font.size"])


def _name_levels(ax: Axes, names: list[str]) -> None:
    broken = [textwrap.fill(name, _BROKEN_AT) for name in names]
    widest = max(len(line) for name in broken for line in name.split("\n"))
    width, _ = _common.room(ax, [])
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.tick_params(axis="x", length=0)
    if _letter() * widest < width / len(names):
        ax.set_xticks(range(len(names)), broken, parse_math=False)
        return
    cut = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…" for name in names]
    ax.set_xticks(
        range(len(names)), cut, rotation=35, ha="right", rotation_mode="anchor", parse_math=False
    )


def _draw_coloured(
    ax: Axes, places: FloatArray, heights: FloatArray, column: Numbers | Levels, name: str
) -> None:
    missing = column.missing
    if isinstance(column, Levels):
        groups = [(v.name, v.rows, v.colour, v.marker, 0.0) for v in column.levels]
        title, without = name, "missing"
    else:
        groups = []
        title, without = "", f"{name} missing"
        _draw_on_scale(ax, places, heights, column, name)
    if missing.any():
        groups.append((without, missing, _common.NEUTRAL, "x", 1.0))
    for label, at, colour, marker, line in groups:
        ax.scatter(
            places[at], heights[at], s=_SIZE, color=colour, marker=marker, linewidths=line,
            alpha=0.8, label=label,
        )  # fmt: skip
    if groups:
        _add_legend(ax, title, max(len(label) for label, *_ in groups))


def _draw_on_scale(
    ax: Axes, places: FloatArray, heights: FloatArray, column: Numbers, name: str
) -> None:
    limits = column.limits()
    if limits is None:
        return
    known = ~column.missing
    low, high = limits if limits[0] < limits[1] else (limits[0] - 0.5, limits[1] + 0.5)
    values = column.values[known]
    shown = ax.scatter(
        places[known], heights[known], c=values, s=_SIZE, **_common.RIM,
        cmap=_common.LIGHT_IS_HIGH, norm=Normalize(low, high),
    )  # fmt: skip
    beyond = (bool(values.min() < low), bool(values.max() > high))
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}
    how: dict[str, Any] = {"extend": extend.get(beyond, "neither"), "aspect": 30, "fraction": 0.05}
    bar = _common.add_colour_bar(ax, shown, _common.wrap(name), **how)
    if bar is not None and column.are_dates:
        _write_dates(bar.ax.yaxis)


def _add_legend(ax: Axes, title: str, longest: int) -> None:
    width, _ = _common.room(ax, [])
    size = _LEGEND_SIZE
    ncols = max(1, int(width / (0.55 * size * longest + 30)))
    legend = ax.legend(
        title=_common.wrap(title) or None, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=ncols,
        frameon=False, alignment="left", fontsize=size, title_fontsize=size + 1,
        handletextpad=0.2, columnspacing=1.0, borderaxespad=0.2,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)  # "$" is money here


def _alt(
    e: Explanation,
    name: str,
    across: Numbers | Levels,
    heights: FloatArray,
    coloured_by: str,
    colours: Numbers | Levels | None,
) -> str:
    n_missing = int(across.missing.sum())
    text = (
        f"Scatter of the attribution of {name} against its value, in {_common.quantity(e)}, over "
        f"{_common.plural(len(heights), 'row')}: from {_common.number(float(heights.min()))} to "
        f"{_common.number(float(heights.max()))}"
    )
    parts = [f"{_common.number(float(heights[at].mean()))} {where}" for where, at in _parts(across)]
    if parts:
        text += f", on average {_common.listing(parts)}"
    if n_missing and parts:
        mean = _common.number(float(heights[across.missing].mean()))
        text += f"; {mean} for the {n_missing:,} without a value, at the right"
    if isinstance(colours, Levels):
        text += f". Coloured by {coloured_by}: {_common.listing([v.name for v in colours.levels])}"
    elif colours is not None:
        text += f". Coloured by {coloured_by}, light where it is high"
    return f"{text}."


def _parts(column: Numbers | Levels) -> list[tuple[str, BoolArray]]:
    """Split the rows for a summary: by level, by value where there are few, else in thirds."""
    if isinstance(column, Levels):
        return [(f"for {level.name}", level.rows) for level in column.levels]
    known = column.values[~column.missing]
    found = np.unique(known)
    if len(found) <= _FEW and not column.are_dates:
        return [(f"at {_common.datum(float(value))}", column.values == value) for value in found]
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    values = column.values
    thirds = [
        ("in the lowest third of the values", values <= low),
        ("in the middle third", (values > low) & (values <= high)),
        ("in the highest", values > high),
    ]
    return [(where, at) for where, at in thirds if at.any()]
