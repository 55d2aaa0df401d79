"""Figures of the book: each as a picture for light pages and one for dark ones."""

from xaikit.course.figures._both_forms import both_forms

__all__ = ["both_forms"]
