"""The nearest row to which the model gives another answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, generator, whole_number
from xaikit.core.tables import encode
from xaikit.inputs import rows as _inputs
from xaikit.inputs.row import as_row, column_names
from xaikit.inputs.rows import Table
from xaikit.models import model as _models
from xaikit.models.model import Model
from xaikit.nearest.answer import Answer, wanted_answer
from xaikit.nearest.linear import half_spaces, is_exact, nearest_points
from xaikit.nearest.search import Hunt, search
from xaikit.nearest.space import Limits, Space, make_space


class NoCounterfactualFound(LookupError):
    """No row with the wanted answer was found within the budget and the constraints.

    The message says how many rows were asked, what was held, and what to relax. It is no
    proof that there is none.

    Notes
    -----
    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[0.0], [0.5]])
    >>> try:
    ...     xk.counterfactual(lambda X: X[:, 0] ** 2, [0.3], background=background,
    ...                       target=(-2, -1), n_samples=500, random_state=0)
    ... except xk.NoCounterfactualFound as error:
    ...     print(str(error).split(".")[0])
    No row with a prediction from -2 to -1 was found among the 500 that were asked
    """


@dataclass(frozen=True, eq=False, repr=False)
class Counterfactual:
    """The nearest row found to which the model gives another answer.

    Parameters
    ----------
    row : DataFrame of one row, or ndarray of shape (1, d)
        The counterfactual, in the kind of table and the column types that the model
        takes: ``model.predict(c.row)`` gives `prediction`.
    original : DataFrame of one row, or ndarray of shape (1, d)
        The row that was asked about, in the same kind.
    changes : DataFrame
        Columns "feature", "from" and "to", one row a changed column, the largest step
        first.
    distance : float
        The length of the change. A step in a numeric column is its size in standard
        deviations of the background, in a category 1; the distance is the square root
        of the sum of squared steps.
    prediction : object
        The model's answer for `row`: a class, a number, or the numbers of a model with
        several outputs.
    exact : bool
        True where a closed form says that no row is nearer; False where it was searched
        for and a nearer one may exist.

    Notes
    -----
    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> background = np.array([[-1.5, 0.0], [1.5, 4.5]])
    >>> c = xk.counterfactual(lambda X: 2 * X[:, 0], [-1.0, 2.5], background=background,
    ...                       target=(1, np.inf), random_state=0)
    >>> c
    Counterfactual at distance 1 (searched), prediction 1, 1 of 2 columns changed
      x0: -1 → 0.5
    """

    row: pd.DataFrame | npt.NDArray[Any]
    original: pd.DataFrame | npt.NDArray[Any]
    changes: pd.DataFrame
    distance: float
    prediction: Any
    exact: bool

    def __repr__(self) -> str:
        how = "exact" if self.exact else "searched"
        lines = [
            f"Counterfactual at distance {self.distance:.3g} ({how}), "
            f"prediction {_shown(self.prediction)}, "
            f"{len(self.changes)} of {self.row.shape[1]} columns changed"
        ]
        for feature, before, after in self.changes.itertuples(index=False):
            lines.append(f"  {feature}: {_shown(before)} → {_shown(after)}")
        return "\n".join(lines)


def counterfactual(
    model: Any,
    x: pd.Series[Any] | pd.DataFrame | npt.ArrayLike,
    *,
    background: pd.DataFrame | npt.ArrayLike,
    target: Any = None,
    fixed: Iterable[Any] = (),
    limits: Limits = None,
    integer: Iterable[Any] | None = None,
    sparsity: int | None = None,
    n_samples: int = 10_000,
    random_state: int | np.random.Generator | None = None,
    progress: bool | None = None,
) -> Counterfactual:
    """Find the nearest row to which the model gives another answer.

    What is returned was given to the model as it stands and got the wanted answer; when
    no such row is found, that is said. Columns in `fixed` keep their value, numbers stay
    within `limits`, whole numbers stay whole, and categories take values that the
    background has.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBClassifier or
        XGBRegressor, or any callable ``f(X)`` that returns (n,) or (n, k) numbers.
    x : Series, DataFrame of one row, or array-like of shape (d,) or (1, d)
        The row to change.
    background : DataFrame or array-like of shape (b, d)
        Rows as they occur: they give each numeric column its unit, the standard
        deviation, and each category its values, and the search starts from them. A
        column with one value in the background has no unit and is left alone.
    target : label, (low, high) or callable, optional
        The wanted answer. Of a classifier a class; left out, the other one of two. Of
        any other model an interval that the prediction must lie in, ends included, one
        of them perhaps infinite; or a function of the predictions, (n,) or (n, k), that
        returns (n,) bool.
    fixed : iterable of columns
        Columns that may not change, by name, or by position in an array.
    limits : mapping of column to (low, high), or "background", optional
        What numbers may be, ends included. "background" holds each column to the range
        seen in the background, and `x`. Left out, there are no limits.
    integer : iterable of columns, optional
        Columns that take whole numbers only. Left out, those with no other number in
        the background and `x`; ``()`` means none but columns of an integer type, which
        always are. A column of 0 and 1 that is named neither here nor in `limits` is a
        category.
    sparsity : int, optional
        The most columns that may change. Left out, as many as the nearest row takes.
    n_samples : int
        The most rows to ask the model about in a search.
    random_state : int or numpy.random.Generator, optional
        The same seed gives the same row.
    progress : bool, optional
        True shows a bar for a search of more than two seconds, False none. Left out, it
        is shown in a terminal or notebook, where tqdm is installed (extra ``methods``).

    Returns
    -------
    Counterfactual
        The row, what changed, how far it is, and what the model says of it.

    Raises
    ------
    NoCounterfactualFound
        When no row with the wanted answer was found; the message says what to relax.
    TypeError
        When `model` is neither fitted estimator nor callable, when `x` or `background`
        holds text outside a table, or `fixed`, `integer` or `limits` is of another kind.
    ValueError
        When `x` or `background` does not fit the model or each other; when `target` is
        missing where it must be named, unknown, or what the model says of `x` already;
        when an option names no column or leaves no value or no column to change.

    Notes
    -----
    A linear model of scikit-learn, alone or behind scalers, is answered in closed form
    where every free column is continuous: without limits the distance is
    ``|f(x)| / ‖w‖``, both in background units, and more than two classes make it a small
    quadratic programme. The row lies past the boundary by no more than rounding takes.
    With whole numbers, categories, or limits together with `sparsity`, that answer starts
    the search.

    Any other model is searched: rows of the background with the wanted answer, single
    columns moved, mixtures and random directions are pulled back towards `x` along
    lines, column by column and along the tangent of the boundary, after [3]_ and [4]_.
    The result is a near row, maybe not the nearest. Background rows are asked the
    nearest first; where they are more than a quarter of `n_samples`, the rest are not.

    A counterfactual says what the model would answer, not what the world would do: a
    longer account does not earn its owner more money.

    Taught in: global/decision-boundaries.

    References
    ----------
    .. [1] Wachter, S., Mittelstadt, B. and Russell, C. (2018). Counterfactual
       explanations without opening the black box. Harvard Journal of Law & Technology
       31(2), 841-887. https://doi.org/10.2139/ssrn.3063289
    .. [2] Mothilal, R. K., Sharma, A. and Tan, C. (2020). Explaining machine learning
       classifiers through diverse counterfactual explanations. FAT* 2020, 607-617.
       https://doi.org/10.1145/3351095.3372850
    .. [3] Laugel, T. et al. (2017). Inverse classification for comparison-based
       interpretability in machine learning. https://doi.org/10.48550/arXiv.1712.08443
    .. [4] Brendel, W., Rauber, J. and Bethge, M. (2018). Decision-based adversarial
       attacks. ICLR. https://doi.org/10.48550/arXiv.1712.04248
    .. [5] Karimi, A.-H., Barthe, G., Balle, B. and Valera, I. (2020). Model-agnostic
       counterfactual explanations for consequential decisions. AISTATS, 895-905.
       https://doi.org/10.48550/arXiv.1905.11190

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> from sklearn.linear_model import LinearRegression
    >>> background = np.array([[-1.5, 0.5], [1.5, -0.5], [1.5, 0.5], [-1.5, -0.5]])
    >>> model = LinearRegression().fit(background, background @ [4.0, 6.0])
    >>> c = xk.counterfactual(model, [0.25, 0.0], background=background, target=(6, np.inf))
    >>> round(c.distance, 6), c.exact  # |1 - 6| / ‖(4 × 1.5, 6 × 0.5)‖
    (0.745356, True)
    >>> c = xk.counterfactual(model, [0.25, 0.0], background=background, target=(6, np.inf),
    ...                       fixed=["x0"])
    >>> c.changes.round(6)
      feature from        to
    0      x1  0.0  0.833333
    """
    rng = generator(random_state)
    parallel.check_progress(progress)
    budget = whole_number("n_samples", n_samples, low=1)
    described = _models.describe(model)
    original, reference = _tables(described, x, background)
    names = column_names(background, reference, described)
    start, seen, coding = encode(original, reference)
    space = make_space(
        names, coding, start[0], seen,
        fixed=fixed, limits=limits, integer=integer, max_changes=sparsity,
    )  # fmt: skip
    answer = wanted_answer(described, target, space.table(start))
    closed, exact = _closed_form(described, answer, space)
    found = _first_that_holds(space, answer, closed) if exact else None
    if found is not None:
        return _result(space, answer, found, original, exact=True)
    with parallel.counted(budget, "counterfactual", progress) as count:
        hunt = Hunt(space, answer, rng, budget, count)
        best = search(hunt, closed)
    found = None if best is None else _first_that_holds(space, answer, _outwards(space, best))
    if found is not None:
        return _result(space, answer, found, original, exact=False)
    raise NoCounterfactualFound(_not_found(space, answer, budget, hunt.left))


def _tables(model: Model, x: Any, background: Any) -> tuple[Table, Table]:
    if background is None:
        raise ValueError("background must be given, rows as they occur; got None.")
    if model.feature_names is None and isinstance(background, pd.DataFrame):
        # The model takes an array: x is matched by name before the names are lost.
        x = as_row(x, background)
    reference = _inputs.rows("background", background, model)
    return _inputs.rows("x", as_row(x, reference), model), reference


def _closed_form(model: Model, answer: Answer, space: Space) -> tuple[list[FloatArray], bool]:
    """Return the closed form's candidates, nearest first, and whether they settle it."""
    spaces = half_spaces(model, answer, space.table(space.start[None]), len(space.start))
    if spaces is None:
        return [], False
    points = nearest_points(space, *spaces)
    exact = bool(points) and is_exact(space, spaces[0])
    return [space.settle(point[None])[0] for point in points], exact


def _outwards(space: Space, best: FloatArray) -> list[FloatArray]:
    """Return the row, and rows ever so little further, where a row alone is rounded otherwise."""
    further = [
        np.where(space.number, best + share * (best - space.start), best)
        for share in 10.0 ** np.arange(-15, -5)
    ]
    return [best, *space.settle(np.array(further))]


def _first_that_holds(
    space: Space, answer: Answer, candidates: list[FloatArray]
) -> FloatArray | None:
    """Return the first row that the model, given that row alone, gives the wanted answer."""
    for codes in candidates:
        if answer.holds(space.table(codes[None]))[0]:
            return codes
    return None


def _result(
    space: Space, answer: Answer, codes: FloatArray, given: Table, *, exact: bool
) -> Counterfactual:
    row, original = space.table(codes[None]), space.table(space.start[None])
    if isinstance(given, pd.DataFrame):
        row.index = original.index = given.index
    steps = space.steps(codes)
    order = [int(j) for j in np.argsort(-steps, kind="stable") if steps[j] > 0]
    changes = pd.DataFrame(
        {
            "feature": [space.names[j] for j in order],
            "from": pd.Series([_cell(original, j) for j in order], dtype=object),
            "to": pd.Series([_cell(row, j) for j in order], dtype=object),
        }
    )
    prediction = np.asarray(answer.predict(row))[0]
    return Counterfactual(
        row=row,
        original=original,
        changes=changes,
        distance=float(space.distance(codes)),
        prediction=prediction.item() if prediction.ndim == 0 else prediction,
        exact=exact,
    )


def _cell(table: Table, j: int) -> Any:
    value = table.iloc[0, j] if isinstance(table, pd.DataFrame) else table[0, j]
    return value.item() if isinstance(value, np.generic) else value


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _not_found(space: Space, answer: Answer, budget: int, left: int) -> str:
    free = [space.names[j] for j in np.flatnonzero(space.free)]
    held = [space.names[j] for j in np.flatnonzero(~space.free)]
    bounds = [
        f"{space.names[j]!r} from {space.low[j]:g} to {space.high[j]:g}"
        for j in space.limited
        if space.number[j]
    ]
    relax = [] if left else ["raise n_samples"]
    relax += ["let a fixed column change"] if held else []
    relax += ["widen limits"] if bounds else []
    relax += ["raise sparsity"] if space.max_changes is not None else []
    most = "" if space.max_changes is None else f" At most {space.max_changes} of them may change."
    advice = "; ".join(relax) or "ask for another target"
    return (
        f"No row with {answer.wanted} was found among the {budget - left} that were asked. "
        f"Free to change: {_listed(free)}. Held: {_listed(held)}. "
        f"Limits: {_listed(bounds, quote=False)}.{most} To relax: {advice}."
    )


def _listed(words: list[str], *, quote: bool = True) -> str:
    shown = [repr(word) if quote else word for word in words[:10]]
    more = [f"{len(words) - 10} more"] if len(words) > 10 else []
    return ", ".join(shown + more) or "none"
