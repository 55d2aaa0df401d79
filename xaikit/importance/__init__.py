"""How much a model's error rises without what a feature says beyond the others.

Permutation importance, which also breaks what features have in common, is scikit-learn's.
"""

from xaikit.importance._conditional import Importance, conditional_importance

__all__ = ["Importance", "conditional_importance"]
