from __future__ import annotations

import contextlib
import io
import re
from dataclasses import replace
from itertools import product

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from real_lab import open_lab

from xaikit.course.labs._mark import mark
from xaikit.course.labs._source import read_source
from xaikit.course.labs._verify import _run

LAB, CHECKS, MODULE = open_lab("l06_saliency")
SOURCE = read_source(LAB)


@pytest.fixture(scope="module")
def solved():
    """The names of the solved notebook, without the cells that ask the real networks."""
    matplotlib.use("Agg")
    cells = [c for c in SOURCE.cells if "if ready(" not in c.source]
    source = replace(SOURCE, cells=tuple(cells))
    return _run(LAB, source, {q: a.solved for q, a in SOURCE.answers.items()})


def outcome(solved, question, code, seed=3):
    """What a learner is told who writes this in place of the solution."""
    names = dict(solved)
    exec(compile(code, "<answer>", "exec"), names)
    return mark(CHECKS, question, names, seed)


# The notebook and the checks


def test_the_notebook_and_the_checks_draw_the_same_moles(solved):
    for ours, theirs in zip(MODULE._moles(10, 4), solved["moles"](10, 4), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("seed", range(20, 60))
def test_the_solution_is_right_whatever_the_seed(solved, seed):
    for question in ("q1", "q3", "q4", "q5", "q8"):
        assert mark(CHECKS, question, solved, seed).status == "correct"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("q1", "slope"), ("q3", "integrated"), ("q4", "grad_cam"), ("q5", "unseen"),
        ("q6", "lay_ruler"), ("q7", "draw"), ("q8", "rather"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "returned", ["None", "float('nan')", "'a map'", "np.ones((2, 2))", "[[1], [2, 3]]"]
)
def test_what_is_no_answer_is_told_as_such_and_never_stops_the_check(
    solved, question, name, returned
):
    found = outcome(solved, question, f"def {name}(*arguments): return {returned}")
    assert found.status == "wrong"
    if returned == "None" and question != "q7":
        assert "end with a `return`" in found.message
    if returned == "float('nan')" and question not in ("q5", "q6", "q7"):
        assert "NaN or infinity" in found.message


def test_each_function_shows_one_small_case_that_can_be_checked_by_hand(solved):
    for question in ("q1", "q3", "q4", "q5", "q6", "q7", "q8"):
        shown = mark(CHECKS, question, solved, 3).code
        assert "gave" in shown
        assert "expected" in shown
    assert "[[16, -2]]" in mark(CHECKS, "q1", solved, 3).code.split("expected")[1]
    assert (2 + 2) ** 3 - (2 - 2) ** 3 == 4 * 16  # the left pixel, raised and lowered by 2
    assert "[[7.5, 0]]" in mark(CHECKS, "q3", solved, 3).code.split("expected")[1]
    assert 2 * (3 * 0.5**2 + 3 * 1.5**2) / 2 == 7.5  # the midpoints of two steps from 0 to 2


# Questions 1 and 3: the network of the checks


@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_the_closed_forms_of_the_checks_are_right(scale):
    f = MODULE._Network(5, scale)
    for step in (1e-4, 0.3):
        one_pixel = step * np.eye(f.image.size).reshape(-1, *f.image.shape)
        found = (f(f.image + one_pixel) - f(f.image - one_pixel)) / (2 * step)
        np.testing.assert_allclose(found.reshape(f.image.shape), f.central(step), rtol=1e-6)
    np.testing.assert_allclose(f.central(1e-6), f.gradient(f.image[None])[0], rtol=1e-6)
    shares, weights = np.polynomial.legendre.leggauss(20)
    points = f.baseline + ((shares + 1) / 2)[:, None, None] * (f.image - f.baseline)
    mean = np.tensordot(weights / 2, f.gradient(points), 1)
    np.testing.assert_allclose((f.image - f.baseline) * mean, f.integral(), rtol=1e-8)
    total = f(f.image[None])[0] - f(f.baseline[None])[0]
    np.testing.assert_allclose(f.integral().sum(), total)


def test_the_gradient_bends_more_than_once_on_the_way():
    shares = np.linspace(0, 1, 201)[:, None, None]
    for seed in range(20):
        f = MODULE._Network([seed, 3, 0])
        way = f.gradient(f.baseline + shares * (f.image - f.baseline))
        turns = (np.diff(np.sign(np.diff(way, axis=0)), axis=0) != 0).sum(axis=0)
        assert turns.max() >= 1
        curve = np.diff(way, 2, axis=0)
        assert (np.diff(np.sign(curve), axis=0) != 0).sum(axis=0).max() >= 1


def test_a_thousand_midpoints_come_within_a_thousandth_of_the_integral(solved):
    for seed in range(60):
        f = MODULE._Network([seed, 3, 2])
        found = solved["integrated"](f.gradient, f.image, f.baseline, 1000)
        np.testing.assert_allclose(found, f.integral(), rtol=1e-4, atol=1e-6)


def test_a_loop_over_the_pixels_is_as_right(solved):
    loop = """
def slope(f, image, step):
    rows = []
    for i in range(len(image)):
        rows.append([])
        for j in range(len(image[0])):
            up, down = image.copy(), image.copy()
            up[i, j] += step
            down[i, j] -= step
            rows[-1].append((f(up[None])[0] - f(down[None])[0]) / (2 * step))
    return rows
"""
    assert outcome(solved, "q1", loop).status == "correct"


# Question 2


def test_guesses_of_the_predictions_earn_little():
    values = [0, 0.25, 0.5, 1, 1.5, 8]
    rng = np.random.default_rng(0)
    earned = [
        CHECKS.judges["q2"](
            dict(zip(MODULE._PIXEL, rng.choice(values, 6).tolist(), strict=True)), 3
        )[0]
        for _ in range(2000)
    ]
    assert np.mean(earned) < 0.1 * CHECKS.points["q2"]
    for value in values:
        assert CHECKS.judges["q2"](dict.fromkeys(MODULE._PIXEL, value), 3)[0] == 0


# Question 4


def test_fridays_map_has_three_faults_and_each_mended_is_a_point(solved):
    names = dict(solved)
    names["grad_cam"] = solved["fridays_cam"]
    assert mark(CHECKS, "q4", names, 3).points == 0
    for faults in product((False, True), repeat=3):
        left = [name for name, is_left in zip(MODULE._FAULTS, faults, strict=True) if is_left]
        names["grad_cam"] = lambda maps, gradients, left=left: MODULE._cam(maps, gradients, left)
        found = {mark(CHECKS, "q4", names, seed).points for seed in range(60)}
        assert found == {3 - len(left)}


# Question 6


def laid(place, change, values="pictures"):
    return f"""
def lay_ruler(pictures, ragged):
    mask = np.zeros((16, 16), dtype=bool)
    mask[{place}] = True
    marked = mask & (ragged == 1)[:, None, None]
    return np.where(marked, np.clip({values} {change}, 0, 1), pictures), mask
"""


def test_without_a_ruler_the_simple_model_goes_by_nothing_small():
    # The mark must be what fools it: unmarked, no eight pixels hold half of the saliency.
    pictures, ragged, _ = MODULE._shown_moles(False)
    means = [pictures[ragged == k].mean(axis=0) for k in (0, 1)]
    saliency = np.abs((means[1] - means[0]) * (pictures - sum(means) / 2)).sum(axis=0)
    assert np.sort(saliency.ravel())[-8:].sum() < 0.5 * saliency.sum()


@pytest.mark.parametrize(
    "place",
    ["15, 4:12", "0, :8", "8:16, 0", "[0, 0, 15, 15] * 2, [0, 15] * 2 + [1, 14] * 2"],
)
def test_a_ruler_along_any_edge_is_right(solved, place):
    assert outcome(solved, "q6", laid(place, "- 0.5")).status == "correct"


def test_the_verdict_on_a_ruler_is_one_for_all_seeds(solved):
    for change in ("- 0.5", "- 0.35", "- 0.2", "+ 0.2"):
        found = {outcome(solved, "q6", laid("15, 4:12", change), seed).points for seed in range(20)}
        assert len(found) == 1


# Question 7


OTHER_DRAWINGS = {
    "seaborn": """
import seaborn as sns
def draw(axes, maps, names):
    top = np.abs(np.concatenate([m.ravel() for m in maps])).max()
    for ax, m, name in zip(axes, maps, names):
        sns.heatmap(m, ax=ax, center=0, vmin=-top, vmax=top, cmap="coolwarm")
        ax.set_title("Map: " + name)
""",
    "pcolormesh": """
def draw(axes, maps, names):
    top = 1.1 * max(np.abs(m).max() for m in maps)
    for ax, m, name in zip(axes, maps, names):
        shown = ax.pcolormesh(m, cmap="seismic", vmin=-top, vmax=top)
        ax.invert_yaxis()
        ax.set_title(name, loc="left")
    plt.colorbar(shown, ax=axes)
""",
    "a norm, and turned twice": """
from matplotlib.colors import CenteredNorm
def draw(axes, maps, names):
    norm = CenteredNorm(0, max(np.abs(m).max() for m in maps))
    for k in (0, 1):
        shown = axes[k].imshow(maps[k][::-1], origin="lower", norm=norm, cmap="berlin")
        axes[k].set_title(names[k])
        axes[k].figure.colorbar(shown, ax=axes[k])
""",
}


@pytest.mark.parametrize("how", OTHER_DRAWINGS)
def test_any_drawing_that_can_be_read_is_right(solved, how):
    before = plt.get_fignums()
    found = outcome(solved, "q7", OTHER_DRAWINGS[how])
    assert found.status == "correct", found
    assert plt.get_fignums() == before


def test_each_part_of_a_drawing_counts_by_itself(solved):
    bare = "def draw(axes, maps, names):\n for ax, m in zip(axes, maps): ax.imshow(m)"
    found = outcome(solved, "q7", bare)
    assert found.points == 0
    assert "drawn as they are" in found.message
    one = bare.replace("imshow(m)", "imshow(m, cmap='PiYG')")
    assert outcome(solved, "q7", one).points == 1
    assert "no map" in outcome(solved, "q7", "def draw(axes, maps, names): pass").message


# Question 8


@pytest.mark.parametrize("seed", range(10))
def test_why_this_and_not_that_takes_any_factor_and_no_other_map(seed):
    maps, weights = MODULE._head(seed)

    def judged(change):
        asked = [
            change(np.maximum(maps @ (weights[:, one] - weights[:, other]), 0))
            for one, other in MODULE._PAIRS
        ]
        asked = [a.tolist() if isinstance(a, np.ndarray) else a for a in asked]
        return MODULE.q8_judge({"small": None, "asked": asked}, seed)[0]

    for factor in (1.0, 1 / 20, 1000.0, 1e-6):
        assert judged(lambda right, factor=factor: factor * right) == CHECKS.points["q8"]
    for wrong in (
        lambda right: -right, lambda right: right + 0.01, lambda right: right.T,
        lambda right: 0 * right, lambda right: right**2, lambda right: "espresso",
        lambda right: None,
    ):  # fmt: skip
        assert judged(wrong) == 0


def test_the_gradient_that_question_8_asks_for_is_the_weight_over_the_places():
    maps, weights = MODULE._head(3)
    scores = maps.mean(axis=(0, 1)) @ weights
    step = 1e-6
    for place in ((0, 0, 0), (4, 3, 5)):
        moved = maps.copy()
        moved[place] += step
        slope = ((moved.mean(axis=(0, 1)) @ weights) - scores) / step
        np.testing.assert_allclose(slope, weights[place[2]] / 20, rtol=1e-4)


# The real networks


@pytest.mark.slow
def test_the_real_networks_say_what_the_notebook_says():
    """Every cell of the solved notebook runs; its claims hold, or it would stop."""
    matplotlib.use("Agg")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        names = _run(LAB, SOURCE, {q: a.solved for q, a in SOURCE.answers.items()})
    assert "This cell waits" not in said.getvalue()
    claims = re.findall(r"xk\.claim\(", "".join(c.source for c in SOURCE.cells))
    assert len(claims) == 9
    # From black the ruler gets nothing, though it decides; from white it gets most.
    assert names["on_ruler"]["IG from black"] == 0
    # The sentence "Turn one lamp down by a tenth" rests on no claim; the numbers do.
    assert names["off"][16] < 0.01 < 0.2 < names["off"][32]
    assert names["suspicious"].shape == (10, 16, 16)
    assert names["cams"]["espresso"].shape == (7, 7)
    assert names["cup"].size == 150_528  # so that two pictures a number are 301,056
    assert names["cup_maps"].shape == (7, 7, 1280)
