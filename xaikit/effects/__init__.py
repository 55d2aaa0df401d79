"""What a feature does to a model over its range: accumulated local effects.

Partial dependence and individual conditional expectation are scikit-learn's.
"""

from xaikit.effects._ale import ale
from xaikit.effects._effect import Effect, PairEffect

__all__ = ["Effect", "PairEffect", "ale"]
