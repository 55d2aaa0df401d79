"""Explanations that are checked.

`explain` gives every attribution method one signature and one result,
`Explanation`; `games` holds exact Shapley values and games whose answer is
published; `datasets` holds real data and data whose truth is planted; `networks`
holds small networks to learn on; `evaluate` measures explanations; `checklist` holds the
questions to ask before deployment; `claim` asserts a sentence of a chapter.

Everything is imported when it is first used, so that ``import xaikit`` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xaikit import (
        attention,
        boundary,
        checklist,
        datasets,
        effects,
        evaluate,
        games,
        importance,
        labs,
        live,
        networks,
        plot,
    )
    from xaikit.core.explanation import Explanation
    from xaikit.counterfactuals import (
        Counterfactual,
        NoCounterfactualFound,
        counterfactual,
        diverse_counterfactuals,
    )
    from xaikit.course.claim import FalseClaim, claim
    from xaikit.course.put import put
    from xaikit.course.study import study
    from xaikit.methods.explain import explain

__version__ = "0.1.0"

__all__ = [
    "Counterfactual",
    "Explanation",
    "FalseClaim",
    "NoCounterfactualFound",
    "attention",
    "boundary",
    "checklist",
    "claim",
    "counterfactual",
    "datasets",
    "diverse_counterfactuals",
    "effects",
    "evaluate",
    "explain",
    "games",
    "importance",
    "labs",
    "live",
    "networks",
    "plot",
    "put",
    "study",
]

_HOME = {
    "Counterfactual": "counterfactuals",
    "Explanation": "core.explanation",
    "FalseClaim": "course.claim",
    "NoCounterfactualFound": "counterfactuals",
    "claim": "course.claim",
    "counterfactual": "counterfactuals",
    "diverse_counterfactuals": "counterfactuals",
    "explain": "methods.explain",
    "put": "course.put",
    "study": "course.study",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"xaikit.{_HOME[name]}"), name)
    elif name in __all__:
        value = importlib.import_module(f"xaikit.{name}")
    else:
        raise AttributeError(f"module 'xaikit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
