"""Data for figures that compute in the page: the public name of `xaikit.course.live`."""

from xaikit.course.live import hand_over, table

__all__ = ["hand_over", "table"]
