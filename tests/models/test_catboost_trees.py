"""What CatBoost alone has: one question a level, hashes of categories, two ways of nan."""

import tempfile

import catboost
import numpy as np
import pandas as pd
import pytest
from test_tree_readers import TABLES, TARGETS, fitted
from tree_sums import assert_form, assert_sums, margin, total, without_trees

from xaikit.models.describe import describe

X = TABLES["missing"]
QUIET = {"verbose": 0, "thread_count": 1, "allow_writing_files": False, "iterations": 10}


def plain(loss, y, table=X, **options):
    """Return a plain model, which answers with the sum of its trees."""
    parameters = {"loss_function": loss, "depth": 3} | options | QUIET
    return catboost.CatBoost(parameters).fit(table, y)


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise", "Lossguide"])
@pytest.mark.parametrize("target", ["number", "two", "three", "several"])
@pytest.mark.parametrize("table", ["missing", "categories"])
def test_ways_to_grow(policy, target, table):
    if policy != "SymmetricTree" and target == "several":
        return  # CatBoost grows no such trees
    rows = TABLES[table]
    options = {"max_leaves": 5} if policy == "Lossguide" else {}
    trees = assert_sums(fitted("catboost", target, rows, grow_policy=policy, **options), rows)
    for tree in trees.trees(0)[0]:
        assert_form(tree)
        assert tree.weight[0] == len(rows)


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
@pytest.mark.parametrize("mode", ["Min", "Max"])
def test_what_is_missing_lies_below_all_or_above(mode, policy):
    model = fitted("catboost", "number", X, nan_mode=mode, grow_policy=policy)
    grown = assert_sums(model, X).trees(0)[0]
    sides = {bool(side) for tree in grown for side in tree.missing_left[tree.left != -1]}
    assert sides == {mode == "Min"}


def test_what_is_missing_where_nothing_was_in_training():
    assert_sums(fitted("catboost", "number", TABLES["numbers"]), X)


def test_arrays_have_no_names():
    model = fitted("catboost", "three", X.to_numpy())
    assert describe(model).feature_names is None
    assert_sums(model, X.to_numpy())


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise"])
def test_categories_of_any_type_and_ones_that_were_never_seen(policy):
    known = TABLES["categories"]
    for city in (known["city"], known["city"].astype(str), known["city"].astype(object)):
        X = known.assign(city=city, year=known["year"].astype(int))
        model = fitted("catboost", "number", X, grow_policy=policy)
        third = np.arange(len(X)) % 3 == 0
        odd = X.assign(city=city.astype(str).mask(third, "Aalen"), year=X["year"].mask(third, 7))
        for rows in (X, odd):
            trees = assert_sums(model, rows)
        assert (trees.seen(odd)[third, 3:] == 0).all()


def test_categories_none_of_which_decides_anything():
    X = TABLES["categories"]
    assert_sums(fitted("catboost", "number", X.assign(city="Kiel", year=1)), X)


def test_columns_in_another_order_are_players_in_theirs():
    X = TABLES["categories"]
    other = X[["year", "c", "city", "a", "b"]]
    model = fitted("catboost", "number", X)
    trees = describe(model, other).trees
    assert trees.players.tolist() == [3, 4, 1, 2, 0]
    own = margin(model, X)[:, 0]
    # Told in the model's order, as `describe` sees to.
    assert np.abs(total(trees, 0, other) - own).max() <= 1e-12 * np.abs(own).max()
    assert describe(model, X).trees.players is None


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        *((loss, "number") for loss in ("RMSE", "MAE", "Huber:delta=1", "Expectile:alpha=0.3")),
        *((loss, "two") for loss in ("Poisson", "Tweedie:variance_power=1.5", "CrossEntropy")),
        *((loss, "three") for loss in ("MultiClass", "MultiClassOneVsAll")),
        ("MultiQuantile:alpha=0.2,0.8", "number"),
    ],
)
def test_plain_models_answer_with_the_sum(loss, target):
    model = plain(loss, TARGETS[target])
    trees = assert_sums(model, X)
    if trees.spaces == ("prediction",):
        ours = [total(trees, k, X) for k in range(margin(model, X).shape[1])]
        assert np.allclose(np.column_stack(ours), model.predict(X).reshape(200, -1), atol=1e-12)


def test_models_of_a_leaf_sums_of_models_and_models_from_a_file(tmp_path):
    flat = plain("RMSE", np.r_[np.zeros(199), 1e-3], depth=1, min_data_in_leaf=150)
    assert_sums(flat, X)
    assert_sums(catboost.sum_models([flat, plain("RMSE", TARGETS["number"])], [2, 0.5]), X)
    rows = TABLES["categories"]
    for kind in ("cbm", "json"):
        fitted("catboost", "three", rows).save_model(str(tmp_path / kind), format=kind)
        read = catboost.CatBoost().load_model(str(tmp_path / kind), format=kind)
        assert_sums(read, rows)


def test_what_the_form_cannot_say_is_refused_with_the_reason():
    X = TABLES["categories"]
    statistics = "statistics of the target in place of categories"
    assert without_trees(fitted("catboost", "number", X, one_hot_max_size=2)) == statistics
    some = fitted("catboost", "two", X, one_hot_max_size=2, grow_policy="Depthwise")
    assert without_trees(some) == statistics
    poisson = catboost.CatBoostRegressor(loss_function="Poisson", **QUIET)
    assert without_trees(poisson.fit(TABLES["missing"], TARGETS["two"])) == "loss 'Poisson'"
    words = pd.DataFrame({"t": np.where(TARGETS["two"], "a good film", "a bad film"), "a": X["a"]})
    text = catboost.CatBoostClassifier(text_features=["t"], **QUIET).fit(words, TARGETS["two"])
    assert without_trees(text) == "columns of text or embeddings"


def test_nothing_is_left_on_the_disk(tmp_path, monkeypatch):
    X = TABLES["categories"]
    model = fitted("catboost", "number", X)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert_sums(model, X)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["number", "two", "three", "several"])
def test_shap_reads_what_it_is_given(target):
    import shap

    model = fitted("catboost", target, X)
    trees = describe(model).trees
    explainer = shap.TreeExplainer(trees.ensemble(1), feature_perturbation="tree_path_dependent")
    found = explainer.shap_values(trees.seen(X[:9]), check_additivity=False)
    base = np.reshape(explainer.expected_value, (1, 1, -1))
    base = base if base.shape[-1] > 1 else base[..., 0]
    sums = trees.of_output(found, 1).sum(axis=1) + trees.of_output(base, 1)[0, 0]
    own = margin(model, X[:9])
    assert np.abs(sums - own[:, 1 if own.shape[1] > 1 else 0]).max() <= 1e-9
    assert describe(fitted("catboost", "number", TABLES["categories"])).trees.ensemble is None
