"""Permute a feature among rows that are alike in the others: what it says beyond them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import FloatArray, fraction, generator, whole_number
from xaikit.core.tables import encode, number_type
from xaikit.importance._loss import Loss, row_loss
from xaikit.inputs.columns import column_names, column_position, deviations
from xaikit.inputs.rows import Table, checked_rows
from xaikit.models.describe import describe


@dataclass(frozen=True, eq=False, repr=False)
class Importance:
    """How much a model's loss rises when features are permuted among rows that are alike.

    Parameters
    ----------
    features : tuple of str
        The columns; those of a group are joined by " + ".
    values : ndarray of shape (k,)
        The mean rise of the loss over the rows, in units of the loss.
    low, high : ndarray of shape (k,)
        The ends of the interval for the mean over new rows like these.
    explained : ndarray of shape (k,)
        The share of the feature's variance that the groups of rows account for: 0 where they
        know nothing of it, and the importance is plain permutation importance.
    n_groups : ndarray of int, shape (k,)
        The groups of rows within which the feature was permuted.
    loss : str
        Which loss.
    baseline : float
        Its mean over the rows with nothing permuted.
    level : float
        The level of the intervals.

    Notes
    -----
    Taught in: global/importance.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import importance
    >>> X = np.random.default_rng(0).normal(size=(500, 2))
    >>> found = importance.conditional_importance(lambda X: X[:, 0], X, X[:, 0], random_state=0)
    >>> found.to_frame()["feature"].tolist(), found.values[1].item()
    (['x0', 'x1'], 0.0)
    """

    features: tuple[str, ...]
    values: FloatArray
    low: FloatArray
    high: FloatArray
    explained: FloatArray
    n_groups: npt.NDArray[np.intp]
    loss: str
    baseline: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return the features, a row each, the most important first.

        Returns
        -------
        DataFrame
            Columns "feature", "importance", "low", "high", "explained" and "groups".
        """
        frame = pd.DataFrame(
            {
                "feature": self.features,
                "importance": self.values,
                "low": self.low,
                "high": self.high,
                "explained": self.explained,
                "groups": self.n_groups,
            }
        )
        ordered = frame.sort_values("importance", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    def __repr__(self) -> str:
        head = f"Conditional importance, rise of the {self.loss} from {self.baseline:.3g}"
        rows = self.to_frame().itertuples(index=False)
        lines = [f"  {r.feature}: {r.importance:.3g} ({r.low:.3g} to {r.high:.3g})" for r in rows]
        return "\n".join([f"{head}, {self.level:.0%} intervals", *lines])


def conditional_importance(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    y: npt.ArrayLike,
    features: Iterable[Any] | None = None,
    *,
    loss: str | Loss = "auto",
    n_repeats: int = 10,
    max_depth: int = 4,
    min_rows: int = 20,
    level: float = 0.95,
    random_state: int | np.random.Generator | None = None,
) -> Importance:
    """Measure how much a model needs what a feature says beyond the other features.

    Permutation importance breaks the link of a feature with the answer and with the other
    features alike, and asks the model about rows that do not occur. Here a tree first groups
    the rows by the other features, so that the feature differs as little as possible within a
    group; then it is permuted within each group only.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, a model of XGBoost, LightGBM or
        CatBoost, or any callable ``f(X)`` that returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d)
        Rows that the model was not fitted on, of any column types.
    y : array-like of shape (n,)
        What is true of them: numbers, or classes of a classifier.
    features : sequence of columns or of groups of columns, optional
        Columns by name or position; a tuple or list of several is permuted together. Left
        out, each column by itself.
    loss : {"auto", "squared error", "log loss", "zero-one loss"} or callable
        What rises. "auto" takes the squared error of numbers, of classes the log loss where
        the model has probabilities, else the share of wrong classes. A callable
        ``loss(y, output)`` gets what the model returns and gives a loss a row, (n,).
    n_repeats : int
        How often each feature is permuted; a row's rise is the mean over these.
    max_depth, min_rows : int
        How deep the tree that groups the rows may go, and the fewest rows in a group. A
        deeper tree leaves less of what the features have in common, and fewer rows to
        permute among. A depth of 0 is plain permutation importance.
    level : float
        The level of the intervals, above 0 and below 1.
    random_state : int or numpy.random.Generator, optional
        The same seed gives the same numbers.

    Returns
    -------
    Importance
        The rise of the loss for each feature with its interval, and how much of each feature
        the groups account for.

    Raises
    ------
    TypeError
        When `model` is neither fitted estimator nor callable, or `X` holds text outside a
        DataFrame.
    ValueError
        When `X`, `y` and the model do not fit each other, `features` names no column or every
        one together, `loss` is unknown or does not fit, or a number is out of its range.

    Warns
    -----
    UserWarning
        When a feature has a single value within each group, so that nothing was permuted: its
        importance is 0 whatever the model does with it. The message names the features.

    Notes
    -----
    The conditional subgroup approach of [2]_ with one tree a feature, after the conditional
    permutation of [1]_. The interval is that of a mean over the rows, as [3]_ proposes, for
    the model as it is: it says nothing of another fit.

    For ``f = x1`` and normal features with correlation r the squared error rises by
    ``2 (1 - r²)`` of the variance of x1 when the groups are fine, and by 2 of it when
    x1 is permuted among all rows. A feature that the model does not read rises by 0.

    Within a group the feature still has something to do with the others: where `explained`
    is far below what the others could say, the values lie between the two importances.

    Where the other features determine one, as weekday and holiday determine whether a day is a
    working day, `explained` is 1 and there is nothing to permute. The 0 is right, as nothing is
    left to say, and it does not tell whether the model reads the feature.

    Taught in: global/importance.

    References
    ----------
    .. [1] Strobl, C. et al. (2008). Conditional variable importance for random forests. BMC
       Bioinformatics 9, 307. https://doi.org/10.1186/1471-2105-9-307
    .. [2] Molnar, C., König, G., Bischl, B. and Casalicchio, G. (2024). Model-agnostic feature
       importance and effects with dependent features: a conditional subgroup approach. Data
       Mining and Knowledge Discovery 38, 2903-2941. https://doi.org/10.1007/s10618-022-00901-9
    .. [3] Watson, D. S. and Wright, M. N. (2021). Testing conditional independence in
       supervised learning algorithms. Machine Learning 110, 2107-2129.
       https://doi.org/10.1007/s10994-021-06030-6

    Examples
    --------
    Two columns that nearly agree; the model reads the first.

    >>> import numpy as np
    >>> from xaikit import importance
    >>> rng = np.random.default_rng(0)
    >>> a = rng.normal(size=2000)
    >>> X = np.column_stack([a, a + 0.3 * rng.normal(size=2000)])
    >>> found = importance.conditional_importance(lambda X: X[:, 0], X, a, random_state=0)
    >>> bool(found.values[0] < 0.5), found.values[1].item()  # 2 when permuted among all rows
    (True, 0.0)
    """
    rng = generator(random_state)
    n_repeats = whole_number("n_repeats", n_repeats, low=1)
    max_depth = whole_number("max_depth", max_depth, low=0)
    min_rows = whole_number("min_rows", min_rows, low=2)
    level = fraction("level", level)
    described = describe(model, X)
    rows = checked_rows("X", X, described)
    names = column_names(X, rows, described)
    groups = _groups(features, names)
    codes, _, coding = encode(rows, rows)
    measured = row_loss(described, loss, y, len(rows))
    before = measured.of(rows)
    columns = _Columns(codes, _numeric(rows))
    rises, explained, n_groups, stuck = [], [], [], []
    for group in groups:
        alike, known = columns.grouped(group, max_depth, min_rows)
        if _all_alike(codes[:, group], alike):
            stuck.append(" + ".join(names[j] for j in group))
        # The rises of each row, and of the rows that were given its values.
        own, others = np.zeros(len(rows)), np.zeros(len(rows))
        for _ in range(n_repeats):
            giver = _permuted_within(alike, rng)
            moved = codes.copy()
            moved[:, group] = codes[giver][:, group]
            rise = measured.of(coding.decode(moved)) - before
            own += rise
            others[giver] += rise
        rises.append((own / n_repeats, others / n_repeats))
        explained.append(known)
        n_groups.append(len(np.unique(alike)))
    if stuck:
        warnings.warn(
            f"Nothing could be permuted of {', '.join(map(repr, stuck))}: within each group of "
            "rows there is a single value, so the importance is 0 whatever the model does. Where "
            "other columns determine it, permute them together: name them as one group.",
            stacklevel=2,
        )
    values, half = _means_and_half_widths(rises, level)
    return Importance(
        features=tuple(" + ".join(names[j] for j in group) for group in groups),
        values=values, low=values - half, high=values + half,
        explained=np.array(explained), n_groups=np.array(n_groups),
        loss=measured.name, baseline=float(before.mean()), level=level,
    )  # fmt: skip


def _groups(features: Any, names: tuple[str, ...]) -> list[list[int]]:
    if features is None:
        return [[j] for j in range(len(names))]
    if isinstance(features, str) or not isinstance(features, Iterable):
        raise TypeError(f"features must be a sequence of columns or groups; got {features!r}.")
    groups = []
    for each in features:
        several = each if isinstance(each, tuple | list) else [each]
        groups.append(
            list(dict.fromkeys(column_position("features", name, names) for name in several))
        )
    if not groups or not all(groups):
        raise ValueError(f"features must name at least one column each; got {features!r}.")
    return groups


def _numeric(rows: Table) -> npt.NDArray[np.bool_]:
    if not isinstance(rows, pd.DataFrame):
        return np.ones(rows.shape[1], dtype=bool)
    return np.array([number_type(rows.iloc[:, j]) is not None for j in range(rows.shape[1])])


class _Columns:
    """The rows as a tree takes them: numbers, and a column of 0 and 1 for each category."""

    def __init__(self, codes: FloatArray, numeric: npt.NDArray[np.bool_]) -> None:
        self.of: list[FloatArray] = []
        for j in range(codes.shape[1]):
            column = codes[:, [j]]
            if not numeric[j]:
                column = (column == np.unique(column)).astype(float)
            # A tree does not mind what stands for a missing value, as long as nothing else does.
            lowest = np.nanmin(column, initial=0.0)
            self.of.append(np.where(np.isnan(column), lowest - 1, column))

    def grouped(
        self, group: list[int], max_depth: int, min_rows: int
    ) -> tuple[npt.NDArray[np.intp], float]:
        """Return the group of each row, and what these account for in the columns of `group`."""
        from sklearn.tree import DecisionTreeRegressor

        wanted = np.hstack([self.of[j] for j in group])
        others = [column for j, column in enumerate(self.of) if j not in group]
        spread = deviations(wanted)
        if not max_depth or not others or not spread.any():
            return np.zeros(len(wanted), dtype=np.intp), 0.0
        # Of a group each column counts alike.
        wanted = wanted[:, spread > 0] / spread[spread > 0]
        given = np.hstack(others)
        tree = DecisionTreeRegressor(
            max_depth=max_depth, min_samples_leaf=min_rows, random_state=0
        ).fit(given, wanted)
        leaves: npt.NDArray[np.intp] = tree.apply(given)
        return leaves, float(tree.score(given, wanted))


def _all_alike(values: FloatArray, groups: npt.NDArray[np.intp]) -> bool:
    """Return whether the rows of each group agree in all of these columns."""
    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    return np.array_equal(values, values[first[place.reshape(-1)]], equal_nan=True)


def _permuted_within(
    groups: npt.NDArray[np.intp], rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return for each row one of its group, each row once."""
    order = np.argsort(groups, kind="stable")
    shuffled = np.lexsort((rng.random(len(groups)), groups))
    chosen = np.empty_like(order)
    chosen[order] = shuffled
    return chosen


def _means_and_half_widths(
    rises: list[tuple[FloatArray, FloatArray]], level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the mean rises, and half of the intervals of the means.

    A row counts twice, with its own rise and with that of the row that got its values, so the
    mean is a U-statistic of the rows: its variance is that of both together.
    """
    from scipy import stats

    own = np.array([own for own, _ in rises])
    both = np.array([own + others for own, others in rises])
    n = own.shape[1]
    error = both.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else np.full(len(own), np.inf)
    return own.mean(axis=1), error * stats.t.ppf((1 + level) / 2, max(n - 1, 1))
