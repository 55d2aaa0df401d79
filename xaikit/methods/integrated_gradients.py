"""Integrated gradients: distance × the mean gradient along the path from the baseline.

v = (x − x₀) ⊙ ∫₀¹ ∇f(x₀ + α (x − x₀)) dα. The values add up to f(x) − f(x₀) but for the
error of the integral, which is the residual.

The integral is taken by the midpoint rule. Its points for 3 n steps hold those for n, so
that more steps cost only the new ones; and it asks for no gradient at the baseline
itself, where a black image puts every ReLU on its kink.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, positive, whole_number
from xaikit.methods._network import Batch, asked, in_batches, refuse
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.network import Array

FIRST_STEPS = 16
# Steps are tripled up to here, and beyond only where that is going to meet the tolerance.
USUAL_STEPS = FIRST_STEPS * 3**3
MOST_STEPS = FIRST_STEPS * 3**5


def explain(
    task: Task, *, n_steps: int | None = None, tolerance: float | None = None
) -> Attribution:
    """Return distance times the mean gradient along the straight path from the baseline.

    The base value is the output at the baseline, and the residual how far the values are
    from adding up, the error of the integral (midpoint rule). ``diagnostics["n_steps"]``,
    (n,), says how many steps each row took, and ``diagnostics["relative_residual"]``, (n,),
    how large the residual is as a share of the output (where that is 0, of the sizes of the
    values). Of a text the distance is between the
    vectors of the words, whose parts are added up, and padding stays padding.

    Parameters
    ----------
    n_steps : int, optional
        Steps of the integral. Left out, they are tripled from 16 until `tolerance` is met,
        to 432 as a rule and further only where that should meet it; the best of these is
        returned, and ``explanation.why`` says what was reached.
    tolerance : float, optional
        The residual that is aimed at, as a share of the output; 1e-3 if left out.

    Warns
    -----
    UserWarning
        When rows miss the tolerance.

    References
    ----------
    .. [1] Sundararajan, M., Taly, A. and Yan, Q. (2017). Axiomatic attribution for deep
       networks. ICML. https://doi.org/10.48550/arXiv.1703.01365
    """
    if n_steps is not None:
        whole_number("n_steps", n_steps, low=1)
        if tolerance is not None:
            raise ValueError(
                f"tolerance must be left out where n_steps is given; got {tolerance!r}."
            )
    wanted = positive("tolerance", 1e-3 if tolerance is None else tolerance)
    batch_size = asked(task).network.batch_size
    # Few points of a path fit into one call of a large network, and it gets fewer points.
    most = min(MOST_STEPS, USUAL_STEPS * batch_size)

    def one_batch(batch: Batch) -> tuple[Array, ...]:
        path = _path(batch)
        if n_steps is None:
            values, taken, error = _refined(path, wanted, most)
        else:
            values = path.values(path.total(_midpoints(n_steps)), n_steps)
            taken, error = np.full(len(values), n_steps), path.error(values)
        return batch.of_rows(values), path.base, taken, error, path.end

    # Each row goes through the network at many points of its path together.
    size = max(1, batch_size // FIRST_STEPS)
    values, base, taken, error, end = in_batches(task, "integrated_gradients", one_batch, size)
    missed = error > (np.inf if n_steps is not None else wanted)
    note = _reached(error, taken, missed, wanted)
    return Attribution(
        values,
        base,
        estimated=True,
        diagnostics={"n_steps": taken, "relative_residual": error},
        note=note,
        predictions=end,
        warning=_warning(note) if missed.any() else "",
    )


def _refined(path: Path, wanted: float, most: int) -> tuple[FloatArray, Array, FloatArray]:
    """Triple the steps of each row while that helps; return the best values, steps and errors."""
    steps = FIRST_STEPS
    total = path.total(_midpoints(steps))
    values = path.values(total, steps)
    best = path.error(values)
    taken, errors, going = np.full(len(best), steps), [best.copy()], np.full(len(best), True)
    while True:
        going &= (best > wanted) & _may_go_on(errors, steps, wanted, most)
        if not going.any():
            return values, taken, best
        total[going] += path.only(going).total(_new_midpoints(steps))
        steps *= 3
        new = path.values(total, steps)
        errors.append(path.error(new))
        better = going & (errors[-1] < best)
        values[better], best[better], taken[better] = new[better], errors[-1][better], steps


def _may_go_on(errors: list[FloatArray], steps: int, wanted: float, most: int) -> BoolArray:
    """Say for which rows three times as many steps are affordable and of use.

    Beyond the usual number they are where the errors, falling on as they have so far, come
    near the tolerance in time.
    """
    last, first = errors[-1], np.maximum(errors[0], 1e-300)
    if 3 * steps > most:
        return np.full(len(last), False)
    if 3 * steps <= USUAL_STEPS:
        return np.full(len(last), True)
    done, left = (round(np.log(ratio) / np.log(3)) for ratio in (steps / FIRST_STEPS, most / steps))
    # One step up or down among these errors is often by chance, hence the factor.
    may: BoolArray = last * np.minimum(last / first, 1.0) ** (left / done) <= 2 * wanted
    return may


class Path(NamedTuple):
    """The straight paths from the baseline to some rows."""

    batch: Batch
    difference: Array
    end: FloatArray
    base: FloatArray
    gap: FloatArray
    scale: FloatArray

    def total(self, shares: FloatArray) -> FloatArray:
        """Return the sum of the gradients at these shares of the path, for each row."""
        batch = self.batch
        assert batch.origin is not None  # the method uses a baseline
        total = np.zeros(self.difference.shape)
        at_once = max(1, batch.asked.network.batch_size // len(total))
        for i in range(0, len(shares), at_once):
            some = shares[i : i + at_once].astype(self.difference.dtype)
            total += batch.asked.path_gradient(batch.origin, batch.entry, batch.rows, some)
        return total

    def values(self, total: FloatArray, steps: int) -> FloatArray:
        """Return distance times mean gradient."""
        values: FloatArray = self.difference * (total / steps)
        return values

    def error(self, values: FloatArray) -> FloatArray:
        """Return the residual of each row, as a share of the larger output at its two ends.

        Where both are 0 it is the share of what the values cancel out.
        """
        flat = values.reshape(len(values), -1)
        left = np.abs(self.gap - flat.sum(axis=1))
        scale = np.where(self.scale > 0, self.scale, np.abs(flat).sum(axis=1))
        error: FloatArray = left / np.where(scale > 0, scale, 1.0)
        return error

    def only(self, keep: BoolArray) -> Path:
        """Return the paths to some of the rows."""
        batch = self.batch
        assert batch.origin is not None  # the method uses a baseline
        kept = batch._replace(
            rows=batch.rows[keep], entry=batch.entry[keep], origin=batch.origin[keep]
        )
        return Path(kept, *(part[keep] for part in self[1:]))


def _path(batch: Batch) -> Path:
    assert batch.origin is not None  # the method uses a baseline
    end, base = _ends(batch)
    scale = np.maximum(np.abs(end), np.abs(base))
    return Path(batch, batch.entry - batch.origin, end, base, end - base, scale)


def _ends(batch: Batch) -> tuple[FloatArray, FloatArray]:
    """Return the outputs (n,) at the rows, and at the baselines.

    In one call where that costs no memory; where all rows start from one baseline, it is
    asked about once.
    """
    rows, origin, n = batch.rows, batch.origin, len(batch.rows)
    assert origin is not None  # the method uses a baseline
    if batch.asked.network.inputs == "tokens":
        return batch.asked.outputs(rows), batch.asked.outputs(rows, origin)
    if (origin == origin[0]).all():
        origin = origin[:1]
    outputs = batch.asked.outputs(np.concatenate([batch.entry, origin]))
    return outputs[:n], np.broadcast_to(outputs[n:], n)


def _midpoints(steps: int) -> FloatArray:
    midpoints: FloatArray = (np.arange(steps) + 0.5) / steps
    return midpoints


def _new_midpoints(steps: int) -> FloatArray:
    """Return the midpoints of three times as many steps that are not those of `steps`."""
    new: FloatArray = _midpoints(3 * steps)[np.arange(3 * steps) % 3 != 1]
    return new


def _reached(error: FloatArray, taken: FloatArray, missed: BoolArray, wanted: float) -> str:
    """Say how close the values come to adding up."""
    if not missed.any():
        return f"{_residual(error, taken)}."
    return (
        f"{missed.sum()} of {len(missed)} rows miss the tolerance of {wanted:g}. "
        f"{_residual(error[missed], taken[missed])}."
    )


def _warning(note: str) -> str:
    return (
        f"integrated_gradients: {note} Try output_space='score', a baseline closer to the rows, "
        "or set tolerance or n_steps."
    )


def _residual(error: FloatArray, taken: FloatArray) -> str:
    least, most = int(taken.min()), int(taken.max())
    steps = f"{most}" if least == most else f"{least} to {most}"
    percent = f"{100 * error.max():.{2 if error.max() < 0.1 else 3}g}"
    return f"The residual is at most {percent}% of the output, after {steps} steps"


METHOD = Method(
    "integrated_gradients",
    explain,
    rows=("table", "images", "tokens"),
    refuse=refuse,
    reference=lambda options: "baseline",
    rank=1,
    reason=lambda model, n_features: (
        None
        if model.is_table
        else "Of the methods for networks, this one's values add up to the prediction."
    ),
)
