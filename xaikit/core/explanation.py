"""What every attribution method returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xaikit.core import saving
from xaikit.core.checks import BoolArray, FloatArray, require

if TYPE_CHECKING:
    import pandas as pd

CHANNELS = ("first", "last")
OUTPUT_SPACES = ("prediction", "probability", "log-odds", "score")


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Attributions of a model's output to its inputs, with how they were made.

    Index it like a list to get some of its rows: ``e[3]``, ``e[:10]``, ``e[mask]`` are
    Explanations too. The arrays are read-only.

    Parameters
    ----------
    values : ndarray of shape (n, d) or (n, ...)
        Attributions, in units of `output_space`; the shape of `data`.
    base_values : ndarray of shape (n,)
        What the attributions of each row start from.
    predictions : ndarray of shape (n,)
        The model's output for each row, in `output_space`.
    data : ndarray of shape (n, d) or (n, ...)
        The explained rows.
    feature_names : tuple of str, or None
        One name for each column; None for images.
    output_name : str
        Which output is explained, for a classifier the label of the class.
    output_space : {"prediction", "probability", "log-odds", "score"}
        The scale of the numbers.
    method : str
        How the attributions were made.
    why : str
        Why this method and this scale, in a sentence.
    estimated : bool
        False where the method is exact.
    diagnostics : mapping of str to ndarray of shape (n, ...)
        What else the method saw of each row, by name; `explain` says which. Mostly empty.
    index : pandas.Index or sequence of n labels, optional
        What the rows are called, as the index of a DataFrame; kept as an Index. None for
        arrays.
    channels : {"first", "last"}, optional
        Where the channels of images stand, if the model told; None says nothing of it.

    Raises
    ------
    TypeError
        When `index` is no sequence of labels.
    ValueError
        When shapes do not fit together or an attribution is not finite.

    Notes
    -----
    Taught in: foundations/global-and-local.

    Examples
    --------
    >>> import numpy as np
    >>> import xaikit as xk
    >>> e = xk.Explanation(
    ...     values=np.array([[2.0, -1.0], [0.0, 3.0]]), base_values=np.array([1.0, 1.0]),
    ...     predictions=np.array([2.0, 4.0]), data=np.array([[5, 6], [7, 8]]),
    ...     feature_names=("age", "income"), output_name="prediction",
    ...     output_space="prediction", method="linear", why="", estimated=False)
    >>> e.residual
    array([0., 0.])
    >>> e.importance()
    income    2.0
    age       1.0
    Name: mean |value|, dtype: float64
    >>> e[1].values
    array([[0., 3.]])
    """

    values: FloatArray
    base_values: FloatArray
    predictions: FloatArray
    data: npt.NDArray[Any]
    feature_names: tuple[str, ...] | None
    output_name: str
    output_space: str
    method: str
    why: str
    estimated: bool
    diagnostics: Mapping[str, FloatArray] = field(default_factory=dict)
    index: pd.Index[Any] | None = None
    channels: str | None = None

    def __post_init__(self) -> None:
        for name in ("values", "base_values", "predictions"):
            object.__setattr__(self, name, _finite(name, getattr(self, name)))
        data = np.array(self.data)
        data.flags.writeable = False
        object.__setattr__(self, "data", data)
        if self.feature_names is not None:
            object.__setattr__(self, "feature_names", tuple(map(str, self.feature_names)))
        seen = {
            str(name): _finite(f"diagnostics[{name!r}]", array)
            for name, array in self.diagnostics.items()
        }
        object.__setattr__(self, "diagnostics", MappingProxyType(seen))
        if self.index is not None:
            object.__setattr__(self, "index", _labels(self.index))
        self._check_shapes()
        if self.output_space not in OUTPUT_SPACES:
            raise ValueError(
                f"output_space must be one of {', '.join(map(repr, OUTPUT_SPACES))}; "
                f"got {self.output_space!r}."
            )

        if self.channels is not None and self.channels not in CHANNELS:
            raise ValueError(
                f"channels must be one of {', '.join(map(repr, CHANNELS))}, or None; "
                f"got {self.channels!r}."
            )

    def _check_shapes(self) -> None:
        shape = self.values.shape
        if self.values.ndim < 2:
            raise ValueError(f"values must have rows and columns, (n, d); got shape {shape}.")
        if self.data.shape != shape:
            raise ValueError(f"data must have the shape of values, {shape}; got {self.data.shape}.")
        for name in ("base_values", "predictions"):
            found = getattr(self, name).shape
            if found != shape[:1]:
                raise ValueError(f"{name} must have shape ({shape[0]},); got {found}.")
        for name, array in self.diagnostics.items():
            if array.shape[:1] != shape[:1]:
                raise ValueError(
                    f"diagnostics must have {shape[0]} rows each, as values has; got shape "
                    f"{array.shape} for {name!r}."
                )
        names = self.feature_names
        if names is not None and (len(shape) != 2 or len(names) != shape[1]):
            raise ValueError(
                f"feature_names must have one name for each column of values, shape {shape}; "
                f"got {len(names)}."
            )
        if self.index is not None and len(self.index) != shape[0]:
            raise ValueError(
                f"index must have one label for each row of values, shape {shape}; "
                f"got {len(self.index)}."
            )

    @property
    def residual(self) -> FloatArray:
        """What is left over, (n,): predictions minus base values minus the sum of values."""
        total = self.values.reshape(len(self), -1).sum(axis=1) if len(self) else np.zeros(0)
        left: FloatArray = self.predictions - self.base_values - total
        return left

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Explanation]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, rows: int | slice | BoolArray) -> Explanation:
        keep = _row_selector(rows, len(self))
        return replace(
            self,
            values=self.values[keep],
            base_values=self.base_values[keep],
            predictions=self.predictions[keep],
            data=self.data[keep],
            diagnostics={name: array[keep] for name, array in self.diagnostics.items()},
            index=None if self.index is None else self.index[keep],
        )

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        # Through the constructor, so that a pickled copy is checked and read-only too.
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return Explanation, tuple({**parts, "diagnostics": dict(self.diagnostics)}.values())

    def __repr__(self) -> str:
        shape = " × ".join(map(str, self.values.shape))
        kind = "estimated" if self.estimated else "exact"
        off = np.abs(self.residual).max() if len(self) else 0.0
        lines = [
            f"Explanation of {self.output_name!r} ({self.output_space}) by {self.method} ({kind})",
            f"  {shape} attributions, residual at most {off:.2g}",
        ]
        if self.feature_names is not None and len(self):
            strongest = self.importance().head(3)
            shown = ", ".join(f"{name} {value:.3g}" for name, value in strongest.items())
            lines.append(f"  mean |value|: {shown}{', …' if self.values.shape[1] > 3 else ''}")
        if self.why:
            lines.append(f"  {self.why}")
        return "\n".join(lines)

    def importance(self) -> pd.Series[float]:
        """Return the mean |value| of each feature over the rows, largest first.

        Returns
        -------
        pandas.Series
            Indexed by feature, in units of `output_space`.

        Raises
        ------
        ValueError
            When there are no feature names, or no rows.
        """
        import pandas as pd

        names = self._names_for("importance")
        if not len(self):
            raise ValueError("importance needs at least one row; got 0.")
        mean = np.abs(self.values).mean(axis=0)
        series = pd.Series(mean, index=list(names), name="mean |value|")
        return series.sort_values(ascending=False, kind="stable")

    def to_frame(self) -> pd.DataFrame:
        """Return the attributions as a table, with a column for each feature.

        Returns
        -------
        pandas.DataFrame
            In units of `output_space`, with the index of the rows that were explained.

        Raises
        ------
        ValueError
            When there are no feature names.
        """
        import pandas as pd

        names = list(self._names_for("to_frame"))
        return pd.DataFrame(self.values.copy(), index=self.index, columns=names)

    def to_shap(self) -> Any:
        """Return the same as a `shap.Explanation`, for shap's own plots.

        Returns
        -------
        shap.Explanation
            With values, base values, data and names.

        Raises
        ------
        ImportError
            When shap is not installed; the extra ``methods`` brings it.
        """
        shap = require("shap", extra="methods")
        return shap.Explanation(
            values=self.values.copy(),
            base_values=self.base_values.copy(),
            data=self.data.copy(),
            feature_names=None if self.feature_names is None else list(self.feature_names),
        )

    def to_json(self) -> str:
        """Return the explanation as JSON text that `from_json` reads back bit for bit.

        Returns
        -------
        str
            Numbers, texts and nothing that runs. Labels of `index` that are neither, such
            as dates, become their text.

        Raises
        ------
        ValueError
            When the data holds something other than numbers, texts and booleans.
        """
        return saving.dump(self)

    @staticmethod
    def from_json(text: str) -> Explanation:
        """Read what `to_json` wrote. Safe on text from strangers: nothing in it is run.

        Parameters
        ----------
        text : str
            At most 100 million characters.

        Returns
        -------
        Explanation
            The same arrays, bit for bit.

        Raises
        ------
        ValueError
            When the text is not an explanation, is too long, or holds NaN.
        """
        return Explanation(**saving.load(text))

    def _names_for(self, what: str) -> tuple[str, ...]:
        if self.feature_names is None:
            raise ValueError(f"{what} needs feature_names; got None, as for images.")
        return self.feature_names


def _finite(name: str, value: object) -> FloatArray:
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold numbers; got {array.dtype}.")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)][0]
        raise ValueError(f"{name} must be finite; got {bad}.")
    array.flags.writeable = False
    return array


def _labels(value: Any) -> pd.Index[Any]:
    import pandas as pd

    if isinstance(value, str) or not pd.api.types.is_list_like(value):
        raise TypeError(f"index must be a sequence of labels; got {value!r}.")
    return value if isinstance(value, pd.Index) else pd.Index(value)


def _row_selector(rows: object, n: int) -> slice | BoolArray:
    if isinstance(rows, slice):
        return rows
    if isinstance(rows, int | np.integer) and not isinstance(rows, bool):
        if not -n <= rows < n:
            raise IndexError(f"row must be from {-n} to {n - 1}; got {rows}.")
        start = int(rows) % n
        return slice(start, start + 1)
    mask = np.asarray(rows)
    if mask.dtype != bool or mask.shape != (n,):
        raise TypeError(
            f"rows must be an int, a slice or a boolean mask of shape ({n},); "
            f"got {mask.dtype} of shape {mask.shape}."
        )
    return mask
