"""Figures of explanations. Each takes `ax=None`, returns the Axes and shows nothing."""

from xaikit.plot._attention import attention, attention_heads
from xaikit.plot._bar import bar
from xaikit.plot._beeswarm import beeswarm
from xaikit.plot._boundary import boundary
from xaikit.plot._common import alt_text
from xaikit.plot._effect import effect, effect_pair
from xaikit.plot._heatmap import heatmap
from xaikit.plot._scatter import scatter
from xaikit.plot._tokens import tokens
from xaikit.plot._waterfall import waterfall

__all__ = [
    "alt_text",
    "attention",
    "attention_heads",
    "bar",
    "beeswarm",
    "boundary",
    "effect",
    "effect_pair",
    "heatmap",
    "scatter",
    "tokens",
    "waterfall",
]
