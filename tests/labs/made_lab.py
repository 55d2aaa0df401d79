"""A lab of two questions that is quick to grade, and notebooks for it."""

from __future__ import annotations

import json
from pathlib import Path

CHECKS = '''
"""Checks of a lab that exists only in tests."""
from functools import cache
import numpy as np
from xaikit.labs import numbers, plain

POINTS = {"q1": 2, "q2": 2}
TRUTH = "only the judges know this."


def _inputs(seed):
    return [int(x) for x in np.random.default_rng([seed, 1]).integers(1, 10**6, size=5)]


@cache
def _right(seed):
    return [2 * x for x in _inputs(seed)]


def q1_probe(ns, seed):
    return [plain(ns["double"](x)) for x in _inputs(seed)]


def q1_judge(value, seed):
    got = numbers(value, (5,))
    right = got is not None and got.tolist() == _right(seed)
    return (2, "Twice each.") if right else (0, "Not twice each. " + str(value)[:50])


def q2_probe(ns, seed):
    return plain(ns["total"](_inputs(seed)))


def q2_judge(value, seed):
    got = numbers(value, ())
    return (2, "The sum.") if got is not None and got == sum(_inputs(seed)) else (0, TRUTH)
'''

DOUBLE = "def double(x):\n    return 2 * x"
TOTAL = "def total(values):\n    return sum(values)"


def make_lab(folder: Path, checks: str = CHECKS) -> Path:
    lab = folder / "l00_made"
    lab.mkdir(parents=True)
    (lab / "lab.md").write_text("# A made lab, without a SOLUTION\n", encoding="utf-8")
    (lab / "checks.py").write_text(checks, encoding="utf-8")
    return lab


def notebook(*cells: str, **changes: object) -> bytes:
    """A notebook as Jupyter writes it, with these code cells."""
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": cell,
            }
            for number, cell in enumerate(cells)
        ],
    }
    return json.dumps(content | changes).encode()


GOOD = notebook(DOUBLE, TOTAL)
