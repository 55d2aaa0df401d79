from __future__ import annotations

import numpy as np
import pytest
from lime.lime_base import LimeBase
from real_lab import marked, open_lab

pytestmark = pytest.mark.slow  # the solved lab is run once

LAB, CHECKS, MODULE = open_lab("l05_lime")


@pytest.mark.slow
def test_what_the_prose_says_about_the_case(solved):
    lines = solved["lines"]
    # The reporter's three runs are three rows of the table.
    first, second, third = lines.loc[3], lines.loc[2], lines.loc[5]
    assert first.nlargest(2).index.tolist() == ["employed", "citizen"]
    assert first["year"] > 0 > third["year"]
    assert second["citizen"] > second["employed"]
    assert len(solved["cases"]) == 5226
    assert solved["woman"][["sex", "employed"]].iloc[0].tolist() == ["Female", "No"]
    assert solved["released"].loc[3295] == 0


def test_the_line_is_limes_without_its_penalty():
    # lime itself fits a ridge; with a penalty of nearly nothing the two are one.
    from sklearn.linear_model import Ridge

    row, samples, width = MODULE._neighbourhood(5)
    data = np.vstack([row, samples])
    distance = np.linalg.norm(data - row, axis=1)

    def kernel(d):
        return np.sqrt(np.exp(-(d**2) / width**2))

    answers = MODULE._bent(data)
    intercept, local, *_ = LimeBase(kernel, random_state=0).explain_instance_with_data(
        data, answers[:, None], distance, 0, 3, "none", Ridge(alpha=1e-10)
    )
    ours = MODULE._fit(data, answers, MODULE._weight(data, row, width))
    np.testing.assert_allclose([v for _, v in sorted(local)], ours[:3], rtol=1e-6)
    assert intercept == pytest.approx(ours[3], rel=1e-6)


def test_the_slopes_that_the_prose_asks_for():
    x = np.linspace(-2, 2, 200_001)
    for name, (truth, _) in MODULE._LINES.items():
        model = {"3": lambda x: 3 * x, "x": lambda x: x**2, "s": lambda x: 10.0 * (x > 0)}[name[0]]
        width = 0.1 if "narrow" in name else 100
        weight = MODULE._weight(x[:, None], np.array([1.0]), width)
        assert MODULE._fit(x[:, None], model(x), weight)[0] == pytest.approx(truth, abs=0.01)


def test_the_kernel_without_its_root_is_told_apart(solved):
    def rootless(predict, row, samples, width):
        line = MODULE._fit(samples, predict(samples), MODULE._weight(samples, row, width, 1.0))
        return line[:-1], line[-1]

    outcome = marked(CHECKS, solved, "q1", local_line=rootless)
    assert outcome.points == 0
    assert "counts" in outcome.message


@pytest.mark.parametrize("word", ["print", "do not print"])
def test_one_word_for_all_captions_earns_nothing(solved, word):
    assert marked(CHECKS, solved, "q7", captions=dict.fromkeys("abcdef", word)).points == 0
