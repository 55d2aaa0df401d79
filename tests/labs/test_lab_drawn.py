"""Whatever a learner draws with, a judge sees where it stands; and what could not be read, why."""

from __future__ import annotations

import json
import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from xaikit.labs import drawn, listed, numbers, part, unread

NAMES, SIZES = ["a", "b", "c"], [1.0, -2.0, 0.5]


def ends(seen, kind, width):
    """The far ends of bars or segments, rounded, in order."""
    return sorted(tuple(round(n, 6) for n in each[-width:]) for each in seen[kind])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.bar(NAMES, SIZES),
        lambda ax: pd.Series(SIZES, NAMES).plot.bar(ax=ax),
        lambda ax: sns.barplot(x=NAMES, y=SIZES, ax=ax),
    ],
    ids=["matplotlib", "pandas", "seaborn"],
)
def test_bars_of_three_libraries(draw):
    seen = drawn(draw)
    assert sorted(bar[3] for bar in seen["bars"]) == sorted(SIZES)
    assert [text for _, text in seen["x_ticks"]] == NAMES
    assert not seen["beside"]


def test_bars_that_lie():
    seen = drawn(lambda ax: ax.barh(NAMES, SIZES))
    assert sorted(bar[2] for bar in seen["bars"]) == sorted(SIZES)
    assert [text for _, text in seen["y_ticks"]] == NAMES


def test_lines_and_what_runs_across_the_axes():
    def draw(ax):
        ax.plot([0, 1, 2], [3, 5, 4])
        ax.axhline(1.5)
        ax.axvline(0.25)
        ax.set_xlim(-1, 4)
        ax.set_ylim(0, 6)

    seen = drawn(draw)
    assert [0, 3, 1, 5] in seen["segments"]
    assert [1, 5, 2, 4] in seen["segments"]
    assert [-1, 1.5, 4, 1.5] in seen["segments"]
    assert [0.25, 0, 0.25, 6] in seen["segments"]
    assert seen["points"] == []


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.errorbar([0, 1], [2, 3], yerr=[0.5, 0.25], fmt="o"),
        lambda ax: (ax.vlines([0, 1], [1.5, 2.75], [2.5, 3.25]), ax.plot([0, 1], [2, 3], "s")),
        lambda ax: (
            [ax.plot([x, x], ends) for x, ends in ((0, (1.5, 2.5)), (1, (2.75, 3.25)))],
            ax.scatter([0, 1], [2, 3]),
        ),
    ],
    ids=["errorbar", "vlines", "single lines"],
)
def test_intervals_in_three_ways(draw):
    seen = drawn(draw)
    spans = {(a, *sorted((b, d))) for a, b, c, d in seen["segments"] if a == c}
    assert {(0, 1.5, 2.5), (1, 2.75, 3.25)} <= spans
    assert [0, 2] in seen["points"]
    assert [1, 3] in seen["points"]


def test_words():
    def draw(ax):
        ax.plot([0, 1], [0, 1], label="mean")
        ax.set(xlabel="age in years", ylabel="risk", title="Risk")
        ax.legend()

    seen = drawn(draw)
    assert (seen["x_label"], seen["y_label"]) == ("age in years", "risk")
    assert "Risk" in seen["titles"]
    assert seen["legend"] == ["mean"]


def test_what_is_drawn_elsewhere_is_told_and_closed():
    plt.plot([0, 1], [1, 0])  # somebody's figure, which stays as it is
    before = plt.get_fignums()
    seen = drawn(lambda ax: plt.plot([0, 1], [0, 1]))
    assert len(plt.gca().lines) == 1
    assert seen["beside"]
    assert seen["segments"] == []
    assert plt.get_fignums() == before
    with pytest.raises(ZeroDivisionError):
        drawn(lambda ax: plt.figure() and 1 / 0)
    assert plt.get_fignums() == before
    plt.close()


def test_a_flood_is_cut_and_what_is_sent_is_json():
    def draw(ax):
        ax.scatter(np.arange(5000), np.arange(5000))
        ax.plot(np.arange(5000), np.full(5000, np.nan))
        ax.axhspan(1, 2)

    seen = json.loads(json.dumps(drawn(draw)))
    assert len(seen["points"]) == len(seen["segments"]) == 200


SHAPE = (2, 2)


@pytest.mark.parametrize(
    ("value", "shape", "words"),
    [
        (None, SHAPE, "Nothing came back"),
        ([None, None], SHAPE, "Nothing came back"),
        ({}, SHAPE, "no number"),
        ({"a": 1}, SHAPE, "{'a': 1} in what came back, no number"),
        ([[1, "b"], [2, 3]], SHAPE, "There is 'b' in what came back"),
        ("<Explanation>", SHAPE, "There is <Explanation> in what came back"),
        ([[1, None], [2, 3]], SHAPE, "There is None in what came back"),
        ([[1, math.nan], [2, 3]], SHAPE, "NaN or infinity"),
        ([[1, math.inf], [2, 3]], SHAPE, "NaN or infinity"),
        ([[1], [2, 3]], SHAPE, "not equally long"),
        ([[1, 1e13], [2, 3]], SHAPE, "a million millions"),
        ([[1, 10**400], [2, 3]], SHAPE, "a million millions"),
        ([1, 2, 3, 4], SHAPE, r"The shape is \(4,\) and should be \(2, 2\)"),
        (5, SHAPE, r"One number came back, and it should be an array of the shape \(2, 2\)"),
        ([1, 2], (), "There are 2 numbers in what came back, and it should be one"),
        ([], (), "There are 0 numbers"),
    ],
)
def test_why_a_reply_is_not_read(value, shape, words):
    assert numbers(value, shape) is None
    said = unread(value, shape, "Return a matrix.")
    assert said.endswith("Return a matrix.")
    with pytest.raises(ValueError, match=words):
        raise ValueError(said)


@pytest.mark.parametrize("value", [[[1, 2], [3, 4]], [[[1], [2]], [[3], [True]]]])
def test_what_is_read_needs_no_words(value):
    assert unread(value, SHAPE, "Return a matrix.") == ""


def test_where_any_shape_will_do_only_what_is_no_number_is_told():
    assert unread([[1, 2], [3]], None) == unread([], None) == ""
    assert unread(None, None, "Return two.").endswith("with a `return`? Return two.")
    assert "NaN" in unread([[1.0], math.nan], None)


def test_parts_of_nonsense_are_none():
    assert part([], "a") is None
    assert part({"a": 1}, "a") == 1
    assert listed({"a": 1}, 2) == [None, None]
    assert listed([1, 2], 2) == [1, 2]
