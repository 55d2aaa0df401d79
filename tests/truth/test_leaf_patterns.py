"""Trees drawn at random, and paths worked out by hand: Shapley values from leaf patterns."""

import os
import subprocess
import sys
from fractions import Fraction
from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xaikit.core import parallel
from xaikit.methods import _tree_values
from xaikit.methods._leaf_patterns.compiling import compiled
from xaikit.methods._tree_compiled import make_ready
from xaikit.models.trees import Tree

NUMBERS = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, np.nan])
LISTED = st.sampled_from([-1.0, 0.0, 1.0, 2.0])


def one_after_another(work, *columns, n_jobs=None):
    return parallel.spread(work, *columns, n_jobs=n_jobs, progress=False, threads=True)


def tree_values(trees, rows, background, players, spread):
    return _tree_values.tree_values(trees, rows, background, players, players.max() + 1, spread)


@st.composite
def trees(draw, columns, most_depth=5):
    """Draw a tree: repeated columns, categories, branches for missing values, one leaf alone."""
    nodes, categories = [], {}

    def grow(depth):
        node = len(nodes)
        nodes.append(None)
        value = draw(st.integers(-4, 4)) / 2
        if depth == most_depth or draw(st.integers(0, 4)) == 0:
            nodes[node] = (-2, -2.0, -1, -1, False, value)
            return node
        column = draw(st.integers(0, columns - 1))
        if draw(st.booleans()):
            categories[node] = np.array(sorted(draw(st.sets(LISTED))), dtype=float)
        threshold, missing = draw(st.sampled_from([-1.0, 0.0, 0.7, 1.0])), draw(st.booleans())
        left, right = grow(depth + 1), grow(depth + 1)
        nodes[node] = (column, threshold, left, right, missing, value)
        return node

    grow(0)
    feature, threshold, left, right, missing, value = map(np.array, zip(*nodes, strict=True))
    weight = np.ones(len(nodes))
    return Tree(feature, threshold, left, right, missing, value, weight, categories)


@st.composite
def ensembles(draw):
    columns = draw(st.integers(1, 5))
    rows = st.lists(NUMBERS, min_size=columns, max_size=columns)
    return (
        draw(st.lists(trees(columns), min_size=1, max_size=3)),
        np.array(draw(st.lists(rows, min_size=1, max_size=4))),
        np.array(draw(st.lists(rows, min_size=1, max_size=5))),
        np.array(draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))),
    )


def walked(tree, row):
    node = 0
    while tree.left[node] != -1:
        x = row[tree.feature[node]]
        if np.isnan(x):
            goes_left = tree.missing_left[node]
        elif node in tree.categories:
            goes_left = x in tree.categories[node]
        else:
            goes_left = x <= tree.threshold[node]
        node = (tree.left if goes_left else tree.right)[node]
    return tree.value[node]


def by_every_coalition(trees, row, background, players):
    """Return the values by the definition, each coalition asked for itself."""
    d = players.max() + 1

    def worth(coalition):
        known = np.isin(players, coalition)
        mixed = [np.where(known, row, other) for other in background]
        return np.mean([sum(walked(tree, each) for tree in trees) for each in mixed])

    values = np.zeros(d)
    for j in range(d):
        others = [i for i in range(d) if i != j]
        for size in range(d):
            weight = factorial(size) * factorial(d - size - 1) / factorial(d)
            for coalition in combinations(others, size):
                values[j] += weight * (worth((*coalition, j)) - worth(coalition))
    return values


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(ensembles())
def test_the_same_as_asking_every_coalition(ensemble):
    grown, rows, background, players = ensemble
    found = tree_values(grown, rows, background, players, one_after_another)
    asked = [by_every_coalition(grown, row, background, players) for row in rows]
    np.testing.assert_allclose(found, asked, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(ensembles(), st.integers(1, 3))
def test_workers_pieces_and_blocks_do_not_change_a_bit(ensemble, block):
    grown, rows, background, players = ensemble
    whole = tree_values(grown, rows, background, players, one_after_another)

    def over_two(work, *columns):
        return one_after_another(work, *columns, n_jobs=2)

    many = tree_values(grown, rows, background, players, over_two)
    np.testing.assert_array_equal(many, whole)
    apart = [
        tree_values(grown, rows[at : at + block], background, players, one_after_another)
        for at in range(0, len(rows), block)
    ]
    np.testing.assert_array_equal(np.concatenate(apart), whole)


def test_rows_that_go_in_blocks_give_the_same_bits(monkeypatch):
    rng = np.random.default_rng(0)
    grown = [full_tree(rng, depth=6, columns=5) for _ in range(3)]
    rows, background = rng.normal(size=(50, 5)), rng.normal(size=(40, 5))
    whole = tree_values(grown, rows, background, np.arange(5), one_after_another)
    for name, limit in (("_MOST_SUMS", 3 * 5 * 7), ("_MOST_PAIRS", 40 * 7)):
        with monkeypatch.context() as patched:
            patched.setattr(_tree_values, "_DEEP", 1)
            patched.setattr(_tree_values, name, limit)
            blocks = tree_values(grown, rows, background, np.arange(5), one_after_another)
        np.testing.assert_array_equal(blocks, whole)


def full_tree(rng, *, depth, columns):
    inner = 2**depth - 1
    total = 2 * inner + 1
    leaf = np.arange(total) >= inner
    left = np.where(leaf, -1, 2 * np.arange(total) + 1)
    return Tree(
        feature=rng.integers(columns, size=total),
        threshold=rng.normal(size=total),
        left=left,
        right=np.where(leaf, -1, left + 1),
        missing_left=rng.integers(2, size=total).astype(bool),
        value=rng.normal(size=total),
        weight=np.ones(total),
    )


def conjunction(columns, value):
    """Return a tree that gives a value where each of these columns in turn is at most 0."""
    k = len(columns)
    node = np.arange(2 * k + 1)  # k conditions, the leaf of those who hold all, k others
    return Tree(
        feature=np.array([*columns, *[-2] * (k + 1)]),
        threshold=np.zeros(2 * k + 1),
        left=np.where(node < k, node + 1, -1),
        right=np.where(node < k, node + 1 + k, -1),
        missing_left=np.zeros(2 * k + 1, dtype=bool),
        value=np.where(node == k, value, 0.0),
        weight=np.ones(2 * k + 1),
    )


@pytest.mark.parametrize("k", [3, 61, 62, 63, 130])
@pytest.mark.parametrize("again", [False, True])
def test_a_long_path_by_its_formula(k, again):
    """Of k conditions the row fails the first b and the background the a after these."""
    columns = [*range(k), *([0, 1, k // 2, k - 1] if again else [])]
    tree = conjunction(columns, 8.0)
    for a, b in ((1, 0), (k, 0), (2, 1), (k - 1, 1), (1, 2), (0, 2)):
        row, other = np.zeros((1, k)), np.zeros((1, k))
        row[0, :b], other[0, b : b + a] = 1, 1
        found = tree_values([tree], row, other, np.arange(k), one_after_another)[0]
        expected = np.zeros(k)
        if a:
            inside = Fraction(factorial(a - 1) * factorial(b), factorial(a + b))
            expected[b : b + a] = 8 * float(inside)
        if b:
            outside = Fraction(factorial(a) * factorial(b - 1), factorial(a + b))
            expected[:b] = -8 * float(outside)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_background_is_counted_and_not_walked_row_by_row():
    rng = np.random.default_rng(1)
    grown = [full_tree(rng, depth=4, columns=4)]
    rows, background = rng.normal(size=(5, 4)), rng.normal(size=(7, 4))
    once = tree_values(grown, rows, background, np.arange(4), one_after_another)
    often = tree_values(grown, rows, np.repeat(background, 9, 0), np.arange(4), one_after_another)
    np.testing.assert_allclose(often, once, rtol=1e-12, atol=1e-14)


def test_trees_without_a_split_give_nothing():
    leaf = Tree(*map(np.array, ([-2], [-2.0], [-1], [-1], [False], [3.0], [1.0])))
    found = tree_values([leaf], np.ones((2, 3)), np.ones((4, 3)), np.arange(3), one_after_another)
    np.testing.assert_array_equal(found, np.zeros((2, 3)))


def test_it_runs_where_nothing_can_be_kept(monkeypatch):
    """As installed by root and run by somebody without a home, where numba refuses to cache."""
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    def doubled(x):
        return 2 * x

    assert compiled(doubled)(4) == 8


def test_it_is_kept_in_the_users_folder_where_the_package_cannot_be_written_to(
    monkeypatch, tmp_path
):
    """As installed by root and run by somebody who has a home."""
    from numba.core import caching

    in_tree = caching.InTreeCacheLocator
    monkeypatch.setattr(in_tree, "from_function", classmethod(lambda *given: None))
    monkeypatch.setattr(caching.config, "CACHE_DIR", "")
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))

    def doubled(x):
        return 2 * x

    assert compiled(doubled)(4) == 8
    if sys.platform == "linux":
        assert list(tmp_path.rglob("*doubled*.nbc"))


ELSEWHERE = """
import sys
from numba.core import event
from xaikit.methods._tree_compiled import make_ready
with event.install_recorder("numba:compile") as seen:
    place = make_ready(sys.argv[1])
print(len(seen.buffer), place)
"""


@pytest.mark.slow
def test_what_another_process_kept_is_not_compiled_again(tmp_path):
    """As in the sandbox, which may write where this process keeps nothing."""
    command = [sys.executable, "-c", ELSEWHERE, make_ready()]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    times, place = said.stdout.split()
    assert (times, Path(place).parent) == ("0", tmp_path)
