"""The results: an effect on its grid, with the rows it rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from xaikit.core.checks import BoolArray, FloatArray

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class Effect:
    """The accumulated local effect of one feature.

    Parameters
    ----------
    feature : str
        The column.
    grid : ndarray of shape (k + 1,)
        The edges of the k bins, rising, in units of the feature; all are values of the
        data.
    values : ndarray of shape (k + 1,)
        The effect at each edge, straight lines between them, in units of the output;
        its mean over the rows is zero.
    counts : ndarray of int, shape (k,)
        How many rows lie in each bin, its upper edge included; no bin is empty.
    output_name, output_space : str
        Which output of the model, on which scale.
    n_bins_asked : int, optional
        How many bins were asked for. They are fewer where the feature has fewer values:
        then each of its values is an edge.

    Notes
    -----
    Taught in: global/effects.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import effects
    >>> X = np.array([[0.0], [1.0], [3.0], [4.0]])
    >>> effects.ale(lambda X: X[:, 0] ** 2, X, 0, n_bins=2)
    Effect(x0 on prediction, 2 bins of 2 to 2 rows, from -7 at 0 to 9 at 4)
    """

    feature: str
    grid: FloatArray
    values: FloatArray
    counts: IntArray
    output_name: str
    output_space: str
    n_bins_asked: int | None = None

    @property
    def uncentred(self) -> FloatArray:
        """The effect accumulated from the lowest edge, which has zero; shape (k + 1,)."""
        uncentred: FloatArray = self.values - self.values[0]
        return uncentred

    @property
    def bins_in_words(self) -> str:
        """How many bins there are and, where they are fewer than asked for, why."""
        bins = len(self.counts)
        return _in_words(f"{bins} bin{'s' * (bins != 1)}", bins, self.n_bins_asked)

    def to_frame(self) -> pd.DataFrame:
        """Return the bins, a row each.

        Returns
        -------
        DataFrame
            Columns "low" and "high", the edges; "rows", the count; "change", what
            crossing the bin does to the output, the mean over its rows.
        """
        return pd.DataFrame(
            {
                "low": self.grid[:-1],
                "high": self.grid[1:],
                "rows": self.counts,
                "change": self.values[1:] - self.values[:-1],
            }
        )

    def __repr__(self) -> str:
        ends = [f"{self.values[i]:.3g} at {self.grid[i]:.3g}" for i in (0, -1)]
        return (
            f"Effect({self.feature} on {self.output_name}, {self.bins_in_words} of "
            f"{self.counts.min()} to {self.counts.max()} rows, from {ends[0]} to {ends[1]})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class CategoryEffect:
    """The accumulated local effect of a feature of categories.

    Parameters
    ----------
    feature : str
        The column.
    categories : tuple of k
        The categories, those beside each other whose rows are alike in the other columns.
    values : ndarray of shape (k,)
        The effect of each, in units of the output; its mean over the rows is zero.
    counts : ndarray of int, shape (k,)
        How many rows each has.
    output_name, output_space : str
        Which output of the model, on which scale.

    Notes
    -----
    Taught in: global/effects.

    Examples
    --------
    >>> import pandas as pd
    >>> from xaikit import effects
    >>> flats = pd.DataFrame({"town": ["Bonn", "Ulm", "Ulm", "Bonn"], "rooms": [2, 3, 5, 4]})
    >>> effects.ale(lambda X: (X.town == "Ulm") * 7.0 + X.rooms, flats, "town").to_frame()
      category  rows  effect
    0     Bonn     2    -3.5
    1      Ulm     2     3.5
    """

    feature: str
    categories: tuple[object, ...]
    values: FloatArray
    counts: IntArray
    output_name: str
    output_space: str

    def to_frame(self) -> pd.DataFrame:
        """Return the categories, a row each.

        Returns
        -------
        DataFrame
            Columns "category", "rows", the count, and "effect".
        """
        return pd.DataFrame(
            {"category": self.categories, "rows": self.counts, "effect": self.values}
        )

    def __repr__(self) -> str:
        low, high = int(self.values.argmin()), int(self.values.argmax())
        ends = [f"{self.values[i]:.3g} for {self.categories[i]}" for i in (low, high)]
        return (
            f"CategoryEffect({self.feature} on {self.output_name}, {len(self.categories)} "
            f"categories of {self.counts.min()} to {self.counts.max()} rows, from {ends[0]} to "
            f"{ends[1]})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class PairEffect:
    """What two features do together beyond what each does alone.

    Parameters
    ----------
    features : tuple of two str
        The columns.
    grids : tuple of two ndarrays, shapes (k + 1,) and (m + 1,)
        The edges of the bins of each, as in `Effect`.
    values : ndarray of shape (k + 1, m + 1)
        The effect at each corner of the cells, in units of the output, bilinear in
        between; its mean over the rows is zero, and so are its own first-order effects.
    uncentred : ndarray of shape (k + 1, m + 1)
        The effect accumulated from the lowest corner, before the first-order effects
        are taken out: zero along both lowest edges.
    counts : ndarray of int, shape (k, m)
        How many rows lie in each cell.
    output_name, output_space : str
        Which output of the model, on which scale.
    n_bins_asked : int, optional
        How many bins of each feature were asked for, as in `Effect`.

    Notes
    -----
    Taught in: global/effects.

    Examples
    --------
    >>> import numpy as np
    >>> from xaikit import effects
    >>> X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    >>> effects.ale(lambda X: X[:, 0] * X[:, 1], X, (0, 1), n_bins=1).values
    array([[ 1., -1.],
           [-1.,  1.]])
    """

    features: tuple[str, str]
    grids: tuple[FloatArray, FloatArray]
    values: FloatArray
    uncentred: FloatArray
    counts: IntArray
    output_name: str
    output_space: str
    n_bins_asked: int | None = None

    @property
    def filled(self) -> BoolArray:
        """The cells without rows, whose change was taken from the nearest cell; (k, m)."""
        empty: BoolArray = self.counts == 0
        return empty

    def __repr__(self) -> str:
        a, b = (_in_words(str(bins), bins, self.n_bins_asked) for bins in self.counts.shape)
        return (
            f"PairEffect({self.features[0]} × {self.features[1]} on {self.output_name}, "
            f"{a} × {b} cells, {int(self.filled.sum())} of them empty, "
            f"from {self.values.min():.3g} to {self.values.max():.3g})"
        )


def _in_words(text: str, bins: int, asked: int | None) -> str:
    if asked is None or bins >= asked:
        return text
    return f"{text} (not {asked}: there are {bins + 1} values)"
