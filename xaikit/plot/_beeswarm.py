"""How a feature's attributions spread over the rows, and whether its value tells the sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap
from numpy.typing import NDArray

from xaikit.core.checks import generator, whole_number
from xaikit.plot import _common

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

_N_BINS = 80
_HALF_HEIGHT = 0.38


def beeswarm(
    e: Explanation,
    *,
    ax: Axes | None = None,
    max_features: int = 10,
    random_state: int | np.random.Generator | None = None,
) -> Axes:
    """Draw every attribution as a dot, coloured by the value of its feature.

    Parameters
    ----------
    e : Explanation
        Of the columns of a table, values of shape (n, d).
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
    The colours run from a feature's 5th to its 95th percentile; missing values and columns
    that hold no numbers are grey. After Lundberg, S. et al. (2020), DOI 10.1038/s42256-019-0138-9.

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
    max_features = whole_number("max_features", max_features, low=1)
    rng = generator(random_state)
    shown, rest = _common.most_important(np.abs(e.values).mean(axis=0), max_features)
    names = _common.names_of(e)
    columns = np.asarray(e.data)
    labels = [names[j] for j in shown]
    rows = [(e.values[:, j], _shade(columns[:, j])) for j in shown]
    if len(rest):
        labels.append(_common.rest_label(len(rest)))
    ax = _common.check_or_make_axes(ax, labels)
    _limit(ax, np.concatenate([values for values, _ in rows]))
    ax.axvline(0, color=_common.NEUTRAL, linewidth=0.8, zorder=0)
    for place, (values, shade) in enumerate(rows):
        _draw_row(ax, place, values, shade, rng)
    if len(rest):
        _common.write_rest(ax, len(shown), "not drawn")
    if any(shade is not None for _, shade in rows):
        _add_colour_bar(ax)
    ax.set_xlabel(f"attribution ({_common.quantity(e)})")
    _common.label_rows(ax, labels)
    _common.set_alt_text(ax, _alt(e, labels[: len(rows)], rows, len(rest)))
    return ax


def _shade(column: NDArray[Any]) -> NDArray[np.float64] | None:
    """Place each value between the 5th and 95th percentile, 0 to 1; None if not numbers."""
    try:
        values = column.astype(float)
    except (TypeError, ValueError):
        return None
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, [5, 95])
    if low == high:
        low, high = known.min(), known.max()
    shade = np.where(np.isfinite(values), 0.5, np.nan)
    if low < high:
        shade = np.clip((values - low) / (high - low), 0, 1)
    return shade


def _draw_row(
    ax: Axes,
    place: int,
    values: NDArray[np.float64],
    shade: NDArray[np.float64] | None,
    rng: np.random.Generator,
) -> None:
    order = rng.permutation(len(values))
    offsets = _offsets(values[order], ax.get_xlim())
    style: dict[str, Any] = {"color": _common.NEUTRAL}
    if shade is not None:
        style = {"c": shade[order], "cmap": _colours(), "vmin": 0, "vmax": 1}
    ax.scatter(values[order], place + offsets, s=14, linewidths=0, plotnonfinite=True, **style)


def _colours() -> Colormap:
    # A missing value is grey, as are the columns that hold no numbers.
    return colormaps[_common.LIGHT_IS_HIGH].with_extremes(bad=_common.NEUTRAL)


def _offsets(values: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.float64]:
    """Stack dots that share a place above and below the line, in the order they come."""
    bins = np.floor((values - limits[0]) / (limits[1] - limits[0]) * _N_BINS).astype(int)
    offsets = np.zeros(len(values))
    for members in (np.flatnonzero(bins == b) for b in np.unique(bins)):
        ranks = np.arange(len(members))
        offsets[members] = (ranks + 1) // 2 * np.where(ranks % 2, 1, -1)
    # A row keeps its height: where many dots meet they move closer together.
    step = min(0.08, _HALF_HEIGHT / max(1.0, np.abs(offsets).max()))
    stacked: NDArray[np.float64] = offsets * step
    return stacked


def _limit(ax: Axes, values: NDArray[np.float64]) -> None:
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


def _alt(e: Explanation, labels: list[str], rows: list[tuple[Any, Any]], n_rest: int) -> str:
    parts = _common.listing(
        [
            f"{label} from {_common.number(values.min())} to {_common.number(values.max())}"
            f"{_direction(values, shade)}"
            for label, (values, shade) in zip(labels, rows, strict=True)
        ],
        separator="; ",
    )
    return (
        f"Swarm of the attributions of {_common.plural(len(e.values), 'row')} by feature, "
        f"in {_common.quantity(e)}, the feature of largest mean size on top: {parts}"
        f"{f'; {_common.rest_label(n_rest)} not drawn' if n_rest else ''}."
    )


def _direction(values: NDArray[np.float64], shade: NDArray[np.float64] | None) -> str:
    if shade is None:
        return ""
    known = np.isfinite(shade)
    values, shade = values[known], shade[known]
    if np.ptp(values) == 0 or np.ptp(shade) == 0:
        return ""
    correlation = float(np.corrcoef(shade, values)[0, 1])
    if abs(correlation) < 0.5:
        return ", with no one direction"
    return f", high values {'raise' if correlation > 0 else 'lower'} it"
