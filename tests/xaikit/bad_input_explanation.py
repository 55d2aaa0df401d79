"""Explanations that must not come about: see test_bad_input."""

import numpy as np
import pandas as pd

import xaikit as xk


def explanation(**changes):
    fields = {
        "values": np.ones((2, 3)),
        "base_values": np.zeros(2),
        "predictions": np.full(2, 3.0),
        "data": np.ones((2, 3)),
        "feature_names": ("a", "b", "c"),
        "output_name": "p",
        "output_space": "prediction",
        "method": "linear",
        "why": "",
        "estimated": False,
    }
    return lambda: xk.Explanation(**{**fields, **changes})


GOOD = explanation()()
IMAGES = explanation(values=np.ones((2, 4, 4)), data=np.ones((2, 4, 4)), feature_names=None)()

V, T = ValueError, TypeError
CASES = {
    "values of nan": (explanation(values=np.full((2, 3), np.nan)), V, "values", "finite", "nan"),
    "values of words": (explanation(values=[["a"] * 3] * 2), V, "values", "numbers", "<U1"),
    "values in 1-D": (explanation(values=np.ones(2)), V, "values", r"\(n, d\)", r"\(2,\)"),
    "data of another shape": (
        explanation(data=np.ones((3, 2))),
        V,
        "data",
        r"\(2, 3\)",
        r"\(3, 2\)",
    ),
    "one base for all": (explanation(base_values=0.5), V, "base_values", r"\(2,\)", r"\(\)"),
    "a prediction too many": (
        explanation(predictions=np.ones(3)),
        V,
        "predictions",
        r"\(2,\)",
        r"\(3,\)",
    ),
    "a name too few": (explanation(feature_names=("a", "b")), V, "feature_names", "one name", "2"),
    "an index too short": (explanation(index=[1]), V, "index", "one label", "2", "1"),
    "an index of one text": (explanation(index="ab"), T, "index", "labels", "'ab'"),
    "a scale nobody knows": (explanation(output_space="x"), V, "output_space", "one of", "'x'"),
    "channels in the middle": (explanation(channels="mid"), V, "channels", "one of", "'mid'"),
    "a row too far": (lambda: GOOD[2], IndexError, "row", "-2 to 1", "2"),
    "a row by name": (lambda: GOOD["a"], T, "rows", "int, a slice or a boolean mask", "<U1"),
    "a mask too long": (lambda: GOOD[np.ones(3, dtype=bool)], T, "rows", r"\(2,\)", r"\(3,\)"),
    "the importance of pixels": (IMAGES.importance, V, "importance", "feature_names", "None"),
    "pixels as a frame": (IMAGES.to_frame, V, "to_frame", "feature_names", "None"),
    "the importance of nothing": (lambda: GOOD[:0].importance(), V, "importance", "one row", "0"),
    "data of dates": (
        lambda: explanation(data=np.array([[pd.Timestamp(0)] * 3] * 2))().to_json(),
        V,
        "data",
        "numbers, texts or booleans",
        "Timestamp",
    ),
    "data without end": (
        lambda: explanation(data=np.full((2, 3), np.inf))().to_json(),
        V,
        "data",
        "finite",
        "inf",
    ),
    "json in bytes": (lambda: xk.Explanation.from_json(b"{}"), T, "text", "str", "bytes"),
    # the package
    "a name that is not there": (
        lambda: xk.explane,
        AttributeError,
        "xaikit",
        "no attribute",
        "'explane'",
    ),
}
