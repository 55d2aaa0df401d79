"""What XGBoost alone has: dropout, parallel trees, vectors in leaves, what is missing."""

import json

import numpy as np
import pandas as pd
import pytest
import xgboost
from test_tree_readers import CITY, TABLES, TARGETS, fitted
from tree_sums import assert_form, assert_sums, total, without_trees

from xaikit.models.adapters.xgboost import ubjson
from xaikit.models.describe import describe

X = TABLES["missing"]


def boosted(**parameters):
    """Return a booster of ten rounds on the numbers."""
    matrix = xgboost.DMatrix(X, label=TARGETS["two"])
    return xgboost.train({"max_depth": 3, "nthread": 1} | parameters, matrix, 10)


KINDS = {
    "dropout": {"booster": "dart", "rate_drop": 0.5},
    "parallel trees": {"num_parallel_tree": 3, "subsample": 0.5},
    "dropout of parallel trees": {"booster": "dart", "rate_drop": 0.5, "num_parallel_tree": 2},
    "pruned": {"gamma": 1.0, "max_depth": 6, "tree_method": "exact"},
    "by the leaf": {"grow_policy": "lossguide", "max_leaves": 6, "max_depth": 0},
    "its own start": {"base_score": 0.3},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["two", "three", "several"])
def test_kinds_of_boosting(kind, target):
    options = KINDS[kind] | {"enable_categorical": False}
    trees = assert_sums(fitted("xgboost", target, X, **options), X)
    for tree in trees.trees(0)[0]:
        assert_form(tree)


@pytest.mark.parametrize("kind", [xgboost.XGBRFClassifier, xgboost.XGBRFRegressor])
def test_random_forests(kind):
    assert_sums(kind(n_estimators=10, max_depth=3, n_jobs=1).fit(X, TARGETS["two"]), X)


@pytest.mark.parametrize("target", ["several", "three"])
def test_a_vector_of_outputs_in_each_leaf(target):
    model = fitted("xgboost", target, X, multi_strategy="multi_output_tree", tree_method="hist")
    trees = assert_sums(model, X)
    assert len(trees.trees(0)[0]) == 10
    for tree in trees.trees(0)[0]:
        assert_form(tree)
    assert trees.ensemble is None


@pytest.mark.parametrize(
    "objective",
    [
        *("reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror"),
        *("reg:pseudohubererror", "rank:ndcg", "rank:pairwise", "rank:map"),
        *("binary:logistic", "binary:logitraw"),
    ],
)
def test_objectives_whose_margin_is_what_they_answer(objective):
    matrix = xgboost.DMatrix(X, label=TARGETS["two"])
    if objective.startswith("rank"):
        matrix.set_group([50] * 4)
    model = xgboost.train({"objective": objective, "max_depth": 3, "nthread": 1}, matrix, 10)
    trees = assert_sums(model, X)
    if not objective.startswith("binary"):
        assert trees.spaces == ("prediction",)
        own = model.predict(matrix)
        assert np.abs(total(trees, 0, X) - own).max() <= 1e-6 * np.abs(own).max()


def test_two_margins_for_two_classes_are_trees_of_both():
    model = fitted("xgboost", "two", X, objective="multi:softprob", num_class=2)

    def own(rows):
        margins = model.predict(rows, output_margin=True).astype(np.float64)
        return margins[:, [1]] - margins[:, [0]]

    trees = assert_sums(model, X, own=own)
    assert len(trees.trees(1)[0]) == 20


def test_an_estimator_stops_at_its_best_round_and_a_booster_does_not():
    model = xgboost.XGBClassifier(n_estimators=60, max_depth=3, n_jobs=1, early_stopping_rounds=3)
    model.fit(X[:100], TARGETS["two"][:100], eval_set=[(X[100:], TARGETS["two"][100:])], verbose=0)
    best = model.best_iteration + 1
    booster = model.get_booster()
    assert best < booster.num_boosted_rounds()
    assert len(assert_sums(model, X).trees(1)[0]) == best
    assert len(assert_sums(booster, X).trees(1)[0]) == booster.num_boosted_rounds()


@pytest.mark.parametrize("missing", [0.0, -999.0, 0.1, None])
def test_a_number_of_its_own_for_a_missing_value(missing):
    rows = X.round(1).fillna(np.nan if missing is None else missing)
    model = fitted("xgboost", "number", rows, missing=np.nan if missing is None else missing)
    trees = assert_sums(model, rows)
    assert np.isnan(trees.seen(rows)).sum() > 10


def test_numbers_are_categories_where_the_model_was_told_so():
    rng = np.random.default_rng(1)
    table = np.column_stack([rng.normal(size=200), rng.integers(0, 6, size=200)])
    y = table[:, 0] + 2 * np.isin(table[:, 1], [1, 4])
    options = {"feature_types": ["q", "c"], "enable_categorical": True, "max_depth": 3}
    model = xgboost.XGBRegressor(n_estimators=10, n_jobs=1, **options).fit(table, y)
    odd = np.column_stack([np.zeros(11), [0, 1, 1.7, -1, -0.5, 5, 6, 77, 1e9, 2e7, np.nan]])
    trees = assert_sums(model, np.vstack([table, odd]))
    assert all(len(tree.categories) for tree in trees.trees(0)[0][:3])


def test_categories_in_another_order_and_ones_that_were_never_seen():
    """XGBoost takes one that it does not know for the next one that it knows, if there is one."""
    X = TABLES["missing categories"]
    model = fitted("xgboost", "number", X)
    other = X["city"].cat.reorder_categories(["Zell", "Ulm", "Kiel", "Bonn"])
    new = X["city"].cat.add_categories(["Lund", "Aalen"])
    new = new.mask(np.arange(len(X)) % 3 == 0, "Aalen").mask(np.arange(len(X)) % 3 == 1, "Lund")
    few = X["city"].cat.remove_categories(["Kiel"])
    for city in (other, new, few):
        for of in (model, model.get_booster()):
            assert_sums(of, X.assign(city=city), thresholds=False)


def test_text_of_more_bytes_than_letters_is_read_as_xgboost_reads_it():
    names = {"Bonn": "Köln", "Kiel": "Łódź", "Ulm": "", "Zell": "東京"}
    city = CITY.cat.rename_categories(names)
    X = TABLES["numbers"].assign(city=city)
    model = fitted("xgboost", "number", X)
    assert_sums(model, X)
    assert_sums(model, X.assign(city=city.cat.reorder_categories(list(names.values())[::-1])))


@pytest.mark.parametrize(("suffix", "table"), [("json", "missing"), ("ubj", "missing categories")])
def test_boosters_from_a_file(tmp_path, suffix, table):
    rows = TABLES[table]
    fitted("xgboost", "three", rows).save_model(tmp_path / f"model.{suffix}")
    assert_sums(xgboost.Booster(model_file=tmp_path / f"model.{suffix}"), rows)
    loaded = xgboost.XGBClassifier()
    loaded.load_model(tmp_path / f"model.{suffix}")
    assert_sums(loaded, rows)


def test_what_is_no_sum_of_trees_is_refused_with_the_reason():
    assert without_trees(boosted(booster="gblinear")) == "booster 'gblinear'"
    assert without_trees(boosted(objective="count:poisson")) == "loss 'count:poisson'"


def test_shap_is_given_what_it_reads():
    assert describe(boosted(booster="dart")).trees.ensemble is None
    assert describe(boosted(num_parallel_tree=2)).trees.ensemble is None
    assert describe(fitted("xgboost", "two", TABLES["categories"])).trees.ensemble is None
    assert describe(boosted()).trees.ensemble(0).num_boosted_rounds() == 10


def test_a_single_column_and_a_single_row():
    table = pd.DataFrame({"a": TABLES["numbers"]["a"]})
    assert_sums(fitted("xgboost", "number", table), table[:1])


def plain(found):
    """Return what was read with its arrays as lists."""
    if isinstance(found, dict):
        return {name: plain(value) for name, value in found.items()}
    if isinstance(found, np.ndarray):
        return found.tolist()
    return [plain(value) for value in found] if isinstance(found, list) else found


def single(told):
    """Return JSON with its numbers rounded as XGBoost has them, the whole ones as they are."""
    if isinstance(told, dict):
        return {name: single(value) for name, value in told.items()}
    if isinstance(told, list):
        return [single(value) for value in told]
    return float(np.float32(told)) if isinstance(told, float) else told


@pytest.mark.parametrize("kind", ["categories", "dropout", "pruned", "vectors"])
@pytest.mark.parametrize("target", ["two", "several"])
def test_binary_json_holds_what_json_does(kind, target):
    table = TABLES["missing categories"] if kind == "categories" else X
    vectors = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
    options = KINDS.get(kind, vectors if kind == "vectors" else {})
    options = options | {"enable_categorical": kind == "categories"}
    booster = fitted("xgboost", target, table, **options).get_booster()
    told = json.loads(booster.save_raw("json"))
    assert plain(ubjson.read(booster.save_raw("ubj"))) == single(told)


def test_binary_json_of_every_kind():
    saved = (
        b"{L\0\0\0\0\0\0\0\x02\xc3\xa9SL\0\0\0\0\0\0\0\0"
        b"L\0\0\0\0\0\0\0\x01a[#L\0\0\0\0\0\0\0\x05ZTFi\xfeI\x01\0"
        b"L\0\0\0\0\0\0\0\x01b[$d#L\0\0\0\0\0\0\0\x02\x3f\xc0\0\0\xff\x80\0\0}"
    )
    expected = {"\u00e9": "", "a": [None, True, False, -2, 256], "b": [1.5, -np.inf]}
    assert plain(ubjson.read(saved)) == expected


@pytest.mark.parametrize(
    ("saved", "error"),
    [
        (b"[i\x01]", "a list must give its length; got 'i' at 1"),
        (b"[#i\x01i\x01", "a length must be an int64; got 'i' at 2"),
        (b"H", "a value must be of a known kind; got 'H' at 0"),
    ],
)
def test_binary_json_of_another_form_is_refused(saved, error):
    with pytest.raises(ValueError, match=error):
        ubjson.read(saved)
