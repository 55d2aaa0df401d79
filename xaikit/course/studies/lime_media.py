"""LIME for texts over ten trainings, and for all handwritten zeros: for local/lime.

A classifier of manual pages is trained on ten splits and asked about another library's pages;
LIME names the first word of ten pages for each. Then each zero among the test digits is
explained twice, its patches hidden by their mean and by ink.
"""

from __future__ import annotations

import os
import re
from inspect import getdoc
from types import ModuleType
from typing import Any

os.environ["TQDM_DISABLE"] = "1"  # LIME for images draws a progress bar

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.stats
import skimage.filters
from lime.lime_image import LimeImageExplainer
from lime.lime_text import LimeTextExplainer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline

from xaikit import datasets

TRAININGS, PAGES = 10, 10
STRIP = np.array([0, 1, 1, 2, 2, 3, 3, 4])
PATCHES = STRIP[:, None] * 5 + STRIP  # 25 patches, the hole is number 12
HOLE = 12


def pages(module: ModuleType) -> list[str]:
    """Return the manual pages of a module's functions, classes and distributions."""
    members = [getattr(module, name) for name in sorted(module.__all__)]
    found = [getdoc(member) for member in members if callable(member)]
    return [page for page in found if page and len(page.split()) > 20]


def first_word(reader: LimeTextExplainer, text: str, model: Pipeline) -> str:
    """Return the word that LIME puts first."""
    told = reader.explain_instance(text, model.predict_proba, num_features=1, num_samples=500)
    return str(told.as_list()[0][0])


def help_desk(split: int) -> dict[str, float]:
    """Return what one training of the help desk finds, here and elsewhere."""
    on_statistics, on_images = pages(scipy.stats), pages(scipy.ndimage)
    about = np.repeat([0, 1], [len(on_statistics), len(on_images)])
    learnt, held_out, learnt_about, held_out_about = train_test_split(
        on_statistics + on_images, about, stratify=about, random_state=split
    )
    desk = make_pipeline(CountVectorizer(binary=True), LogisticRegression())
    desk.fit(learnt, learnt_about)
    page = getdoc(scipy.ndimage.laplace) or ""
    table = page[page.index("=====") : page.rindex("=====")]
    house = {"ndimage", *re.findall(r"\w+", table)}
    own = [text for text, k in zip(held_out, held_out_about, strict=True) if k == 1]
    other = pages(skimage.filters)
    reader = LimeTextExplainer(random_state=split)
    return {
        "held out": float(desk.score(held_out, held_out_about)),
        "own": float(desk.predict(own).mean()),
        "elsewhere": float(desk.predict(other).mean()),
        "with the table": float(desk.predict([f"{text}\n{table}" for text in other]).mean()),
        "house first": sum(first_word(reader, text, desk) in house for text in own[:PAGES]),
    }


def zeros() -> list[dict[str, float]]:
    """Return, for each zero of the test digits, the hole's weight by mean and by ink."""
    digits = datasets.digits()
    train, test, y_train, y_test = train_test_split(
        digits.X, digits.y, stratify=digits.y, random_state=0
    )
    model = LogisticRegression(max_iter=2000).fit(train.reshape(-1, 64), y_train)

    def predict(images: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(model.predict_proba(images[..., 0].reshape(-1, 64)))

    def weights(image: npt.NDArray[np.float64], hide_color: float | None) -> list[float]:
        told = LimeImageExplainer(random_state=0).explain_instance(
            image,
            predict,
            labels=(0,),
            top_labels=None,
            hide_color=hide_color,
            segmentation_fn=lambda _: PATCHES,
        )
        return [weight for _, weight in sorted(told.local_exp[0])]

    found = []
    for image in test[np.asarray(y_test) == 0]:
        filled = np.where(PATCHES == HOLE, 1.0, image)
        before, after = model.predict_proba(np.stack([image, filled]).reshape(2, 64))[:, 0]
        by_mean, by_ink = weights(image, None), weights(image, 1)
        found.append(
            {
                "ink in the hole": float(image[PATCHES == HOLE].mean()),
                "before": float(before),
                "after": float(after),
                "by mean": by_mean[HOLE],
                "by ink": by_ink[HOLE],
                "hole leads": bool(np.argmax(np.abs(by_ink)) == HOLE),
            }
        )
    return found


def run() -> dict[str, Any]:
    """Return the ten help desks and the zeros."""
    return {
        "desks": [help_desk(split) for split in range(TRAININGS)],
        "zeros": zeros(),
    }
