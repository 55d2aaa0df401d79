"""LIME for tables: lime's own drawing of rows and kernel, and a faster fit of its line.

The rows around each explained row, their distances and their weights are those of lime's
LimeTabularExplainer. Ours are the fit (see `_local_line`), a seed for each row, columns of
text and categories, and what tells a stable explanation from an unstable one.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray, flag, generator, positive, require, whole_number
from xaikit.core.tables import Coding, Column, alike, encode, floats, number_type
from xaikit.methods._task import Attribution, Task
from xaikit.methods.registry import Method
from xaikit.models.target import Target


def explain(
    task: Task,
    *,
    n_samples: int = 5000,
    n_features: int | None = None,
    kernel_width: float | None = None,
    discretize_continuous: bool = True,
    n_repeats: int = 1,
) -> Attribution:
    """Return the contributions of a weighted linear model that is fitted around each row.

    A value is the coefficient times the row's scaled value, (x - mean) / standard deviation
    over the background, or 1 for a category or a bin; the base value is the intercept, so
    the residual is the line's error at the row. Numbers are drawn as real numbers, whole
    ones too; text, categories and booleans by their levels. For the same random numbers the
    features and coefficients are those of the lime library, save in bins of a single value,
    where lime asks the model about 0 in its place.

    ``diagnostics`` has "coefficients" (n, d) in lime's units; "r2" (n,), the weighted R² of
    the line; "effective_samples" (n,), how many drawn rows the kernel leaves, (Σw)² / Σw²;
    and for ``n_repeats`` > 1, where all of these are means over that many seeds, "spread"
    (n, d), the standard deviation of the coefficients between them: a sign within two
    spreads of zero is not to be relied on.

    Drawing for a row depends on `random_state` and the row alone: neither the order of the
    rows nor `n_jobs` changes the numbers.

    Parameters
    ----------
    n_samples : int
        Rows drawn around each row.
    n_features : int, optional
        How many features the line may use; all if left out.
    kernel_width : float, optional
        The width of the kernel, in scaled units; 0.75 sqrt(d) if left out.
    discretize_continuous : bool
        Whether numbers are cut into quartiles, as lime does.
    n_repeats : int
        How many seeds are averaged over.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?":
       explaining the predictions of any classifier. KDD, 1135-1144.
       https://doi.org/10.1145/2939672.2939778

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.random.default_rng(0).normal(size=(200, 2))
    >>> e = xk.explain(lambda X: 2 * X[:, 0], background[:1], background=background,
    ...                method="lime", discretize_continuous=False, random_state=0)
    >>> bool(e.diagnostics["r2"][0] > 0.99)
    True
    """
    require("lime", extra="methods")
    from lime.lime_tabular import LimeTabularExplainer

    d = task.rows.shape[1]
    whole_number("n_samples", n_samples, low=2)
    whole_number("n_repeats", n_repeats, low=1)
    if n_features is not None:
        whole_number("n_features", n_features, low=1, high=d)
    if kernel_width is not None:
        positive("kernel_width", kernel_width)
    flag("discretize_continuous", discretize_continuous)

    background, rows, coding = _coded(task)
    explainer = LimeTabularExplainer(
        background,
        mode="regression",
        categorical_features=[j for j, c in enumerate(coding.columns) if _is_category(c)],
        kernel_width=kernel_width,
        feature_selection="none" if n_features is None else "auto",
        discretize_continuous=discretize_continuous,
    )
    around = Neighbourhood(explainer, task.target, coding, n_samples, n_features or d)
    seeds = row_seeds(task.rows, task.random_state, n_repeats)

    def one_group(group: FloatArray, its_seeds: Any) -> list[list[Line]]:
        room = np.empty((n_samples, d))
        return [
            [around.line(row, int(seed), room) for seed in own]
            for row, own in zip(group, its_seeds, strict=True)
        ]

    groups = task.spread(one_group, rows, seeds, what="lime")
    return _summary([lines for group in groups for lines in group])


# Numbers to draw at once: few enough to stay near the processor.
_AT_ONCE = 2**13


class Line(NamedTuple):
    """One fitted line: coefficients and contributions (d,), and how well it fits."""

    coefficients: FloatArray
    values: FloatArray
    intercept: float
    r2: float
    effective_samples: float


class Fitted(NamedTuple):
    """What lime says of a line: pairs of feature and coefficient, and the row in its units."""

    pairs: list[tuple[int, float]]
    scaled: FloatArray
    intercept: float
    r2: float


@dataclass(frozen=True)
class Neighbourhood:
    """What is the same for every row: the explainer, the model and the options."""

    explainer: Any
    target: Target
    coding: Coding
    n_samples: int
    n_features: int

    def line(self, row: FloatArray, seed: int, room: FloatArray) -> Line:
        """Draw rows around one row with one seed, and fit the line; `room` is to work in."""
        explainer = seeded(self.explainer, seed)
        if explainer.discretizer is None:
            fitted = self._among_numbers(explainer, row, room)
        else:
            fitted = self._in_bins(explainer, row)
        if explainer.base.effective_samples < 2:
            raise ValueError(
                "kernel_width must be wide enough for drawn rows to count; got "
                f"{explainer.base.kernel_fn.keywords['kernel_width']:g}, for which a row has "
                f"all the weight to itself (effective number of rows "
                f"{explainer.base.effective_samples:.3g})."
            )
        coefficients = np.zeros(len(row))
        for feature, coefficient in fitted.pairs:
            coefficients[feature] = coefficient
        return Line(
            coefficients,
            coefficients * fitted.scaled,
            float(fitted.intercept),
            float(fitted.r2),
            explainer.base.effective_samples,
        )

    def _in_bins(self, explainer: Any, row: FloatArray) -> Fitted:
        """Let lime draw, measure and ask."""
        result = explainer.explain_instance(
            row, self._predict, num_features=self.n_features, num_samples=self.n_samples
        )
        scaled = np.asarray(result.domain_mapper.scaled_row, dtype=np.float64)
        return Fitted(result.local_exp[1], scaled, result.intercept[1], result.score)

    def _among_numbers(self, explainer: Any, row: FloatArray, scaled: FloatArray) -> Fitted:
        """Draw, measure and ask as lime does, from the same random numbers, without its copies.

        Room for a row's numbers that is fresh for each row costs as much time as they do.
        """
        chance, scaler = explainer.random_state, explainer.scaler
        for piece in np.array_split(scaled, max(1, scaled.size // _AT_ONCE)):
            piece[:] = chance.standard_normal(piece.shape)
        codes = scaled * scaler.scale_
        codes += scaler.mean_
        codes[0], scaled[0] = row, (row - scaler.mean_) / scaler.scale_
        for j in explainer.categorical_features:
            p = explainer.feature_frequencies[j]
            drawn = chance.choice(explainer.feature_values[j], size=len(codes), replace=True, p=p)
            drawn[0] = row[j]
            same = drawn == row[j]
            codes[:, j], scaled[:, j] = drawn, (same - scaler.mean_[j]) / scaler.scale_[j]
        outputs = self._predict(codes)
        own = scaled[0].copy()
        # As lime has scikit-learn take them: (a - b)² = a² - 2ab + b².
        near = scaled @ own
        squares = np.einsum("ij,ij->i", scaled, scaled) - 2 * near + near[0]
        squares[0] = 0.0
        distances = np.sqrt(np.maximum(squares, 0.0))
        intercept, pairs, r2, _ = explainer.base.explain_instance_with_data(
            scaled,
            outputs[:, None],
            distances,
            0,
            self.n_features,
            explainer.feature_selection,
            overwrite=True,
        )
        return Fitted(pairs, own, intercept, r2)

    def _predict(self, codes: FloatArray) -> FloatArray:
        return self.target(self.coding.decode(codes))


def seeded(explainer: Any, seed: int) -> Any:
    """Return a copy of a lime explainer that starts from a seed, and fits by Gram matrix.

    lime seeds an explainer when it is made, and each row that it explains moves on the
    generator that the next one draws from.
    """
    from xaikit.methods._local_line import GramBase

    ours = copy(explainer)
    ours.random_state = np.random.RandomState(seed)
    ours.base = GramBase(explainer.base.kernel_fn, random_state=ours.random_state)
    if explainer.discretizer is not None:
        ours.discretizer = copy(explainer.discretizer)
        ours.discretizer.random_state = ours.random_state
        ours.discretizer.get_undiscretize_values = partial(_values_in_bins, ours.discretizer)
    return ours


def _values_in_bins(discretizer: Any, feature: int, bins: npt.NDArray[np.int_]) -> FloatArray:
    """Draw a value in each bin as lime does, save in bins of a single value.

    For those lime gives 0 in place of the value: where a quarter of a column holds its
    smallest number, say one loan, the model would be asked about no loans at all.
    """
    draw: Callable[..., FloatArray] = type(discretizer).get_undiscretize_values
    values = draw(discretizer, feature, bins)
    low = np.asarray(discretizer.mins[feature])
    single = low == np.asarray(discretizer.maxs[feature])
    values[single[bins]] = low[bins][single[bins]]
    return values


def row_seeds(rows: Any, random_state: object, n_repeats: int) -> npt.NDArray[np.uint32]:
    """Return seeds (n, n_repeats) that follow from a row's content and `random_state`.

    Neither the order of the rows, nor which others are explained, nor how they are spread
    over workers changes what is drawn for a row.
    """
    entropy = int(generator(random_state).integers(2**63))
    sequences = [np.random.SeedSequence([entropy, int(content)]) for content in _hashes(rows)]
    return np.array([sequence.generate_state(n_repeats) for sequence in sequences])


def _hashes(rows: Any) -> npt.NDArray[np.uint64]:
    """Return a hash of each row, the same whatever type its numbers are kept in."""
    if isinstance(rows, np.ndarray) and rows.dtype.kind in "biuf":
        # All at once, and put together as pandas does it with the columns of a table.
        numbers = np.ascontiguousarray(rows.T, dtype=np.float64)
        columns = pd.util.hash_array(numbers.ravel()).reshape(numbers.shape)
        found = np.full(len(rows), 0x345678, dtype=np.uint64)
        factors = np.cumsum([1000003, *(82520 + 2 * np.arange(len(columns), 1, -1))])
        for column, factor in zip(columns, factors.astype(np.uint64), strict=True):
            found = (found ^ column) * factor
        return found + np.uint64(97531)
    each = enumerate(column for _, column in pd.DataFrame(rows).items())
    contents = {j: c if number_type(c) is None else floats(c) for j, c in each}
    hashes = pd.util.hash_pandas_object(pd.DataFrame(contents), index=False)
    return np.asarray(hashes, dtype=np.uint64)


def _coded(task: Task) -> tuple[FloatArray, FloatArray, Coding]:
    """Return background and rows as lime takes them, and how to decode what it draws.

    Text, categories and dates are coded by their levels, in the order in which the
    background has them. Numbers, whole ones too, are drawn as real numbers.
    """
    # The types are the background's; its levels come first whichever rows are explained.
    tables = (task.rows, task.background)
    rows, background = alike(*tables) if isinstance(task.rows, pd.DataFrame) else tables
    background, rows, coding = encode(background, rows)
    for name, codes in (("background", background), ("X", rows)):
        missing = int(np.isnan(codes).sum())
        if missing:
            raise ValueError(
                f"{name} must have no missing numbers for method='lime', which draws rows "
                f"around them; got {missing} nan. Use method='exact_shapley' or 'kernel_shap'."
            )
    columns = tuple(c if _is_category(c) else c.as_real() for c in coding.columns)
    return background, rows, replace(coding, columns=columns)


def _is_category(column: Column) -> bool:
    return column.number is None or column.number.kind == "b"


def _summary(lines: list[list[Line]]) -> Attribution:
    """Return the means over the seeds, and how far the coefficients differ between them."""

    def stacked(name: str) -> FloatArray:
        return np.array([[getattr(line, name) for line in own] for own in lines])

    coefficients = stacked("coefficients")
    diagnostics = {
        "r2": stacked("r2").mean(axis=1),
        "coefficients": coefficients.mean(axis=1),
        "effective_samples": stacked("effective_samples").mean(axis=1),
    }
    if coefficients.shape[1] > 1:
        diagnostics["spread"] = coefficients.std(axis=1, ddof=1)
    return Attribution(
        values=stacked("values").mean(axis=1),
        base_values=stacked("intercept").mean(axis=1),
        estimated=True,
        diagnostics=diagnostics,
    )


METHOD = Method("lime", explain)
