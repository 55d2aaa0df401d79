"""How far rows are from the boundary: in closed form, or by a search."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.boundary._points import BoundaryPoints, NoBoundaryFound, with_floats
from xaikit.boundary._search import Problem, nearest_points
from xaikit.boundary._sides import IntArray, Planes, planes, sides_of
from xaikit.core.checks import BoolArray, FloatArray, generator, numbers, whole_number
from xaikit.core.parallel import check_progress, spread
from xaikit.core.tables import Coding, encode
from xaikit.inputs.columns import deviations
from xaikit.inputs.rows import Table, checked_background, checked_rows
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.models.target import Target, choose_output

# Rows whose lines are bisected together: bounds memory.
_MOST_ROWS = 256


def distance(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    *,
    background: pd.DataFrame | npt.ArrayLike | None = None,
    threshold: float | None = None,
    output: Any = None,
    output_space: str | None = None,
    scale: str | npt.ArrayLike | None = "std",
    n_samples: int = 2000,
    random_state: int | np.random.Generator | None = None,
    n_jobs: int | None = None,
    progress: bool | None = None,
) -> BoundaryPoints:
    """Find the nearest point at which the model changes its answer, and how far it is.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBoost model, or any
        callable ``f(X)`` that returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d)
        The rows to start from.
    background : DataFrame or array-like of shape (b, d), optional
        Rows as they occur: they give each column its unit, and the search its first
        points across the boundary. Left out, `X` itself is used when it has at least 20
        rows. A linear model with a scale of its own needs none.
    threshold : float, optional
        The answer changes where the output crosses it (at or above, and below). Left
        out, it changes where a classifier predicts another class; any other model must
        have one.
    output : label or int, optional
        With a threshold, the class or column that it is a threshold of.
    output_space : {"prediction", "probability", "log-odds", "score"}, optional
        With a threshold, the scale that it is on; "probability" for classifiers that
        have it.
    scale : "std", None or array-like of shape (d,)
        The unit of each column: its standard deviation in the background, 1, or your
        own. By "std" a column with one value in the background has no unit and stays
        as it is.
    n_samples : int
        The most rows to ask the model about in the search of one row, besides the
        bisection of lines and the last refinement.
    random_state : int or numpy.random.Generator, optional
        The same seed gives the same points.
    n_jobs : int, optional
        Rows are spread over this many workers by joblib; -1 takes every core.
    progress : bool, optional
        Whether a bar shows how far the search is. Left out, in a terminal or notebook,
        once it has taken two seconds.

    Returns
    -------
    BoundaryPoints
        The points and distances, and whether they are exact. Where the search found no
        other answer for some of the rows, a warning names them; their points are NaN,
        their distances inf, and `reached` is False there.

    Raises
    ------
    NoBoundaryFound
        When no point with another answer was found for any row.
    TypeError
        When `model` is neither fitted estimator nor callable, or a table holds text
        outside a DataFrame.
    ValueError
        When a table does not fit the model; when `threshold` is missing where it is
        needed, or `output` or `output_space` is given without it; when no column can
        move; when `X` and the background all lie on one side of the boundary.

    Notes
    -----
    Columns of numbers move freely, whole ones too; True and False, categories and text
    stay as they are. For a row that could occur, ask `xaikit.counterfactual`.

    A linear model of scikit-learn, alone or behind scalers, is answered in closed form:
    ``|f(x)| / ‖w‖`` in units of the scale, with more than two classes the least of the
    distances to the planes on which another class catches up. The points lie on the
    boundary up to rounding. A model that does not answer as its weights say is searched.

    For any other model, lines to the nearest rows across are bisected down to the
    boundary; the nearest of these crossings is a distance that the result never exceeds.
    They are then brought closer as for a counterfactual (columns restored, tangents
    followed, random moves), and along a smooth boundary by sequential quadratic programming. Each
    point returned has another answer than its row, and on the straight line from the row,
    less than 1e-12 of the way before it, the answer is still the row's. The distance is
    an upper bound of the true one.

    Taught in: global/decision-boundaries.

    References
    ----------
    .. [1] Brendel, W., Rauber, J. and Bethge, M. (2018). Decision-based adversarial
       attacks. ICLR. https://doi.org/10.48550/arXiv.1712.04248
    .. [2] Chen, J., Jordan, M. I. and Wainwright, M. J. (2020). HopSkipJumpAttack: a
       query-efficient decision-based attack. IEEE Symposium on Security and Privacy,
       1277-1294. https://doi.org/10.1109/SP40000.2020.00045

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from xaikit import boundary
    >>> X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> model = LinearRegression().fit(X, X @ [3.0, 4.0])
    >>> found = boundary.distance(model, X[:1], threshold=10.0, scale=None)
    >>> found.exact, found.distances.round(6), found.points.round(6)
    (True, array([2.]), array([[1.2, 1.6]]))
    """
    budget = whole_number("n_samples", n_samples, low=1)
    rng = generator(random_state)
    if n_jobs is not None and n_jobs != -1:
        whole_number("n_jobs", n_jobs, low=1)
    check_progress(progress)
    described = describe(model, X)
    table = checked_rows("X", X, described)
    target, level = _threshold(described, threshold, output, output_space, table)
    flat = planes(described, target, level, table)
    needs_none = flat is not None and not (isinstance(scale, str) and scale == "std")
    reference = table
    if background is not None or not needs_none:
        reference, _ = checked_background(background, table, described)
    (table, amounts), (reference, _) = with_floats(table), with_floats(reference)
    rows, background_codes, coding = encode(table, reference)
    units = _scale(scale, background_codes, amounts)
    moves = np.isfinite(units)
    if not moves.any():
        raise ValueError(
            "X must have a column that can move, of numbers that vary in the background; got none."
        )
    sides = sides_of(described, target, level)
    own, units_or_0 = sides.of(table), np.where(moves, units, 0.0)
    points = None if flat is None else _projected(flat, rows, own, units_or_0, coding)
    exact = points is not None
    if points is None:
        if background is None:
            checked_background(None, table, described)  # the search cannot do without
        others = sides.of(reference)
        problem = Problem(
            sides, coding, background_codes, others, moves, np.where(moves, units, 1.0), budget
        )
        points = _searched(problem, rows, own, rng, n_jobs, progress)
    reached = ~np.isnan(points[:, moves]).all(axis=1)
    lengths = np.linalg.norm(np.nan_to_num(points - rows)[:, moves] / units[moves], axis=1)
    return BoundaryPoints(
        data=described.hand_over(table),
        points=described.hand_over(_like(table, coding.decode(points))),
        distances=np.where(reached, lengths, np.inf),
        scale=units,
        exact=exact,
    )


def _threshold(
    model: Model, threshold: object, output: Any, space: str | None, rows: Table
) -> tuple[Target | None, float | None]:
    """Return the output that a threshold is of, and the threshold; None for classes."""
    if threshold is None:
        if model.kind != "classifier":
            raise ValueError(
                f"threshold must be given for a {model.kind}, whose answer is a number; got None."
            )
        for name, value in (("output", output), ("output_space", space)):
            if value is not None:
                raise ValueError(
                    f"{name} must be left out without a threshold, as the boundary is then "
                    f"between the classes predicted; got {value!r}."
                )
        return None, None
    level = float(numbers("threshold", [threshold])[0])
    return choose_output(model, space or model.default_space, output, rows[:1]), level


def _scale(scale: Any, background: FloatArray, amounts: BoolArray) -> FloatArray:
    """Return the unit of each column, inf where it does not move."""
    if scale is None:
        units = np.ones(background.shape[1])
    elif isinstance(scale, str):
        if scale != "std":
            raise ValueError(
                f"scale must be 'std', None or a number for each column; got {scale!r}."
            )
        units = deviations(background)
        units[units == 0] = np.inf
    else:
        units = numbers("scale", scale)
        if len(units) != background.shape[1] or (units <= 0).any():
            raise ValueError(
                f"scale must have {background.shape[1]} numbers above 0, one for each column; "
                f"got {scale!r}."
            )
    return np.where(amounts, units, np.inf)


def _projected(
    flat: Planes, rows: FloatArray, own: IntArray, scale: FloatArray, coding: Coding
) -> FloatArray | None:
    """Return the points of the nearest planes that are nearest to the rows.

    None where the model, asked, does not answer there as its weights say.
    """
    points = rows.copy()
    for side in np.unique(own):
        mine = own == side
        weights, offsets = flat.ends(int(side))
        per_scale = weights * scale
        lengths = np.linalg.norm(per_scale, axis=1)
        if not lengths.any():
            raise ValueError(
                "model must depend on a column that can move; got a linear model whose weights "
                "on all of them are 0."
            )
        scores = rows[mine] @ weights.T + offsets
        # A plane that no column leads to is out of reach.
        far = np.full(scores.shape, np.inf)
        reached = lengths > 0
        far[:, reached] = np.abs(scores[:, reached]) / lengths[reached]
        nearest = far.argmin(axis=1)
        share = scores[np.arange(len(nearest)), nearest] / lengths[nearest] ** 2
        points[mine] -= share[:, None] * scale * per_scale[nearest]
    table = coding.decode(np.vstack([rows[:1], points]))
    return points if flat.agree_at(table) else None


def _searched(
    problem: Problem,
    rows: FloatArray,
    own: IntArray,
    rng: np.random.Generator,
    n_jobs: int | None,
    progress: bool | None,
) -> FloatArray:
    sides = np.unique(np.append(own, problem.background_sides))
    if len(sides) == 1:
        n = len(problem.background)
        raise ValueError(
            "background must have rows on both sides of the boundary; got "
            f"{n} {'row' if n == 1 else 'rows'}, all on one."
        )
    seeds = rng.integers(2**31, size=len(rows))

    def one_piece(*piece: Any) -> list[FloatArray | None]:
        return nearest_points(problem, *piece)

    done = spread(
        one_piece, rows, own, seeds,
        n_jobs=n_jobs, progress=progress, what="boundary", most=_MOST_ROWS,
    )  # fmt: skip
    found = [point for piece in done for point in piece]
    lost = [i for i, point in enumerate(found) if point is None]
    if lost:
        _report_unreached(lost, len(rows), problem.budget)
    nowhere = np.where(problem.moves, np.nan, rows)
    return np.array([nowhere[i] if point is None else point for i, point in enumerate(found)])


def _report_unreached(lost: list[int], n_rows: int, budget: int) -> None:
    """Warn of the rows for which no point was found; refuse where there is none for any."""
    shown = ", ".join(map(str, lost[:10])) + (f" and {len(lost) - 10} more" if lost[10:] else "")
    message = (
        f"No other answer was found for {'row' if len(lost) == 1 else 'rows'} {shown} of X with "
        f"{budget} rows asked for each. Categories, and columns that do not vary, stay as they "
        "are: perhaps they decide alone. Raise n_samples"
    )
    if len(lost) == n_rows:
        raise NoBoundaryFound(f"{message}, or ask about other rows.")
    warnings.warn(
        f"{message}, or leave out what `reached` says was not reached: its distance is inf.",
        stacklevel=4,
    )


def _like(table: Table, points: Any) -> Table:
    if isinstance(table, pd.DataFrame):
        points.index = table.index
    kind: Table = points
    return kind
