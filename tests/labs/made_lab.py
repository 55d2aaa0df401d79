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

# A lab of one question with all that `verify` asks for, to spoil in tests.
WHOLE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# Lab: twice

**You need** nothing, and about 15 minutes.

```{code-cell} python
import xaikit as xk

lab = xk.labs.open("l00_whole")
```

### Question 1: twice (easy, 10 minutes)

```{code-cell} python
---
tags: [answer]
question: q1
title: Twice
hints:
  - Multiply.
---
def double(x):
    # BEGIN SOLUTION
    return 2 * x
    # END SOLUTION
```

```{code-cell} python
---
tags: [mutant]
question: q1
mutant: squared
hint: not its square
---
def double(x):
    return x**2
```

```{code-cell} python
---
tags: [mutant]
question: q1
mutant: as it was
hint: as it was
---
def double(x):
    return 1.0 * x
```

```{code-cell} python
lab.check("q1")
```

## What would you say? (5 minutes)

```{code-cell} python
opinion = ""
lab.discuss(opinion)
```
"""
WHOLE_CHECKS = '''
"""Checks of a lab that exists only in tests."""
from xaikit.labs import Case, match, numbers, plain

POINTS = {"q1": 2}


def q1_probe(ns, seed):
    return [plain(ns["double"](x)) for x in (3.0, seed + 0.5)]


def q1_judge(value, seed):
    got = numbers(value, (2,))
    x = seed + 0.5
    cases = [
        ("Twice.", [6, 2 * x]), ("Twice the number, not its square.", [9, x**2]),
        ("It came back as it was.", [3, x]),
    ]
    points, hint = match(got, cases, "Not twice.", points=2)
    return points, hint, Case("double(3)", None if got is None else got[0].item(), 6)
'''


def make_whole_lab(folder: Path) -> Path:
    lab = folder / "l00_whole"
    lab.mkdir(parents=True)
    (lab / "lab.md").write_text(WHOLE, encoding="utf-8")
    (lab / "checks.py").write_text(WHOLE_CHECKS, encoding="utf-8")
    said = "Some say twice, others once and again. " * 25
    (lab / "discussion.md").write_text(f"{said}\n", encoding="utf-8")
    return lab
