"""Figures of an explanation. Each takes `ax=None`, returns the Axes and shows nothing."""

from xaikit.plot._bar import bar
from xaikit.plot._beeswarm import beeswarm
from xaikit.plot._common import alt_text
from xaikit.plot._waterfall import waterfall

__all__ = ["alt_text", "bar", "beeswarm", "waterfall"]
