"""What a model answers on a plane, and where it changes its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, LinearSegmentedColormap, ListedColormap, to_rgb

from xaikit.core.checks import FloatArray, numbers, whole_number
from xaikit.plot import _classes, _common
from xaikit.plot._palette import BLUE, BROWN, GREEN, GREY, PINK, VERMILION, VIOLET

if TYPE_CHECKING:
    from xaikit.boundary import Slice

_MARKERS = "os^Dv*P"
_MOST_CLASSES = 10
# One for a class: of its rows, and paler of the places where it is answered.
_COLOURS = (VERMILION, BLUE, GREEN, PINK, BROWN, VIOLET, GREY)


def boundary(
    plane: Slice,
    *,
    y: npt.ArrayLike | None = None,
    threshold: float | None = None,
    resolution: int = 100,
    class_names: _classes.ClassNames | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the answers of a model on a plane, on top of DecisionBoundaryDisplay.

    Parameters
    ----------
    plane : Slice
        As `xaikit.boundary.slice_2d` returns it.
    y : array-like of shape (n,), optional
        The classes of the rows that the plane was laid through. Given, each row is drawn
        at its nearest point of the plane, with one kind of mark a class.
    threshold : float, optional
        Where the line is drawn. Left out, at a probability of 0.5 or a score of 0, and
        for a model that is no classifier nowhere.
    resolution : int
        Points along each side at which the model is asked.
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
        If `plane` is not a Slice, `y` has not one class a row, or another argument is
        out of range.

    Notes
    -----
    Two classes are drawn as the probability, or the score, of the second; more as areas
    of the class predicted. A class has one colour, in full for its rows and paler for the
    places where it is answered, and its rows have a mark of their own, seen in grey too.
    The rows lie off the plane: the model may answer a row otherwise than the colour behind
    its mark.

    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from xaikit import boundary, datasets, plot
    >>> data = datasets.breast_cancer()
    >>> X = data.X[["mean radius", "mean texture", "mean area"]]
    >>> model = LogisticRegression(max_iter=5000).fit(X, data.y)
    >>> plane = boundary.slice_2d(model, X, features=("mean radius", "mean texture"))
    >>> plot.alt_text(plot.boundary(plane, resolution=20)).split(",")[0]
    'Map of the probability of 1 over mean radius and mean texture'
    """
    from xaikit.boundary import Slice

    if not isinstance(plane, Slice):
        raise TypeError(
            "plane must be a Slice, as xaikit.boundary.slice_2d returns it; got "
            f"{type(plane).__name__}"
        )
    resolution = whole_number("resolution", resolution, low=2)
    n_classes = plane.described.n_classes
    if threshold is not None:
        threshold = float(numbers("threshold", [threshold])[0])
        if n_classes > 2:
            raise ValueError(
                f"threshold must be left out for {n_classes} classes, drawn as areas; got "
                f"{threshold:g}."
            )
    if n_classes > _MOST_CLASSES:
        raise ValueError(f"plane must have at most {_MOST_CLASSES} classes; got {n_classes}.")
    names = _classes.by_label(class_names)
    outputs = [_classes.name_of(label, names) for label in _labels(plane)]
    flat = plane.flatten()
    marks = {} if y is None else _marks(y, flat, outputs, names)
    ax = _common.check_or_make_plot_axes(ax)
    if n_classes > 2 or (n_classes == 2 and _method(plane) == "predict"):
        text = _draw_areas(ax, plane, flat, resolution, outputs)
    else:
        text = _draw_heights(ax, plane, flat, resolution, threshold, outputs[-1])
    if marks:
        _draw_rows(ax, marks, outputs)
        text += f" {_common.plural(len(flat), 'row')} drawn as marks, by class."
    ax.set_xlabel(_common.wrap(plane.axis_names[0]))
    ax.set_ylabel(_common.wrap(plane.axis_names[1]))
    _common.set_alt_text(ax, text)
    return ax


def _labels(plane: Slice) -> list[Any]:
    """Return the labels of the classes, or the name of the one output."""
    if plane.described.kind == "classifier":
        return list(plane.classes_)
    return [plane.target.name if plane.target is not None else "prediction"]


def _colours(n: int) -> list[Any]:
    """Return a colour for each of the classes."""
    if n <= len(_COLOURS):
        return list(_COLOURS[:n])
    return [colormaps[_common.LIGHT_IS_HIGH](k / (n - 1)) for k in range(n)]


def _pale(colour: Any) -> tuple[float, float, float]:
    red, green, blue = (0.55 + 0.45 * part for part in to_rgb(colour))
    return red, green, blue


def _marks(
    y: Any, flat: FloatArray, outputs: list[str], names: dict[str, str] | None
) -> dict[str, FloatArray]:
    """Return the places of the rows by the name of their class, in the model's order."""
    classes = np.asarray(y)
    if classes.shape != (len(flat),):
        raise ValueError(
            f"y must have one class for each row, ({len(flat)},); got {classes.shape}."
        )
    labels = np.unique(classes)
    if len(labels) > len(_MARKERS):
        raise ValueError(
            f"y must have at most {len(_MARKERS)} classes, one kind of mark each; got "
            f"{len(labels)}."
        )
    if np.isnan(flat).any():
        raise ValueError("y must be left out where rows lack a value along the plane.")
    found = {_classes.name_of(label, names): flat[classes == label] for label in labels}
    order = {name: k for k, name in enumerate(outputs)}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def _method(plane: Slice) -> str:
    """Return the scale that a reader knows best, of those that the model has."""
    names = ["predict_proba", "decision_function", "predict"]
    return next(name for name in names if hasattr(plane, name))


def _display(ax: Axes, plane: Slice, flat: FloatArray, resolution: int, **how: Any) -> Any:
    from sklearn.inspection import DecisionBoundaryDisplay

    # The corners with a little room, in units of each axis.
    low, high = np.nanmin(flat, axis=0), np.nanmax(flat, axis=0)
    room = np.where(high > low, 0.05 * (high - low), 0.5)
    corners = np.array([low - room, high + room])
    return DecisionBoundaryDisplay.from_estimator(
        plane, corners, eps=0, grid_resolution=resolution, ax=ax, xlabel="", ylabel="", **how
    )


def _draw_heights(
    ax: Axes,
    plane: Slice,
    flat: FloatArray,
    resolution: int,
    threshold: float | None,
    output: str,
) -> str:
    method = _method(plane)
    # The whole scale of probabilities: a difference of 0.01 shall not look like all of it.
    levels: Any = np.linspace(0, 1, 11) if method == "predict_proba" else 12
    how: dict[str, Any] = {"cmap": _common.LIGHT_IS_HIGH}
    if plane.described.kind == "classifier":
        first, second = _colours(2)
        ends = [_pale(first), (1.0, 1.0, 1.0), _pale(second)]
        how = {
            "cmap": LinearSegmentedColormap.from_list("two classes", ends),
            "norm": CenteredNorm(0.5 if method == "predict_proba" else 0.0),
        }
    display = _display(ax, plane, flat, resolution, response_method=method, levels=levels, **how)
    heights = np.asarray(display.response)
    level = threshold
    if plane.described.kind == "classifier":
        what = f"{'probability' if method == 'predict_proba' else 'score'} of {output}"
        if level is None:
            level = 0.5 if method == "predict_proba" else 0.0
    else:
        what = output if output == "prediction" else f"predicted {output}"
    _common.add_colour_bar(ax, display.surface_, what)
    axes = " and ".join(plane.axis_names)
    text = (
        f"Map of the {what} over {axes}, from {_common.number(float(heights.min()))} to "
        f"{_common.number(float(heights.max()))}"
    )
    if level is None:
        return f"{text}."
    share = float((heights >= level).mean())
    if 0 < share < 1:
        _draw_line(ax, display, heights, level)
        return f"{text}; a line at {_common.number(level)} leaves {share:.0%} of the map above it."
    side = "above" if share == 1 else "below"
    return f"{text}; all of it lies {side} {_common.number(level)}."


def _draw_line(ax: Axes, display: Any, heights: FloatArray, level: float) -> None:
    # Black on white: seen on light and on dark.
    for colour, width in (("white", 3.5), ("black", 1.5)):
        ax.contour(
            display.xx0, display.xx1, heights, levels=[level], colors=colour, linewidths=width
        )


def _draw_areas(ax: Axes, plane: Slice, flat: FloatArray, resolution: int, names: list[str]) -> str:
    from matplotlib.patches import Patch

    n = len(plane.classes_)
    colours = [_pale(colour) for colour in _colours(n)]
    how: dict[str, Any] = (
        {"multiclass_colors": colours} if n > 2 else {"cmap": ListedColormap(colours)}
    )
    display = _display(
        ax, plane, flat, resolution, response_method="predict", plot_method="pcolormesh", **how
    )
    side = np.asarray(display.response)
    parts = []
    for k, name in enumerate(names):
        share = float((side == k).mean())
        if 0 < share < 1:
            _draw_line(ax, display, (side == k).astype(float), 0.5)
        parts.append(f"{name} on {share:.0%}")
    patches = [Patch(color=colour, label=name) for colour, name in zip(colours, names, strict=True)]
    # Keys lie on the map, which may be dark: never without a frame, whatever the style says.
    ax.add_artist(ax.legend(handles=patches, title="predicted", loc="upper left", frameon=True))
    axes = " and ".join(plane.axis_names)
    return f"Map of the class predicted over {axes}: {_common.listing(parts)} of the map."


def _draw_rows(ax: Axes, marks: dict[str, FloatArray], outputs: list[str]) -> None:
    handles = []
    # Rows of the classes answered in the colours of these, of any others in those that follow.
    places = {name: k for k, name in enumerate(dict.fromkeys([*outputs, *marks]))}
    colours = _colours(len(places))
    for k, (name, at) in enumerate(marks.items()):
        handles.append(
            ax.scatter(
                at[:, 0],
                at[:, 1],
                s=18,
                marker=_MARKERS[k],
                color=colours[places[name]],
                edgecolors="black",
                linewidths=0.5,
                label=name,
            )
        )
    ax.legend(handles=handles, title="class", loc="lower right", frameon=True)
