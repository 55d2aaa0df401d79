"""What a method is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from xaikit._models import Model, Target
from xaikit._validate import FloatArray


@dataclass(frozen=True)
class Task:
    """Checked input of a method; rows and background are of the kind the model takes."""

    model: Model
    target: Target
    rows: Any
    background: Any
    random_state: object = None
    n_jobs: int | None = None


class Attribution(NamedTuple):
    """Values (n, d), base values (n,), and whether they are an estimate."""

    values: FloatArray
    base_values: FloatArray
    estimated: bool
