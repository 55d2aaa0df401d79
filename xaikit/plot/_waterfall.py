"""How one prediction comes about, feature by feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from xaikit.core.checks import whole_number
from xaikit.plot import _classes, _common

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

# A residual below this share of the figure's span cannot be seen, and is rounding.
_VISIBLE = 1e-6


def waterfall(
    e: Explanation,
    *,
    row: int = 0,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
    max_features: int = 10,
) -> Axes:
    """Draw the way from the base value to the prediction of one row.

    Parameters
    ----------
    e : Explanation
        Of the columns of a table, values of shape (n, d).
    row : int
        Which row of `e`, from 0.
    class_names : sequence or mapping of str, optional
        What the classes are called: in the order of their codes 0, 1, …, as
        ``Dataset.target_names`` has them, or by label. Left out, by their labels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; new axes by default.
    max_features : int
        How many features get a bar. The sum of the others is one more.

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
    Read it from the top. Orange bars raise the output, hatched blue ones lower it; the
    feature's value stands beside its name. What the attributions leave unexplained is
    a grey bar of its own. After Lundberg, S. et al. (2020),
    DOI 10.1038/s42256-019-0138-9.

    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from xaikit import datasets, explain, plot
    >>> data = datasets.planted_linear(random_state=0)
    >>> e = explain(LinearRegression().fit(data.X, data.y), data.X, background=data.X)
    >>> ax = plot.waterfall(e, row=3, max_features=2)
    >>> [tick.get_text().split(" = ")[0] for tick in ax.get_yticklabels()]
    ['base value', 'x2', 'x1', '3 other features', 'prediction']
    """
    _common.check_explanation(e)
    e = _classes.named(e, class_names)
    row = whole_number("row", row, low=0, high=len(e) - 1)
    max_features = whole_number("max_features", max_features, low=1)
    labels, steps = _steps(e, row, max_features)
    base, prediction = float(e.base_values[row]), float(e.predictions[row])
    names = [f"base value = {_common.number(base)}", *labels]
    names.append(f"prediction = {_common.number(prediction)}")
    ax = _common.check_or_make_axes(ax, names)
    ends = base + np.cumsum(steps)
    starts = np.concatenate([[base], ends[:-1]])
    _limit(ax, np.array([base, prediction, *ends]))
    for place, (label, start, step) in enumerate(zip(labels, starts, steps, strict=True), start=1):
        _draw_step(ax, place, float(start), float(step), label == "residual")
    _draw_end_points(ax, base, prediction, len(steps) + 1)
    ax.set_xlabel(_common.quantity(e))
    _common.label_rows(ax, names)
    _common.set_alt_text(ax, _alt(e, row, labels, steps))
    return ax


def _steps(e: Explanation, row: int, max_features: int) -> tuple[list[str], NDArray[np.float64]]:
    values = e.values[row]
    shown, rest = _common.most_important(np.abs(values), max_features)
    names = _common.names_of(e)
    data = np.asarray(e.data)[row]
    labels = [f"{names[j]} = {_common.datum(data[j], names[j])}" for j in shown]
    steps = [float(values[j]) for j in shown]
    if len(rest):
        labels.append(_common.rest_label(len(rest)))
        steps.append(float(values[rest].sum()))
    residual = float(e.residual[row])
    scale = np.abs([*values, e.base_values[row], e.predictions[row]]).max()
    if abs(residual) > _VISIBLE * scale:
        labels.append("residual")
        steps.append(residual)
    return labels, np.array(steps)


def _limit(ax: Axes, points: NDArray[np.float64]) -> None:
    # Room on both sides for the number at the end of a bar.
    low, high = float(points.min()), float(points.max())
    room = 0.2 * (high - low) if high > low else max(abs(low), 1.0) / 2
    ax.set_xlim(low - room, high + room)


def _draw_step(ax: Axes, place: int, start: float, step: float, is_residual: bool) -> None:
    up = step >= 0
    ax.barh(
        place,
        step,
        left=start,
        height=0.62,
        color=_common.NEUTRAL if is_residual else (_common.UP if up else _common.DOWN),
        edgecolor="white",
        linewidth=0,
        hatch=None if up else _common.DOWN_HATCH,
    )
    ax.annotate(
        _common.number(step, sign=True),
        (start + step, place),
        xytext=(5 if up else -5, 0),
        textcoords="offset points",
        ha="left" if up else "right",
        va="center",
    )
    # The thread that leads from the end of this bar to the start of the next.
    ax.plot([start + step] * 2, [place - 0.31, place + 1.31], color=_common.NEUTRAL, linewidth=0.8)


def _draw_end_points(ax: Axes, base: float, prediction: float, last: int) -> None:
    ax.plot([base] * 2, [0, 1.31], color=_common.NEUTRAL, linewidth=0.8)
    ax.plot(base, 0, "o", color=_common.NEUTRAL)
    ax.plot(prediction, last, "D", color=_common.NEUTRAL)


def _alt(e: Explanation, row: int, labels: list[str], steps: Any) -> str:
    parts = _common.listing(
        [
            f"{'plus' if step >= 0 else 'minus'} {_common.number(abs(step))} for {label}"
            for label, step in zip(labels, steps, strict=True)
        ]
    )
    return (
        f"Waterfall chart of row {row}, in {_common.quantity(e)}, "
        f"from the base value {_common.number(float(e.base_values[row]))} "
        f"to the prediction {_common.number(float(e.predictions[row]))}: {parts}."
    )
