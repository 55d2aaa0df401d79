"""The nearest row to which the model gives another answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core import parallel
from xaikit.core.checks import FloatArray, generator, whole_number
from xaikit.core.tables import encode
from xaikit.counterfactuals._blockers import not_found, what_blocks
from xaikit.counterfactuals._result import Counterfactual, NoCounterfactualFound, make_result
from xaikit.inputs.columns import column_names
from xaikit.inputs.row import as_row
from xaikit.inputs.rows import Table, checked_rows
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.nearest.answer import Answer, wanted_answer
from xaikit.nearest.constraints import Constraints, Limits, make_space
from xaikit.nearest.found import first_that_holds, searched
from xaikit.nearest.linear import half_spaces, is_exact, nearest_points
from xaikit.nearest.rows import Rows
from xaikit.nearest.search import Search
from xaikit.nearest.space import Space


def counterfactual(
    model: Any,
    x: pd.Series[Any] | pd.DataFrame | npt.ArrayLike,
    *,
    background: pd.DataFrame | npt.ArrayLike,
    target: Any = None,
    probability: float | None = None,
    fixed: Iterable[Any] = (),
    rising: Iterable[Any] = (),
    falling: Iterable[Any] = (),
    limits: Limits = None,
    integer: Iterable[Any] | None = None,
    groups: Iterable[Iterable[Any]] | Mapping[Any, Iterable[Any]] | None = None,
    sparsity: int | None = None,
    costs: Mapping[Any, float] | None = None,
    plausible: float | None = None,
    n_samples: int = 10_000,
    random_state: int | np.random.Generator | None = None,
    progress: bool | None = None,
) -> Counterfactual:
    """Find the nearest row to which the model gives another answer.

    What is returned was given to the model as it stands and got the wanted answer; when
    no such row is found, that is said. Columns in `fixed` keep their value, numbers stay
    within `limits`, whole numbers stay whole, categories take values that the background
    has, and one-hot columns change together, as the one category that they are.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBClassifier or
        XGBRegressor, a Keras network of tables, or any callable ``f(X)`` that returns
        (n,) or (n, k) numbers.
    x : Series, DataFrame of one row, or array-like of shape (d,) or (1, d)
        The row to change.
    background : DataFrame or array-like of shape (b, d)
        Rows as they occur: they give each numeric column its unit, the standard
        deviation, and each category its values, and the search starts from them. A
        column with one value in the background has no unit and is left alone.
    target : label, (low, high) or callable, optional
        The wanted answer. Of a classifier a class; left out, the other one of two. Of a
        network that ends in a softmax or one sigmoid, the class by its number: the most
        probable one, or 1 from a probability of 0.5. Of any other model an interval that
        the prediction must lie in, ends included, one of them perhaps infinite; or a
        function of the predictions, (n,) or (n, k), that returns (n,) bool. A network's
        probabilities may be asked for by these too.
    probability : float, optional
        How probable the wanted class must be, above 0 and below 1, for an answer that is more
        than barely another. Left out, it is enough that it is the class.
    fixed : iterable of columns
        Columns that may not change, by name, or by position in an array. Of a group of
        one-hot columns any one holds them all.
    rising, falling : iterable of columns, optional
        Columns of numbers that may only rise, or only fall. A column of 0 and 1 that may
        only rise can change from 0 to 1 and not back.
    limits : mapping of column to (low, high), or "background", optional
        What numbers may be, ends included. "background" holds each column to the range
        seen in the background, and `x`. Left out, there are no limits.
    integer : iterable of columns, optional
        Columns that take whole numbers only. Left out, those with no other number in
        the background and `x`; ``()`` means none but columns of an integer type, which
        always are. A column of 0 and 1 that is named neither here nor in `limits` is a
        category.
    groups : sequence of groups of columns, or mapping of name to columns, optional
        One-hot columns: of each group one column holds 1 and the others 0. None holds 1
        where an encoder drops a level (``drop="first"``): where this occurs in the
        background, it is one more category. A group changes as one category, by a step of
        length 1. Left out, groups are recognised: columns of 0 and 1 that share a prefix, as
        in ``colour_red``, ``colour=red`` or ``cat__colour_red``, of which exactly one is 1 in
        every row of the background; or at most one, in so many rows that independent
        columns would look like this less than once in a thousand times. ``()`` means none.
    sparsity : int, optional
        The most columns that may change, a group counted as one. Left out, as many as the
        nearest row takes.
    costs : mapping of column to number above 0, optional
        What a step in a column counts, as a multiple of what it counts otherwise: 3 where a
        change is three times as hard as one of the same size elsewhere. A group of one-hot
        columns is named by any of them.
    plausible : float, optional
        How usual the row must be, above 0 and below 1: at 0.95 it may be as far from its ten
        nearest rows in the background as all but the oddest 5% of these are from theirs. Left
        out, it may lie where nobody is; ``Counterfactual.plausibility`` says how odd it is.
    n_samples : int
        The most rows to ask the model about in a search. Where it finds none, up to a tenth of
        them more for each constraint, to say which stands in the way.
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
        When no row with the wanted answer was found; the message says what stood in the way.
    TypeError
        When `model` is neither fitted estimator nor callable, when `x` or `background`
        holds text outside a table, or an option that names columns is of another kind.
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
    the search, as it does where the model does not answer as its weights say.

    Any other model is searched: rows of the background with the wanted answer, single
    columns moved, mixtures and random directions are brought closer to `x` along lines,
    column by column and along the tangent of the boundary, after [3]_ and [4]_.
    The result is a near row, maybe not the nearest. Background rows are asked the
    nearest first; where they are more than a quarter of `n_samples`, the rest are not.

    A counterfactual says what the model would answer, not what the world would do: a
    longer account does not earn its owner more money.

    Taught in: global/decision-boundaries, local/counterfactuals.

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

    One-hot columns change together:

    >>> import pandas as pd
    >>> flats = pd.DataFrame({"city": ["Bonn", "Ulm", "Kiel"], "rooms": [2, 3, 5]})
    >>> flats = pd.get_dummies(flats, dtype=int)
    >>> xk.counterfactual(lambda X: X["city_Ulm"].to_numpy(), flats.iloc[0], background=flats,
    ...                   target=(1, 1), random_state=0)
    Counterfactual at distance 1 (searched), prediction 1, 2 of 4 columns changed
      city_Bonn: 1 → 0
      city_Ulm: 0 → 1
    """
    rng = generator(random_state)
    parallel.check_progress(progress)
    budget = whole_number("n_samples", n_samples, low=1)
    described = describe(model, background)
    original, reference = _tables(described, x, background)
    names = column_names(background, reference, described)
    start, others, coding = encode(original, reference)
    constraints = Constraints(
        fixed, limits, integer, rising, falling, groups, sparsity, costs, plausible
    )
    rows = Rows(names, coding, start[0], others)
    space = make_space(rows, constraints)
    answer = wanted_answer(described, target, space.table(space.start[None]), probability)
    closed, found = _closed_form(described, answer, space)
    exact = found is not None
    if found is None:
        with parallel.counted(budget, "counterfactual", progress) as count:
            search = Search(space, answer, rng, budget, count)
            found = searched(search, closed)
    if found is None:
        blockers = what_blocks(rows, constraints, answer, rng, budget)
        message = not_found(space, answer, budget, search.budget_left, blockers)
        raise NoCounterfactualFound(message, blockers)
    hand_over = described.hand_over
    return make_result(space, answer, found, names, original, hand_over=hand_over, exact=exact)


def _tables(model: Model, x: Any, background: Any) -> tuple[Table, Table]:
    if not model.is_table:
        raise ValueError(
            "model must take the rows of a table; got the network "
            f"{model.name!r}, which takes images or words."
        )
    if background is None:
        raise ValueError("background must be given, rows as they occur; got None.")
    if model.feature_names is None and isinstance(background, pd.DataFrame):
        # The model takes an array: x is matched by name before the names are lost.
        x = as_row(x, background)
    reference = checked_rows("background", background, model)
    return checked_rows("x", as_row(x, reference), model), reference


def _closed_form(
    model: Model, answer: Answer, space: Space
) -> tuple[list[FloatArray], FloatArray | None]:
    """Return the closed form's candidates, nearest first, and the one that it says is nearest."""
    spaces = half_spaces(model, answer, space)
    if spaces is None:
        return [], None
    points = nearest_points(space, spaces.weights, spaces.offsets)
    closed = [space.make_feasible(point[None])[0] for point in points]
    found = first_that_holds(space, answer, closed) if is_exact(space, spaces.weights) else None
    if found is None:
        return closed, None
    # It must lie on the boundary, past it by rounding only, and the model answer there as
    # its weights say.
    past = float(space.distance(found) - space.distance(closed[0]))
    near = past <= 1e-6 * float(space.distance(found))
    agree = spaces.agree_at(space.table(np.array([space.start, found])))
    return closed, found if near and agree else None
