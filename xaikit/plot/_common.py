"""What the figures share: checks of arguments, colours, words, and the alt text."""

from __future__ import annotations

import textwrap
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure

from xaikit.plot._palette import DOWN as DOWN
from xaikit.plot._palette import UP as UP

if TYPE_CHECKING:
    from xaikit.core.explanation import Explanation

NEUTRAL = "#7F7F7F"
# Around dots in the colours of a scale, whose ends are lost on a light or on a dark page.
RIM: dict[str, Any] = {"edgecolors": NEUTRAL, "linewidths": 0.4}
# White strokes on the bar, so that the direction also reads without colour.
DOWN_HATCH = "///"

# Light means high and dark means low also in grey, and for the colour-blind.
LIGHT_IS_HIGH = "cividis"

# A hundredth of a degree is a kilometre, and a whole one names no place.
_COORDINATES = {"latitude", "longitude", "lat", "lon", "lng"}

_LABEL_WIDTH = 32


def alt_text(ax: Axes) -> str:
    """Return what is to be seen in a figure, in words.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes that a function of `xaikit.plot` has drawn on.

    Returns
    -------
    str
        Text for the alt attribute of the image.

    Raises
    ------
    TypeError
        If `ax` is not an Axes.
    ValueError
        If nothing of `xaikit.plot` was drawn on it.

    Notes
    -----
    Taught in: no chapter yet.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> alt_text(Figure().subplots())
    Traceback (most recent call last):
    ValueError: ax must have been drawn by xaikit.plot; got Axes without alt text.
    """
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes; got {type(ax).__name__}")
    texts: dict[Axes, str] = getattr(_figure(ax), "_xaikit_alt", {})
    if not texts.get(ax):
        raise ValueError("ax must have been drawn by xaikit.plot; got Axes without alt text.")
    return texts[ax]


def set_alt_text(ax: Axes, text: str) -> None:
    """Keep the text with the figure, one for each of its axes; "" for a scale beside them."""
    figure = _figure(ax)
    texts: dict[Axes, str] = getattr(figure, "_xaikit_alt", {})
    figure._xaikit_alt = {**texts, ax: text}
    # IPython asks a figure for this when it shows it. The picture stays the backend's; the
    # text goes with it as the metadata "alt", from which nbconvert and the book take it.
    figure._repr_mimebundle_ = partial(_alt_metadata, figure)


def _alt_metadata(figure: Figure, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return no data and, where all axes were drawn here, what is to be seen in them."""
    texts: dict[Axes, str] = getattr(figure, "_xaikit_alt", {})
    # Of a figure that is drawn in part by others, a part of the text would pass for the whole.
    if any(ax not in texts for ax in figure.axes):
        return {}, {}
    panels = [texts[ax] for ax in figure.axes if texts[ax]]
    if len(panels) > 1:
        panels = [f"Panel {n} of {len(panels)}: {text}" for n, text in enumerate(panels, start=1)]
    alt = {"alt": " ".join(panels)}
    return {}, {f"image/{kind}": dict(alt) for kind in ("png", "jpeg", "svg+xml")}


def _figure(ax: Axes) -> Any:
    # The root, also where the axes stand in a SubFigure.
    return ax.get_figure(root=True)


def check_is_explanation(e: Any) -> None:
    """Raise unless `e` is an Explanation, of whatever it be."""
    from xaikit.core.explanation import Explanation

    if not isinstance(e, Explanation):
        raise TypeError(
            f"e must be an xaikit.Explanation, as xaikit.explain returns it; got {type(e).__name__}"
        )


def check_explanation(e: Any) -> None:
    """Raise unless `e` is an Explanation of a table."""
    check_is_explanation(e)
    if e.values.ndim != 2:
        raise ValueError(
            f"e must explain the columns of a table, with values of shape (n, d); "
            f"got values of shape {e.values.shape}"
        )
    if e.values.size == 0:
        raise ValueError(
            f"e must explain at least one row and one column; got shape {e.values.shape}"
        )


def check_or_make_axes(ax: Axes | None, labels: list[str], row_height: float = 0.0) -> Axes:
    """Return `ax`, or new Axes tall enough for a row for each of the labels."""
    if ax is None:
        # pyplot shows the figure under the cell; with axes given it is not needed.
        import matplotlib.pyplot as plt

        n_lines = max(wrap(label).count("\n") + 1 for label in labels)
        height = 1.2 + len(labels) * max(0.38, 0.06 + 0.17 * n_lines, row_height)
        _, ax = plt.subplots(figsize=(7.2, max(2.2, height)), layout="constrained")
    return check_or_make_plot_axes(ax)


def check_or_make_plot_axes(ax: Axes | None, size: tuple[float, float] = (6.0, 4.2)) -> Axes:
    """Return `ax`, or new Axes in a figure of this width and height in inches."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=size, layout="constrained")
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes or None; got {type(ax).__name__}")
    return ax


def add_colour_bar(
    ax: Axes | npt.NDArray[Any], shown: ScalarMappable, label: str, **how: Any
) -> Colorbar | None:
    """Put the scale of the colours beside the axes, or one beside several of a figure."""
    figure = ax.flat[0].get_figure() if isinstance(ax, np.ndarray) else ax.get_figure()
    if figure is None:  # axes taken out of their figure have no place for it
        return None
    bar = figure.colorbar(shown, ax=ax, **how)
    bar.set_label(label)
    set_alt_text(bar.ax, "")
    return bar


def room(ax: Axes, labels: list[str]) -> tuple[float, float]:
    """Return about how many points wide and high axes of labelled rows are when laid out."""
    figure, seen = ax.get_figure(root=True), ax.get_window_extent()
    points = 72 / figure.dpi if figure is not None else 1.0
    width, height = float(seen.width * points), float(seen.height * points)
    if figure is None or figure.get_layout_engine() is None:
        return 0.85 * width, height  # without the scale of the colours
    # As yet the axes have the margins of a figure without a layout.
    lines = [line for label in labels for line in wrap(label).split("\n")]
    longest = max(map(len, lines), default=0)
    names_take = 0.55 * float(rcParams["font.size"]) * longest
    return max(0.4 * width, 1.29 * width - 60 - names_take), 1.29 * height - 50


def names_of(e: Explanation) -> tuple[str, ...]:
    """Return the names of the features, numbered where there are none."""
    if e.feature_names is not None:
        return tuple(str(name) for name in e.feature_names)
    return tuple(f"feature {number}" for number in range(e.values.shape[1]))


def most_important(
    size: np.ndarray[Any, Any], max_features: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Split the features into those to show, largest first, and the rest.

    A rest of one is shown: a row that says "1 other feature" takes the same room.
    """
    order = np.argsort(-size, kind="stable")
    n_shown = len(order) if len(order) <= max_features + 1 else max_features
    return order[:n_shown], order[n_shown:]


def rest_label(n_rest: int) -> str:
    """Name the row that gathers the features not shown."""
    return f"{n_rest} other features"


def write_rest(ax: Axes, place: int, text: str) -> None:
    """Say what the features not shown come to.

    In words: a bar of their sum would be the longest and press the others flat.
    """
    ax.text(0, place, f" {text}", va="center", ha="left", fontstyle="italic")


def quantity(e: Explanation) -> str:
    """Name what the attributions are measured in."""
    if e.output_space == "prediction":
        # A regressor's one output is called just that when nobody named it.
        return "prediction" if e.output_name == "prediction" else f"predicted {e.output_name}"
    return f"{e.output_space} of {e.output_name}"


def number(value: float, *, sign: bool = False) -> str:
    """Write a number to three significant digits, with a true minus and no idle zeros."""
    if 1e-3 <= abs(value) < 1e6:
        decimals = max(0, 2 - int(np.floor(np.log10(abs(value)))))
        text = f"{value:+,.{decimals}f}" if sign else f"{value:,.{decimals}f}"
        if decimals:
            text = text.rstrip("0").rstrip(".")
    elif value == 0:
        text = "0"
    else:
        text = f"{value:+.2g}" if sign else f"{value:.2g}"
    return text.replace("-", "−")


def datum(value: Any, name: str = "") -> str:
    """Write the value of a feature of that name: a number, or the level of a category."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return str(value)
    as_float = float(value)
    if as_float.is_integer() and abs(as_float) < 1e6:
        # Codes, counts and years are written out.
        return f"{as_float:.0f}".replace("-", "−")
    if name.casefold() in _COORDINATES:
        return f"{as_float:.2f}".replace("-", "−")
    return number(as_float)


def wrap(label: str) -> str:
    """Break a long label into lines, so that names do not take the room of the bars."""
    # A value stays on the line of its sign: textwrap breaks at plain spaces only.
    whole = label.replace(" = ", " =\u00a0")
    return textwrap.fill(whole, _LABEL_WIDTH).replace("\u00a0", " ")


def listing(parts: list[str], separator: str = ", ") -> str:
    """Join the first ten of some phrases: nobody listens to thirty."""
    more = f"{separator}and {len(parts) - 10} more" if len(parts) > 11 else ""
    return separator.join(parts[: None if not more else 10]) + more


def plural(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def label_rows(ax: Axes, labels: list[str]) -> None:
    """Name the rows on the y axis, the first on top, and quieten the frame."""
    ax.set_yticks(range(len(labels)), [wrap(label) for label in labels])
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines[["top", "right", "left"]].set_visible(False)
