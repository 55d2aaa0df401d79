"""Every game whose Shapley values are published, against the numbers as printed."""

import numpy as np
import pytest

from xaikit import games

PUBLISHED = {
    "glove": (games.glove(), [1 / 6, 1 / 6, 2 / 3]),
    "airport": (games.airport((1, 2, 4)), [1 / 3, 5 / 6, 17 / 6]),
    "unanimity": (games.unanimity(4, (0, 2)), [1 / 2, 0, 1 / 2, 0]),
    "voting": (games.weighted_voting(51, (50, 49, 1)), [2 / 3, 1 / 6, 1 / 6]),
    "maximum": (games.maximum((3, 2, 1)), [11 / 6, 5 / 6, 1 / 3]),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_computed_and_carried_solution_are_the_published_one(name):
    game, published = PUBLISHED[name]
    np.testing.assert_allclose(games.shapley_values(game), published, rtol=0, atol=1e-14)
    np.testing.assert_allclose(game.solution, published, rtol=0, atol=1e-14)
    assert game.source.startswith("https://doi.org/10.")
