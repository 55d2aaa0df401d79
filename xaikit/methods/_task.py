"""What a method is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from xaikit.core import parallel
from xaikit.core.checks import FloatArray
from xaikit.models.model import Model
from xaikit.models.target import Target

Result = TypeVar("Result")
_NOTHING: Mapping[str, FloatArray] = MappingProxyType({})


@dataclass(frozen=True)
class Task:
    """Checked input of a method; rows and background are of the kind the model takes.

    For a method for networks the background is the baseline, one for each row, or None.
    """

    model: Model
    target: Target
    rows: Any
    background: Any
    random_state: object = None
    n_jobs: int | None = None
    progress: bool | None = None

    def spread(
        self,
        work: Callable[..., Result],
        *columns: Any,
        what: str,
        least: int = 1,
        most: int | None = None,
        threads: bool = False,
    ) -> list[Result]:
        """Call `work` on pieces of the columns, as `parallel.spread` does for this task."""
        return parallel.spread(
            work,
            *columns,
            n_jobs=self.n_jobs,
            progress=self.progress,
            what=what,
            least=least,
            most=most,
            threads=threads,
        )


class Attribution(NamedTuple):
    """Values (n, d), base values (n,), whether they are an estimate, and what else was seen.

    The note is a sentence for the reader: what the method chose for itself. Predictions
    (n,) are given by a method that asked for them anyway. A warning is given to the caller
    of `explain`, whose line it names.
    """

    values: FloatArray
    base_values: FloatArray
    estimated: bool
    diagnostics: Mapping[str, FloatArray] = _NOTHING
    note: str = ""
    predictions: FloatArray | None = None
    warning: str = ""
