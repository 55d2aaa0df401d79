"""A model of many columns as a model of two, for scikit-learn's DecisionBoundaryDisplay."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils.metaestimators import available_if

from xaikit.boundary._points import with_floats
from xaikit.core.checks import BoolArray, FloatArray
from xaikit.core.tables import Coding, encode
from xaikit.inputs.columns import column_names, column_position, deviations
from xaikit.inputs.row import as_row
from xaikit.inputs.rows import Table, checked_rows
from xaikit.models.describe import describe
from xaikit.models.model import Model
from xaikit.models.target import Target, choose_output


def _model_has(space: str) -> Any:
    return available_if(
        lambda plane: plane.described.kind == "classifier" and space in plane.described.scales
    )


class Slice(BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """A model seen on a plane through its columns, as an estimator of two columns.

    `slice_2d` makes it. It has `predict`, and `predict_proba` and `decision_function`
    where the model has them, so it can be given to scikit-learn's
    ``DecisionBoundaryDisplay``, or to `xaikit.plot.boundary`.

    Parameters
    ----------
    described : object
        The model, as xaikit reads it.
    target : object or None
        The output of a model that is no classifier.
    coding : object
        How the columns are coded as numbers.
    origin : ndarray of shape (d,)
        The point of the plane that has coordinates (0, 0), as codes.
    directions : ndarray of shape (2, d)
        What a step of 1 along each coordinate adds to the columns.
    back : ndarray of shape (d, 2)
        What a step of 1 in each column adds to the coordinates.
    rows : ndarray of shape (n, d)
        The rows that the plane was laid through, as codes.
    axis_names : tuple of two str
        What the coordinates are.

    Notes
    -----
    Taught in: global/decision-boundaries.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import boundary
    >>> X = np.array([[0.0, 5.0, 1.0], [2.0, 7.0, 3.0], [4.0, 9.0, 8.0]])
    >>> plane = boundary.slice_2d(lambda X: X.sum(axis=1), X, features=(0, 2), at=X[0])
    >>> plane.predict([[10.0, 20.0]])
    array([35.])
    """

    def __init__(
        self,
        described: Model,
        target: Target | None,
        coding: Coding,
        origin: FloatArray,
        directions: FloatArray,
        back: FloatArray,
        rows: FloatArray,
        axis_names: tuple[str, str],
    ) -> None:
        self.described, self.target, self.coding = described, target, coding
        self.origin, self.directions, self.back = origin, directions, back
        self.rows, self.axis_names = rows, axis_names

    def lift(self, X: npt.ArrayLike) -> Table:
        """Return points of the plane (m, 2) as rows that the model takes, (m, d).

        Parameters
        ----------
        X : array-like or DataFrame of shape (m, 2)
            Coordinates on the plane.

        Returns
        -------
        DataFrame or ndarray of shape (m, d)
            Rows of the model's kind.
        """
        flat = np.asarray(X, dtype=np.float64)
        if flat.ndim != 2 or flat.shape[1] != 2 or not np.isfinite(flat).all():
            raise ValueError(
                f"X must be finite and 2-D, (m, 2); got shape {flat.shape}"
                + (" with nan or inf." if flat.ndim == 2 and flat.shape[1] == 2 else ".")
            )
        table: Table = self.described.hand_over(
            self.coding.decode(self.origin + flat @ self.directions)
        )
        return table

    def flatten(self) -> FloatArray:
        """Return where the rows lie on the plane, (n, 2): each at its nearest point."""
        steps = self.rows - self.origin
        # Columns across the plane may be anything, also missing.
        used = (self.back != 0).any(axis=1)
        return np.asarray(steps[:, used] @ self.back[used])

    def fit(self, X: Any = None, y: Any = None) -> Slice:
        """Return the slice; the model is fitted already."""
        return self

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the model's answer at points of the plane: classes, or numbers, (m,)."""
        table = self.lift(X)
        if self.target is not None:
            return self.target(table)
        return np.asarray(self.described.answer(table)).reshape(len(table))

    @_model_has("probability")  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: npt.ArrayLike) -> FloatArray:
        """Return the probabilities of the classes at points of the plane, (m, k)."""
        return np.asarray(self.described.scales["probability"].function(self.lift(X)))

    @_model_has("score")  # type: ignore[untyped-decorator]  # as above
    def decision_function(self, X: npt.ArrayLike) -> FloatArray:
        """Return the model's scores at points of the plane, (m,) or (m, k)."""
        scores = np.asarray(self.described.scales["score"].function(self.lift(X)))
        # Of two classes scikit-learn's estimators give the score of the second alone.
        return scores[:, 1] if self.described.n_classes == 2 else scores

    @property
    def classes_(self) -> npt.NDArray[Any]:
        """The classes of a classifier."""
        if self.described.kind != "classifier" or self.described.classes is None:
            raise AttributeError(f"a {self.described.kind} has no classes_")
        return self.described.classes

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        if self.described.kind == "classifier":
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        else:
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        return tags

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:  # scikit-learn's name
        return f"Slice({self.described.name}: {self.axis_names[0]} × {self.axis_names[1]})"


def slice_2d(
    model: Any,
    X: pd.DataFrame | npt.ArrayLike,
    *,
    features: tuple[str | int, str | int] | str = "principal",
    at: Any = "median",
    output: Any = None,
) -> Slice:
    """Cut a plane through a model of many columns.

    Parameters
    ----------
    model : estimator or callable
        A fitted scikit-learn style estimator or pipeline, an XGBoost model, or any
        callable ``f(X)`` that returns (n,) or (n, k).
    X : DataFrame or array-like of shape (n, d)
        Rows as they occur: the plane is laid through them.
    features : tuple of two columns, or "principal"
        Two columns of numbers, by name or position: the plane is theirs, and the others
        are held. "principal" takes the plane of the two directions in which the rows
        vary most, all columns of numbers in units of their standard deviation.
    at : "median", or a row
        The row that the plane goes through, as a Series, a DataFrame of one row or an
        array. "median" takes the middle of each column of numbers and the most frequent
        value of each other.
    output : int, optional
        The column of a model with several outputs that is no classifier.

    Returns
    -------
    Slice
        The model on the plane. With "principal" the coordinates are steps from `at` in
        standard deviations; with two columns they are their values.

    Raises
    ------
    TypeError
        When `model` is neither fitted estimator nor callable, or a table holds text
        outside a DataFrame.
    ValueError
        When `X` or `at` does not fit the model; when `features` is no pair of two columns
        of numbers, or fewer than two vary; when `output` does not fit the model.

    Notes
    -----
    A slice shows the model where the other columns have one value. Rows drawn on it lie
    somewhere else across the plane, and the model may answer them otherwise than the
    picture says. Columns of whole numbers are given as numbers with a fraction.

    Taught in: global/decision-boundaries.

    References
    ----------
    .. [1] Goodfellow, I., Vinyals, O. and Saxe, A. (2015). Qualitatively characterizing
       neural network optimization problems. ICLR. https://doi.org/10.48550/arXiv.1412.6544

    Examples
    --------
    >>> from sklearn.inspection import DecisionBoundaryDisplay
    >>> from sklearn.linear_model import LogisticRegression
    >>> from xaikit import boundary, datasets
    >>> data = datasets.breast_cancer()
    >>> X = data.X[["mean radius", "mean texture", "mean area"]]
    >>> model = LogisticRegression(max_iter=5000).fit(X, data.y)
    >>> plane = boundary.slice_2d(model, X, features=("mean radius", "mean texture"))
    >>> plane
    Slice(LogisticRegression: mean radius × mean texture)
    >>> display = DecisionBoundaryDisplay.from_estimator(plane, plane.flatten())
    """
    described = describe(model, X)
    table = checked_rows("X", X, described)
    names = column_names(X, table, described)
    if described.kind == "classifier" and output is not None:
        raise ValueError(
            f"output must be left out for a classifier, whose slice has all classes; got {output!r}"
        )
    target = None
    if described.kind != "classifier":
        target = choose_output(described, "prediction", output, table[:1])
    through = None if isinstance(at, str) and at == "median" else _row(at, X, table, described)
    table, amounts = with_floats(table)
    held, _ = with_floats(table if through is None else through)
    rows, others, coding = encode(table, held)
    centre = _middle(rows, amounts) if through is None else others[0]
    if isinstance(features, str) and features == "principal":
        directions, back = _principal(rows, centre, amounts)
        axes = ("first principal direction", "second principal direction")
    else:
        pair = _pair(features, names, amounts)
        directions = np.eye(len(names))[pair]
        back, axes = directions.T, (names[pair[0]], names[pair[1]])
        centre = np.where(directions.any(axis=0), 0.0, centre)
    return Slice(described, target, coding, centre, directions, back, rows, axes)


def _row(at: Any, X: Any, table: Table, model: Model) -> Table:
    if isinstance(at, str):
        raise ValueError(f"at must be 'median' or a row; got {at!r}.")
    # Matched by the names that the caller knows, which the model may not.
    row = as_row(at, X if isinstance(X, pd.DataFrame) else table, "at")
    checked: Table = checked_rows("at", row, model)
    return checked


def _middle(rows: FloatArray, amounts: BoolArray) -> FloatArray:
    middle = np.empty(rows.shape[1])
    for j, column in enumerate(rows.T):
        known = column[~np.isnan(column)]
        if not len(known):
            middle[j] = np.nan
        elif amounts[j]:
            middle[j] = np.median(known)
        else:
            values, counts = np.unique(known, return_counts=True)
            middle[j] = values[counts.argmax()]
    return middle


def _pair(features: Any, names: tuple[str, ...], amounts: BoolArray) -> list[int]:
    if not isinstance(features, tuple | list) or len(features) != 2:
        raise ValueError(f"features must be a pair of columns or 'principal'; got {features!r}.")
    pair = [column_position("features", column, names) for column in features]
    if pair[0] == pair[1]:
        raise ValueError(f"features must be two columns; got {names[pair[0]]!r} twice.")
    for j in pair:
        if not amounts[j]:
            raise ValueError(f"features must be columns of numbers; got {names[j]!r}.")
    return pair


def _principal(
    rows: FloatArray, centre: FloatArray, amounts: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return the two principal directions in the columns' own units, and the way back."""
    from sklearn.decomposition import PCA

    whole = amounts & ~np.isnan(rows).any(axis=0) & ~np.isnan(centre)
    scale = np.where(whole, deviations(rows), 0.0)
    used = scale > 0
    if used.sum() < 2 or len(rows) < 3:
        raise ValueError(
            "X must have at least three rows, and two columns of numbers that vary and have no "
            f"missing values, for principal directions; got {len(rows)} rows and "
            f"{int(used.sum())} such columns."
        )
    axes = PCA(n_components=2, svd_solver="full").fit(rows[:, used] / scale[used]).components_
    directions, back = np.zeros((2, len(centre))), np.zeros((len(centre), 2))
    directions[:, used] = axes * scale[used]
    back[used] = (axes / scale[used]).T
    return directions, back
