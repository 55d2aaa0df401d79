"""How a feature's attributions spread over the rows, and whether its value tells the sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from numpy.typing import NDArray

from xaikit.core.checks import FloatArray, generator, whole_number
from xaikit.plot import _classes, _columns, _common, _keys
from xaikit.plot._columns import Levels, Numbers

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

_N_BINS = 80
_HALF_HEIGHT = 0.38
# Of a category: the centre of the dots, half their height, and the top of the key below, in
# rows. A row as high as this, in inches, has room for a key of two lines.
_CENTRE, _HALF_WITH_KEY, _KEY = -0.14, 0.24, 0.16
_TWO_LINES = 0.6


def beeswarm(
    e: Explanation,
    *,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
    max_features: int = 10,
    random_state: int | np.random.Generator | None = None,
) -> Axes:
    """Draw every attribution as a dot, coloured by the value of its feature.

    Parameters
    ----------
    e : Explanation
        Of the columns of a table, values of shape (n, d).
    class_names : sequence or mapping of str, optional
        What the classes are called: in the order of their codes 0, 1, …, as
        ``Dataset.target_names`` has them, or by label. Left out, by their labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    max_features : int
        How many features get a row, those of the largest mean size first. The others
        are counted below.
    random_state : int, numpy.random.Generator or None
        Decides which of the dots that share a place lies above the other. The same int
        draws the same figure.

    Returns
    -------
    matplotlib.axes.Axes
        With the text for the image in ``xaikit.plot.alt_text(ax)``.

    Raises
    ------
    TypeError, ValueError
        If `e` is not an Explanation of a table, or another argument is out of range.

    Notes
    -----
    The colours of numbers, truth values and dates run from a feature's 5th to its 95th
    percentile. Categories have a colour for each of their six commonest levels, named below
    the dots, and one for the others. Missing values are grey. After Lundberg, S. et al.
    (2020), DOI 10.1038/s42256-019-0138-9.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from xaikit import datasets, explain, plot
    >>> data = datasets.planted_linear(random_state=0)
    >>> e = explain(LinearRegression().fit(data.X, data.y), data.X, background=data.X)
    >>> text = plot.alt_text(plot.beeswarm(e, max_features=1, random_state=0))
    >>> "x1" in text and "high values raise it" in text
    True
    """
    _common.check_explanation(e)
    e = _classes.named(e, class_names)
    max_features = whole_number("max_features", max_features, low=1)
    rng = generator(random_state)
    shown, rest = _common.most_important(np.abs(e.values).mean(axis=0), max_features)
    names = _common.names_of(e)
    rows = [(e.values[:, j], _columns.read(e.data[:, j])) for j in shown]
    labels = [names[j] for j in shown]
    if len(rest):
        labels.append(_common.rest_label(len(rest)))
    with_keys = any(isinstance(column, Levels) for _, column in rows)
    ax = _common.check_or_make_axes(ax, labels, row_height=_TWO_LINES if with_keys else 0.0)
    _limit(ax, np.concatenate([values for values, _ in rows]))
    ax.axvline(0, color=_common.NEUTRAL, linewidth=0.8, zorder=0)
    for place, (values, column) in enumerate(rows):
        _draw_row(ax, place, values, column, rng)
    if len(rest):
        _common.write_rest(ax, len(shown), "not drawn")
    if any(isinstance(column, Numbers) and column.limits() for _, column in rows):
        _add_colour_bar(ax)
    ax.set_xlabel(f"attribution ({_common.quantity(e)})")
    _common.label_rows(ax, labels)
    _add_keys(ax, labels, [column for _, column in rows])
    _common.set_alt_text(ax, _alt(e, labels[: len(rows)], rows, len(rest)))
    return ax


def _draw_row(
    ax: Axes,
    place: int,
    values: FloatArray,
    column: Numbers | Levels,
    rng: np.random.Generator,
) -> None:
    order = rng.permutation(len(values))
    has_key = isinstance(column, Levels)
    centre, half_height = (_CENTRE, _HALF_WITH_KEY) if has_key else (0.0, _HALF_HEIGHT)
    offsets = _offsets(values[order], ax.get_xlim(), half_height)
    ax.scatter(
        values[order],
        place + centre + offsets,
        s=14,
        plotnonfinite=True,
        **_style(column, order),
    )


def _style(column: Numbers | Levels, order: NDArray[np.intp]) -> dict[str, Any]:
    if isinstance(column, Levels):
        by_row = np.full(len(order), _common.NEUTRAL, dtype=object)
        for level in column.levels:
            by_row[level.rows] = level.colour
        return {"color": by_row[order], "linewidths": 0}
    shade = _shade(column)
    if shade is None:
        return {"color": _common.NEUTRAL, "linewidths": 0}
    colours = colormaps[_common.LIGHT_IS_HIGH].with_extremes(bad=_common.NEUTRAL)
    return {"c": shade[order], "cmap": colours, "vmin": 0, "vmax": 1, **_common.RIM}


def _shade(column: Numbers) -> FloatArray | None:
    """Place each value between the limits, 0 to 1; None where all are missing."""
    limits = column.limits()
    if limits is None:
        return None
    low, high = limits
    if low == high:
        return np.where(column.missing, np.nan, 0.5)
    shade: FloatArray = np.clip((column.values - low) / (high - low), 0, 1)
    return shade


def _offsets(values: FloatArray, limits: tuple[float, float], half_height: float) -> FloatArray:
    """Stack dots that share a place above and below the line, in the order they come."""
    bins = np.floor((values - limits[0]) / (limits[1] - limits[0]) * _N_BINS).astype(int)
    offsets = np.zeros(len(values))
    for members in (np.flatnonzero(bins == b) for b in np.unique(bins)):
        ranks = np.arange(len(members))
        offsets[members] = (ranks + 1) // 2 * np.where(ranks % 2, 1, -1)
    # A row keeps its height: where many dots meet they move closer together.
    step = min(0.08, half_height / max(1.0, np.abs(offsets).max()))
    stacked: FloatArray = offsets * step
    return stacked


def _limit(ax: Axes, values: FloatArray) -> None:
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    room = 0.05 * (high - low) if high > low else 1.0
    ax.set_xlim(low - room, high + room)


def _add_colour_bar(ax: Axes) -> None:
    shown = ScalarMappable(cmap=_common.LIGHT_IS_HIGH)
    bar = _common.add_colour_bar(ax, shown, "feature value", aspect=30, fraction=0.05)
    if bar is not None:
        bar.set_ticks([0, 1], labels=["low", "high"])
        bar.ax.yaxis.labelpad = -10
        bar.outline.set_visible(False)


def _add_keys(ax: Axes, labels: list[str], columns: list[Numbers | Levels]) -> None:
    width, height = _common.room(ax, labels)
    to_next_dots = (1 - _HALF_HEIGHT - _KEY) * height / (len(labels) + 0.2)
    most_lines = max(1, int(to_next_dots / _keys.LINE))
    for place, column in enumerate(columns):
        if isinstance(column, Levels):
            _keys.draw_below(ax, (0, place + _KEY), column, width=width, most_lines=most_lines)


def _alt(e: Explanation, labels: list[str], rows: list[tuple[Any, Any]], n_rest: int) -> str:
    parts = _common.listing(
        [
            f"{label} from {_common.number(values.min())} to {_common.number(values.max())}"
            f"{_course(values, column)}"
            for label, (values, column) in zip(labels, rows, strict=True)
        ],
        separator="; ",
    )
    return (
        f"Swarm of the attributions of {_common.plural(len(e.values), 'row')} by feature, "
        f"in {_common.quantity(e)}, the feature of largest mean size on top: {parts}"
        f"{f'; {_common.rest_label(n_rest)} not drawn' if n_rest else ''}."
    )


def _course(values: FloatArray, column: Numbers | Levels) -> str:
    if isinstance(column, Levels):
        return _by_level(values, column)
    shade = _shade(column)
    if shade is None:
        return ""
    values, shade = values[~column.missing], shade[~column.missing]
    if np.ptp(values) == 0 or np.ptp(shade) == 0:
        return ""
    correlation = float(np.corrcoef(shade, values)[0, 1])
    if abs(correlation) < 0.5:
        return ", with no one direction"
    return f", high values {'raise' if correlation > 0 else 'lower'} it"


def _by_level(values: FloatArray, column: Levels) -> str:
    means = {level.name: float(values[level.rows].mean()) for level in column.levels}
    if len(means) < 2:
        return ""
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    return (
        f", on average from {_common.number(means[low])} for {low} to "
        f"{_common.number(means[high])} for {high}"
    )
