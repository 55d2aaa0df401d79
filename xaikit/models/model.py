"""What a described model offers: its answers, its outputs on each scale, and what is inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from xaikit.core.checks import FloatArray
from xaikit.models.linear import Linear
from xaikit.models.network import Network, Redrawn
from xaikit.models.trees import Trees

Kind = Literal["classifier", "regressor", "callable", "network"]


@dataclass(frozen=True)
class Scale:
    """The outputs of a model on one scale: a function of rows that gives (n,) or (n, k).

    `after` turns the chosen output into what is asked for, a probability into log-odds for
    example. It is applied to that output alone, so that the others cannot make it fail.
    """

    function: Callable[[Any], Any]
    after: Callable[[FloatArray], FloatArray] | None = None


@dataclass(frozen=True)
class Model:
    """A fitted model, described once, where it comes in.

    Tables are given to its functions as this package keeps them, a pandas DataFrame or an
    array; the functions hand them on in the kind that the model was fitted with.
    """

    name: str
    kind: Kind
    estimator: Any
    # What the model says of rows: classes, or numbers.
    answer: Callable[[Any], Any]
    # By the name of the scale, the usual one first.
    scales: Mapping[str, Scale]
    classes: npt.NDArray[Any] | None = None
    # The columns that a table must have, in this order; None where the model takes any.
    feature_names: tuple[str, ...] | None = None
    n_features: int | None = None
    # Whether the model finds columns by their names, and so takes them in any order.
    by_name: bool = False
    # Whether it was fitted on arrays, and so knows columns by their positions.
    by_position: bool = False
    # How the model's library writes the name of a column.
    spelled: Callable[[str], str] = str
    # Of a linear model, of trees and of a network, what is inside; otherwise None.
    linear: Linear | None = None
    trees: Trees | None = None
    network: Network | None = None
    # Of a network, a copy whose layers can be given random weights, drawn from a generator.
    redrawn: Callable[[np.random.Generator], Redrawn] | None = None
    # Of a network that only tells what it takes when it runs: the same, as a model of rows
    # such as these.
    of_rows: Callable[[Any], Model] | None = None
    # From a table of this package to one of the kind that the model takes.
    hand_over: Callable[[Any], Any] = lambda table: table
    # Why something is not offered, in words, by its name above.
    lacks: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 unless a classifier."""
        return 0 if self.classes is None else len(self.classes)

    @property
    def is_table(self) -> bool:
        """Whether its rows are those of a table, and not images or words."""
        return self.network is None or self.network.inputs == "table"

    @property
    def default_space(self) -> str:
        """The scale on which people read this model."""
        return next(iter(self.scales), "prediction")

    def given(self, hand_over: Callable[[Any], Any]) -> Model:
        """Return the model with `hand_over` applied to every table that it is asked about."""

        def after(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
            return lambda table: function(hand_over(table))

        scales = {
            space: replace(scale, function=after(scale.function))
            for space, scale in self.scales.items()
        }
        trees = self.trees
        if trees is not None:
            trees = replace(trees, seen=after(trees.seen), output=after(trees.output))
        return replace(
            self, answer=after(self.answer), scales=scales, trees=trees, hand_over=hand_over
        )


def log_odds(probability: FloatArray) -> FloatArray:
    """Return the log-odds of probabilities, which must lie strictly between 0 and 1."""
    p = np.asarray(probability, dtype=np.float64)
    if ((p <= 0) | (p >= 1)).any():
        raise ValueError(
            "output_space='log-odds' needs probabilities strictly between 0 and 1; the model "
            f"gave {p[(p <= 0) | (p >= 1)][0]:g} for a row. Use output_space='probability'."
        )
    logit: FloatArray = np.log(p) - np.log1p(-p)
    return logit
