"""Whether the attributions of an image or a text lie where the class does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from xaikit.core.checks import BoolArray, FloatArray, flag, one_of
from xaikit.core.explanation import Explanation
from xaikit.datasets._dataset import Dataset, MaskTruth
from xaikit.evaluate import _checks
from xaikit.evaluate._scores import RowScores, read_only
from xaikit.evaluate._ties import share_of_top


@dataclass(frozen=True, eq=False, repr=False)
class Localisation:
    """How well explanations point at a place, in three ways, beside what chance scores.

    Parameters
    ----------
    pointing : RowScores
        Whether the largest attribution is inside: 1 or 0, and a share where several tie.
    mass : RowScores
        The share of the whole attribution, in size, that is inside.
    rank : RowScores
        Of the k largest attributions, k the size of the place, the share inside.
    chance : ndarray of shape (n,)
        The place's share of the picture, which is what attributions placed at random
        score on average on each of the three.
    part : str
        The name of the place.

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> one, half = (RowScores(np.array([x]), "", 0.0, 1.0, "higher") for x in (1.0, 0.5))
    >>> Localisation(one, half, half, np.array([0.2]), "object")
    localisation of the object in 1 row: pointing game 1, mass inside 0.5, rank accuracy 0.5
      (from 0 to 1, higher is better; chance scores 0.2)
    """

    pointing: RowScores
    mass: RowScores
    rank: RowScores
    chance: FloatArray
    part: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "chance", read_only(self.chance))

    def __len__(self) -> int:
        return len(self.chance)

    def __repr__(self) -> str:
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        return (
            f"localisation of the {self.part} in {rows}: pointing game {self.pointing.mean:.3g}, "
            f"mass inside {self.mass.mean:.3g}, rank accuracy {self.rank.mean:.3g}\n"
            f"  (from 0 to 1, higher is better; chance scores {self.chance.mean():.3g})"
        )


def localisation(
    e: Explanation,
    mask: Dataset | MaskTruth | BoolArray,
    *,
    part: str | None = None,
    positive: bool = False,
) -> Localisation:
    """Measure how much of an explanation's attribution lies where it should.

    Parameters
    ----------
    e : Explanation
        Of images or texts.
    mask : Dataset, MaskTruth or bool array of shape (n, height, width) or (n, length)
        Where the attribution should be: planted data, of which `e` explains all rows in
        order, its truth, or the place itself, such as ``truth.parts["cue"][rows]``.
    part : str, optional
        A named part of the truth, such as "watermark"; left out, what should decide.
    positive : bool
        Count only what speaks for the output; left out, absolute values count.
        Channels are added up before either.

    Returns
    -------
    Localisation
        The pointing game [1]_, mass inside and rank accuracy [2]_ of each row, each
        from 0 to 1; **higher is better**. What counts is how far they are above
        `chance`, the place's share of the picture.

    Raises
    ------
    TypeError
        When `e` is no Explanation, or `mask` is no array of True and False.
    ValueError
        When shapes or rows differ, a dataset has no mask, there is no such part, or the
        place is empty in a row.

    Notes
    -----
    Attributions that tie share their places, so that a constant map scores chance on
    all three, and so does a map of zeros. The pointing game here has no
    margin around the place, where [1]_ allows for 15 pixels.

    What it cannot see: whether the model looks there. A right explanation of a model
    that decides by a watermark scores badly on the object, as it should. Nor the sign,
    unless `positive`; nor anything within the place.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Zhang, J. et al. (2018). Top-down neural attention by excitation backprop.
       International Journal of Computer Vision, 126, 1084-1102.
       https://doi.org/10.1007/s11263-017-1059-x
    .. [2] Arras, L., Osman, A. and Samek, W. (2022). CLEVR-XAI: A benchmark dataset for
       the ground truth evaluation of neural network explanations. Information Fusion,
       81, 14-40. https://doi.org/10.1016/j.inffus.2021.11.008

    Examples
    --------
    >>> import xaikit as xk
    >>> e = xk.evaluate.edges([[[0.0, 0.0, 0.0, 1.0, 1.0]] * 3])
    >>> place = np.zeros((1, 3, 5), dtype=bool)
    >>> place[:, :, 2:] = True
    >>> localisation(e, place).mass.values
    array([1.])
    """
    _checks.explanation("e", e)
    flag("positive", positive)
    place, name = _place(e, mask, part)
    # A mask without channels fits values that have theirs last or, failing that, first.
    shape = e.values.shape
    is_last = place.shape in (shape, shape[:-1])
    values = e.values if is_last else np.moveaxis(e.values, 1, -1)
    pooled = values.reshape(*place.shape, -1).sum(axis=-1).reshape(len(e), -1)
    sizes = np.maximum(pooled, 0.0) if positive else np.abs(pooled)
    inside = place.reshape(len(e), -1)
    size = inside.sum(axis=1)
    chance = inside.mean(axis=1)

    def scored(values: FloatArray, measure: str) -> RowScores:
        return RowScores(values.clip(0.0, 1.0), measure, 0.0, 1.0, "higher")

    return Localisation(
        pointing=scored((share_of_top(sizes, 1) * inside).sum(axis=1), "pointing game"),
        mass=scored(_share(sizes, inside, chance), "mass inside"),
        rank=scored((share_of_top(sizes, size) * inside).sum(axis=1) / size, "rank accuracy"),
        chance=chance,
        part=name,
    )


def _share(sizes: FloatArray, inside: BoolArray, without: FloatArray) -> FloatArray:
    """Return the share of the attribution inside; `without` for rows that have none."""
    # Scaled to 1, so that the sum does not overflow.
    largest = sizes.max(axis=1, keepdims=True)
    scaled = sizes / np.where(largest > 0, largest, 1.0)
    total = scaled.sum(axis=1)
    found = (scaled * inside).sum(axis=1) / np.where(total > 0, total, 1.0)
    share: FloatArray = np.where(total > 0, found, without)
    return share


def _place(e: Explanation, mask: Any, part: str | None) -> tuple[BoolArray, str]:
    """Return the checked place, its shape that of the rows without channels, and its name."""
    if isinstance(mask, Dataset):
        if not isinstance(mask.truth, MaskTruth):
            raise ValueError(
                "mask must be of data that say where the class stands; got a Dataset whose "
                f"truth is {'None' if mask.truth is None else type(mask.truth).__name__}."
            )
        if not np.array_equal(np.asarray(mask.X), e.data):
            raise ValueError(
                f"mask must be of the rows that e explains, {len(e)} in order; got a Dataset of "
                f"{len(mask.X)} rows that are not all the same. For some of the rows pass "
                "truth.mask[rows]."
            )
        mask = mask.truth
    name = part or "mask"
    if isinstance(mask, MaskTruth):
        if part is None:
            mask, name = mask.mask, "part that should decide"
        else:
            mask = mask.parts[one_of("part", part, mask.parts)]
    elif part is not None:
        raise ValueError(
            f"part must be left out unless mask is a Dataset or a MaskTruth; got {part!r}."
        )
    place = np.asarray(mask)
    if place.dtype != bool:
        raise TypeError(
            f"mask must be a Dataset, a MaskTruth or an array of True and False; got "
            f"{type(mask).__name__} of {place.dtype}."
        )
    _check_place(e, place)
    return place, name


def _check_place(e: Explanation, place: BoolArray) -> None:
    shape = e.values.shape
    # Without channels, or with no channels to be without.
    known = {2: [shape], 3: [shape, shape[:-1]]}
    fitting = known.get(len(shape), [shape[:-1], (shape[0], *shape[2:])])
    if place.shape not in fitting:
        raise ValueError(
            f"mask must have the shape of e's rows without channels, "
            f"{' or '.join(map(str, fitting))}; got {place.shape}. For some of the rows pass "
            "truth.mask[rows]."
        )
    empty = np.flatnonzero(~place.reshape(len(place), -1).any(axis=1))
    if len(empty):
        raise ValueError(
            f"mask must have a place in every row; got none in {len(empty)} of {len(place)} rows, "
            f"the first of them row {empty[0]}. Measure the others: has = mask.any(axis=(1, 2)), "
            "then e[has] and mask[has]."
        )
