"""What would have to change for the model to answer otherwise."""

from xaikit.counterfactuals._counterfactual import counterfactual
from xaikit.counterfactuals._result import Counterfactual, NoCounterfactualFound

__all__ = ["Counterfactual", "NoCounterfactualFound", "counterfactual"]
