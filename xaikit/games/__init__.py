"""Cooperative games: exact Shapley values, and games whose answer is published."""

from xaikit.games._game import Game, shapley_values
from xaikit.games._textbook import airport, glove, maximum, unanimity, weighted_voting

__all__ = [
    "Game",
    "airport",
    "glove",
    "maximum",
    "shapley_values",
    "unanimity",
    "weighted_voting",
]
