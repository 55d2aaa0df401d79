"""Explanations made by hand, for tests of what is measured on them."""

import numpy as np

import xaikit as xk


def made(values, data=None, **changes):
    """An explanation with these attributions, whose predictions are their sums."""
    values = np.asarray(values, dtype=float)
    fields = {
        "values": values,
        "base_values": np.zeros(len(values)),
        "predictions": values.reshape(len(values), -1).sum(axis=1) if values.size else [],
        "data": np.zeros(values.shape) if data is None else data,
        "feature_names": tuple(f"x{j}" for j in range(values.shape[1]))
        if values.ndim == 2
        else None,
        "output_name": "prediction",
        "output_space": "prediction",
        "method": "made",
        "why": "",
        "estimated": False,
    }
    return xk.Explanation(**{**fields, **changes})
