"""What features do to a model over their range, and together.

`ale` gives accumulated local effects, `h_statistic` the strength of interactions. Partial
dependence and individual conditional expectation are scikit-learn's.
"""

from xaikit.effects._ale import ale
from xaikit.effects._effect import CategoryEffect, Effect, PairEffect
from xaikit.effects._h_statistic import Interactions, h_statistic

__all__ = ["CategoryEffect", "Effect", "Interactions", "PairEffect", "ale", "h_statistic"]
