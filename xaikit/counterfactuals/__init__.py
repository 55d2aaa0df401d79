"""The nearest rows to which a model gives another answer."""

from xaikit.counterfactuals._counterfactual import counterfactual
from xaikit.counterfactuals._diverse import diverse_counterfactuals
from xaikit.counterfactuals._result import Counterfactual, NoCounterfactualFound

__all__ = [
    "Counterfactual",
    "NoCounterfactualFound",
    "counterfactual",
    "diverse_counterfactuals",
]
