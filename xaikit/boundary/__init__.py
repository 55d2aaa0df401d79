"""Where a model changes its answer: how far that is from a row, and what it looks like."""

from xaikit.boundary._distance import distance
from xaikit.boundary._points import BoundaryPoints, NoBoundaryFound
from xaikit.boundary._slice import Slice, slice_2d

__all__ = ["BoundaryPoints", "NoBoundaryFound", "Slice", "distance", "slice_2d"]
