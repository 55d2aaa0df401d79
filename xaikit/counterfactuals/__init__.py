"""What would have to change for the model to answer otherwise."""

from xaikit.counterfactuals._counterfactual import (
    Counterfactual,
    NoCounterfactualFound,
    counterfactual,
)

__all__ = ["Counterfactual", "NoCounterfactualFound", "counterfactual"]
