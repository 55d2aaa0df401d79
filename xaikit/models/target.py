"""One output of a model, on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import FloatArray, one_of
from xaikit.core.explanation import OUTPUT_SPACES
from xaikit.models.model import Model, Scale


@dataclass(frozen=True)
class Target:
    """One output of a model on one scale: call it on rows to get (n,) numbers."""

    scale: Scale
    column: int | None
    name: str
    space: str

    def __call__(self, rows: Any) -> FloatArray:
        """Return the output at each row, (n,)."""
        from joblib import parallel_config

        # A model that did not ask for workers of its own gets none. Under a cluster's
        # configuration a forest would else predict in threads and add up its trees in the
        # order in which they finish: other last bits at each call.
        with parallel_config(backend="threading", n_jobs=1):
            raw = numeric_output(self.scale.function(rows), len(rows))
        chosen: FloatArray = raw if raw.ndim == 1 else raw[:, self.column or 0]
        return chosen if self.scale.after is None else self.scale.after(chosen)


def choose_output(model: Model, space: str, output: Any, sample: Any) -> Target:
    """Return the chosen output of a model on the chosen scale; `sample` is a row to ask."""
    one_of("output_space", space, OUTPUT_SPACES)
    if space not in model.scales:
        raise ValueError(_no_such_scale(model, space))
    scale = model.scales[space]
    if model.kind == "classifier":
        index = class_index(model, output)
        assert model.classes is not None  # a classifier has them: `describe`
        return Target(scale, index, str(model.classes[index]), space)
    width = _width(model, scale, sample)
    if width is None or width == 1:
        if output not in (None, 0):
            what = "network" if model.kind == "network" else "model"
            raise ValueError(
                f"output must be left out, as the {what} has one output; got {output!r}."
            )
        return Target(scale, None if width is None else 0, "prediction", space)
    if output is None and model.network is not None and model.network.default_output is not None:
        output = model.network.default_output
    return Target(scale, _column(output, width), f"output {output}", space)


def class_index(model: Model, label: Any, argument: str = "output") -> int:
    """Return the position of a class label; left out, the second of two."""
    assert model.classes is not None  # a classifier has them: `describe`
    labels = model.classes.tolist()
    if label is None:
        if len(labels) == 2:
            return 1
        raise ValueError(f"{argument} must name one of the classes {_short(labels)}; got None.")
    if not np.isscalar(label) or label not in labels:
        raise ValueError(f"{argument} must be one of the classes {_short(labels)}; got {label!r}.")
    return int(labels.index(label))


def numeric_output(value: Any, n_rows: int) -> FloatArray:
    """Return what a model returned as finite floats, (n,) or (n, k)."""
    raw = np.asarray(value)
    if raw.dtype.kind not in "biuf":
        raise ValueError(f"model must return numbers; got {raw.dtype}.")
    if raw.ndim not in (1, 2) or len(raw) != n_rows or raw.size == 0:
        raise ValueError(
            f"model must return shape (n,) or (n, k) for n rows; got {raw.shape} for {n_rows} rows."
        )
    raw = raw.astype(np.float64, copy=False)
    if not np.isfinite(raw).all():
        raise ValueError(f"model must return finite numbers; got {raw[~np.isfinite(raw)][0]}.")
    return raw


def _no_such_scale(model: Model, space: str) -> str:
    known = " or ".join(map(repr, model.scales)) or "nothing"
    if not model.scales:
        return str(model.lacks["scales"])
    if space == "prediction" and model.kind == "classifier":
        return (
            f"output_space must be {known} for a classifier; got 'prediction'. "
            "A label is not a number."
        )
    if model.kind == "classifier":
        why = model.lacks.get(space, "")
        return f"output_space must be {known} for {model.name}{why}; got {space!r}."
    if model.kind == "network":
        return (
            f"output_space must be {known} for the network {model.name!r}, which does not end in "
            f"a softmax or sigmoid; got {space!r}."
        )
    return (
        f"output_space must be {known} for a {model.kind}; got {space!r}. "
        "Only a classifier has probabilities."
    )


def _width(model: Model, scale: Scale, sample: Any) -> int | None:
    # What a network tells of its outputs is not asked of it, which would compile it for that.
    if model.network is not None and model.network.n_outputs is not None:
        return model.network.n_outputs
    raw = numeric_output(scale.function(sample), len(sample))
    return None if raw.ndim == 1 else raw.shape[1]


def _column(output: Any, width: int) -> int:
    if isinstance(output, bool) or not isinstance(output, int | np.integer):
        raise ValueError(
            f"output must be a column from 0 to {width - 1}, as the model has {width} outputs; "
            f"got {output!r}."
        )
    if not 0 <= output < width:
        raise ValueError(f"output must be a column from 0 to {width - 1}; got {output}.")
    return int(output)


def _short(labels: list[Any]) -> str:
    shown = ", ".join(map(repr, labels[:10]))
    return f"{shown}, … ({len(labels)} in all)" if len(labels) > 10 else shown
