"""Axes to draw on, and what is to be found on them, for the tests of the figures."""

from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure


def axes(width=6.4, height=4.8):
    """New axes that pyplot does not know of."""
    return Figure(figsize=(width, height), layout="constrained").subplots()


def brought(figure):
    """The alt text in the metadata that IPython sends along with the picture."""
    return DisplayFormatter().format(figure)[1].get("image/png", {}).get("alt")


def assert_inside(texts, figure):
    """Nothing of these texts lies off the page; the figure has been drawn."""
    page = figure.bbox
    for text in texts:
        if text.get_text():
            box = text.get_window_extent()
            assert box.x0 >= page.x0 - 1, text
            assert box.x1 <= page.x1 + 1, text
            assert box.y0 >= page.y0 - 1, text
            assert box.y1 <= page.y1 + 1, text
