"""Which features matter over all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from xaikit.core.checks import whole_number
from xaikit.plot import _classes, _common

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation


def bar(
    e: Explanation,
    *,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
    max_features: int = 10,
) -> Axes:
    """Draw the mean size of each feature's attributions, largest on top.

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
        How many features get a bar. The sum of the others is written below.

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
    A mean of sizes has no sign and does not say whether a feature matters to all rows a
    little or to a few rows much: look at `beeswarm` before you say so. The measure is
    that of Lundberg, S. et al. (2020), DOI 10.1038/s42256-019-0138-9.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from xaikit import datasets, explain, plot
    >>> data = datasets.planted_linear(random_state=0)
    >>> e = explain(LinearRegression().fit(data.X, data.y), data.X, background=data.X)
    >>> [tick.get_text() for tick in plot.bar(e).get_yticklabels()][:3]
    ['x1', 'x2', 'x3']
    """
    _common.check_explanation(e)
    e = _classes.named(e, class_names)
    max_features = whole_number("max_features", max_features, low=1)
    size = np.abs(e.values).mean(axis=0)
    shown, rest = _common.most_important(size, max_features)
    labels = [_common.names_of(e)[j] for j in shown]
    if len(rest):
        labels.append(_common.rest_label(len(rest)))
    ax = _common.check_or_make_axes(ax, labels)
    widths = size[shown]
    bars = ax.barh(range(len(shown)), widths, height=0.68, color=_common.DOWN)
    ax.bar_label(bars, labels=[_common.number(width) for width in widths], padding=4)
    if len(rest):
        _common.write_rest(ax, len(shown), f"{_common.number(size[rest].sum())} together")
    ax.set_xlim(0, 1.16 * widths.max() if widths.max() > 0 else 1)
    ax.set_xlabel(f"mean |attribution| ({_common.quantity(e)})")
    _common.label_rows(ax, labels)
    _common.set_alt_text(ax, _alt(e, labels, [*widths, *([size[rest].sum()] if len(rest) else [])]))
    return ax


def _alt(e: Explanation, labels: list[str], widths: list[float]) -> str:
    bars = _common.listing(
        [f"{label} {_common.number(width)}" for label, width in zip(labels, widths, strict=True)]
    )
    return (
        f"Bar chart of the mean absolute attribution by feature, in {_common.quantity(e)}, "
        f"over {_common.plural(len(e.values), 'row')}: {bars}."
    )
