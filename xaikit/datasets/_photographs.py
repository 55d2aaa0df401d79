"""Photographs that come inside scikit-image and scikit-learn, each with its author and licence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xaikit.core.checks import one_of
from xaikit.core.packaged import packaged_file
from xaikit.datasets._dataset import Dataset

_SKIMAGE, _SKLEARN = ("skimage", "data"), ("sklearn", "datasets", "images")
_CC0 = "CC0 1.0"
_FLICKR = "Carried by scikit-learn, whose README beside the photographs names author and licence."


class _Photograph(NamedTuple):
    place: tuple[str, ...]
    shows: str
    text: str
    source: str
    licence: str


_PHOTOGRAPHS = {
    "astronaut": _Photograph(
        (*_SKIMAGE, "astronaut.png"),
        "a person",
        "The astronaut Eileen Collins in an orange suit before a flag and a model of a shuttle",
        "NASA, Great Images in NASA, https://flic.kr/p/r9qvLn. Carried by scikit-image.",
        "Public domain (NASA; no known copyright restrictions)",
    ),
    "camera": _Photograph(
        (*_SKIMAGE, "camera.png"),
        "a tripod with a camera",
        "A man at a camera on a tripod, on a lawn; grey, here with three equal channels",
        "Lav Varshney. Carried by scikit-image.",
        _CC0,
    ),
    "chelsea": _Photograph(
        (*_SKIMAGE, "chelsea.png"),
        "a cat",
        "The face of the cat Chelsea, from near",
        "Stéfan van der Walt. Carried by scikit-image.",
        _CC0,
    ),
    "china": _Photograph(
        (*_SKLEARN, "china.jpg"),
        "a palace",
        "A palace in China with upturned roofs, behind leaves",
        "danielbuechele, https://www.flickr.com/photos/danielbuechele/6061409035. " + _FLICKR,
        "CC BY 2.0",
    ),
    "coffee": _Photograph(
        (*_SKIMAGE, "coffee.png"),
        "a cup of espresso",
        "A cup of espresso on a saucer with a spoon, on a wooden table",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar. Carried by scikit-image.",
        _CC0,
    ),
    "flower": _Photograph(
        (*_SKLEARN, "flower.jpg"),
        "a flower",
        "A flower with many orange and yellow petals before dark leaves",
        "vultilion, https://www.flickr.com/photos/vultilion/6056698931. " + _FLICKR
        + " Its text gives the name of the other photograph's author; its link is to vultilion.",
        "CC BY 2.0",
    ),
    "rocket": _Photograph(
        (*_SKIMAGE, "rocket.jpg"),
        "a rocket",
        "The start of a Falcon 9 with the satellite DSCOVR, at dusk",
        "SpaceX, https://www.flickr.com/photos/spacexphotos/16511594820. Carried by scikit-image.",
        "Public domain (released by SpaceX)",
    ),
}  # fmt: skip


def photograph(name: str) -> Dataset:
    """Load one photograph, with its author and licence.

    Parameters
    ----------
    name : {"astronaut", "camera", "chelsea", "china", "coffee", "flower", "rocket"}
        Which.

    Returns
    -------
    Dataset
        X of shape (1, height, width, 3), floats in [0, 1]; y 0, what the photograph shows.
        `source` names the author, `licence` what may be done with it.

    Raises
    ------
    ImportError
        If scikit-image, which carries most of them, is not installed.
    ValueError
        If there is no photograph of this name.

    Notes
    -----
    To look at, and to see what a network for photographs says of them; seven photographs
    are no sample. They are read from files inside scikit-image and scikit-learn, nothing is
    fetched. Whoever shows those under CC BY 2.0 names the author.

    Taught in: deep/saliency.

    Examples
    --------
    >>> cup = photograph("coffee")
    >>> cup
    Dataset(1 image of 400 × 600 pixels, outcome: a cup of espresso)
    >>> cup.licence
    'CC0 1.0'
    """
    from matplotlib.image import imread

    one_of("name", name, _PHOTOGRAPHS)
    found = _PHOTOGRAPHS[name]
    # A PNG is read as floats in [0, 1], a JPEG as whole numbers.
    pixels = np.asarray(imread(packaged_file(*found.place)))
    pixels = pixels.astype(np.float64) if pixels.dtype.kind == "f" else pixels / 255.0
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return Dataset(
        X=pixels[None, ..., :3],
        y=np.zeros(1, dtype=np.int64),
        feature_names=None,
        target_names=(found.shows,),
        description=(
            f"{found.text}; y is 0 = {found.shows}. What is wrong with it: one photograph is no "
            "sample, and it was chosen because it shows its subject well."
        ),
        source=found.source,
        licence=found.licence,
    )
