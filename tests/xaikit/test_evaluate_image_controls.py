"""Measures of images score a right map well, and random, constant and reversed ones badly."""

from dataclasses import replace

import numpy as np
import pytest
from made_explanations import made

from xaikit import evaluate

N, SIDE = 30, 10
RNG = np.random.default_rng(0)


def brightness(X):
    """A model that reads the middle of a picture, and the rest of it not at all."""
    return 1 / (1 + np.exp(4 - np.asarray(X)[:, 3:7, 3:7].sum(axis=(1, 2, 3))))


@pytest.fixture(scope="module")
def copies():
    """The right map and four bad ones."""
    X = RNG.random((N, SIDE, SIDE, 1))
    reads = np.zeros(X.shape)
    reads[:, 3:7, 3:7] = 1.0
    right = X * reads
    # The order of the sizes turned round, where `reversed` turns the sign.
    values = {
        "right": right,
        "random": RNG.standard_normal(X.shape),
        "constant": np.ones(X.shape),
        "reversed": -right,
        "inside out": 1.0 - right,
    }
    base = made(right, X, predictions=brightness(X))
    found = {name: replace(base, values=each) for name, each in values.items()}
    return {**found, "edges": evaluate.edges(base)}


BAD = ("random", "constant", "reversed", "inside out", "edges")


def test_deletion_and_insertion_tell_the_right_from_the_bad(copies):
    for kind, sign in (("deletion", 1), ("insertion", -1)):
        area = {k: sign * getattr(evaluate, kind)(brightness, e).area for k, e in copies.items()}
        for bad in BAD:
            assert area["right"] < area[bad] - 0.15, (kind, bad)


def test_localisation_tells_the_right_from_the_bad(copies):
    mask = np.zeros((N, SIDE, SIDE), dtype=bool)
    mask[:, 3:7, 3:7] = True
    chance = 16 / 100
    for positive in (False, True):
        found = {k: evaluate.localisation(e, mask, positive=positive) for k, e in copies.items()}
        for measure in ("pointing", "mass", "rank"):
            score = {k: getattr(each, measure).mean for k, each in found.items()}
            assert score["right"] == 1
            assert score["constant"] == pytest.approx(chance)
            assert score["inside out"] < chance
            assert score["random"] < 2 * chance
            assert score["edges"] < 2 * chance
            # Only with positive values does the sign count.
            assert score["reversed"] == 1 if not positive else score["reversed"] < chance + 1e-12
    assert found["right"].chance == pytest.approx(chance)


def test_localisation_cannot_see_that_the_model_looks_elsewhere():
    e = made(np.ones((1, 2, 2, 1)))
    e = replace(e, values=[[[[1.0], [0.0]], [[0.0], [0.0]]]])
    object_, mark = np.zeros((2, 1, 2, 2), dtype=bool)
    object_[0, 1, 1] = mark[0, 0, 0] = True
    assert evaluate.localisation(e, object_).mass.mean == 0
    assert evaluate.localisation(e, mark).mass.mean == 1
