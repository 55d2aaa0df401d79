"""scikit-learn's own classes, by their names."""

from __future__ import annotations

from typing import Any


def own_name(estimator: Any) -> str:
    """Return the name of a class of scikit-learn, and nothing for one from elsewhere.

    A class of the same name, or one derived from scikit-learn's, may do something else.
    """
    kind = type(estimator)
    return kind.__name__ if kind.__module__.startswith("sklearn.") else ""
