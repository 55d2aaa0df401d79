"""What LightGBM alone has: what counts as missing, means of trees, rounds after the best."""

import lightgbm
import numpy as np
import pandas as pd
import pytest
from test_tree_readers import TABLES, TARGETS, fitted
from tree_sums import assert_form, assert_sums, margin, total, without_trees

from xaikit.models.describe import describe

X = TABLES["missing"]
QUIET = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_leaves": 8}
FOREST = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}


def boosted(y=TARGETS["number"], table=X, rounds=10, **parameters):
    """Return a booster of ten rounds on the numbers."""
    given = {name: parameters.pop(name) for name in ("group", "init_model") if name in parameters}
    start = given.pop("init_model", None)
    categories = parameters.pop("categorical_feature", "auto")
    data = lightgbm.Dataset(table, y, categorical_feature=categories, **given)
    return lightgbm.train(QUIET | parameters, data, rounds, init_model=start)


@pytest.mark.parametrize("target", ["number", "two", "three"])
@pytest.mark.parametrize("options", [{"boosting_type": "dart", "drop_rate": 0.5}, {}])
def test_boosters_and_estimators(target, options):
    model = fitted("lightgbm", target, X, **options)
    trees = assert_sums(model, X)
    assert_sums(model.booster_, X)
    for tree in trees.trees(0)[0]:
        assert_form(tree)
        assert tree.weight[0] == len(X)
        assert (tree.weight > 0).all()


@pytest.mark.parametrize("target", ["number", "two", "three"])
def test_random_forests_predict_the_mean_of_their_trees(target):
    model = fitted("lightgbm", target, X, **FOREST)
    if target == "three":  # of several classes the raw score is the sum
        assert assert_sums(model, X).spaces == ("score",)
        return

    def own(rows):
        return margin(model, rows) / 10

    trees = assert_sums(model, X, own=own)
    if target == "number":
        assert np.abs(total(trees, 0, X) - model.predict(X)).max() <= 1e-12 * np.abs(own(X)).max()
    else:
        assert trees.spaces == ("log-odds",)
        p = model.predict_proba(X)[:, 1]
        assert np.abs(total(trees, 1, X) - np.log(p / (1 - p))).max() <= 1e-9
        described = describe(model).scales["log-odds"]
        logit = described.after(described.function(X)[:, 1])
        assert np.abs(total(trees, 1, X) - logit).max() <= 1e-9
    assert trees.ensemble is None


WITH_ZEROS = X.where(np.random.default_rng(3).uniform(size=X.shape) < 0.7, 0.0)


@pytest.mark.parametrize(
    "options",
    [{}, {"zero_as_missing": True}, {"use_missing": False}, {"zero_as_missing": False}],
    ids=str,
)
def test_what_counts_as_missing(options):
    for table in (WITH_ZEROS, WITH_ZEROS.fillna(0.5)):
        model = boosted(TARGETS["three"], table, objective="multiclass", num_class=3, **options)
        tiny = [0.0, -0.0, 1e-35, -1e-35, float(np.float32(1e-35)), 1.1e-35, -1e-40, np.nan]
        odd = table.iloc[np.zeros(len(tiny) * 3, dtype=int)].reset_index(drop=True)
        for j in range(3):
            odd.iloc[j * len(tiny) : (j + 1) * len(tiny), j] = tiny
        trees = assert_sums(model, pd.concat([table, odd]))
        # Without what is missing in training, zero or not, it counts as zero.
        assert np.isnan(trees.seen(table.iloc[:, :]))[(table == 0).to_numpy()].any() == options.get(
            "zero_as_missing", False
        )


def test_trees_that_do_not_agree_on_what_is_missing():
    first = boosted(table=WITH_ZEROS, zero_as_missing=True)
    told = without_trees(boosted(table=WITH_ZEROS, zero_as_missing=False, init_model=first))
    assert told == "splits that do not agree on whether zero is a missing value"
    filled = WITH_ZEROS.fillna(0.5)
    both = boosted(table=WITH_ZEROS, init_model=boosted(table=filled, zero_as_missing=False))
    assert_sums(both, WITH_ZEROS)


def test_infinity_and_the_ends_of_the_range():
    table = X.copy()
    table.iloc[:20, 0], table.iloc[20:40, 1] = np.inf, -np.inf
    table.iloc[40:50, 2] = 1e300
    assert_sums(boosted(table=table), table)


def test_a_booster_stops_at_its_best_round():
    y = TARGETS["two"]
    first = lightgbm.Dataset(X[:100], y[:100])
    model = lightgbm.train(
        QUIET | {"objective": "binary", "learning_rate": 0.5},
        first,
        80,
        valid_sets=[lightgbm.Dataset(X[100:], y[100:], reference=first)],
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
        keep_training_booster=True,
    )
    assert 0 < model.best_iteration < model.current_iteration()
    trees = assert_sums(model, X)
    assert len(trees.trees(1)[0]) == model.best_iteration
    assert trees.ensemble(1).current_iteration() == model.best_iteration


NUMBERED = np.column_stack(
    [np.random.default_rng(1).normal(size=200), np.random.default_rng(2).integers(0, 60, size=200)]
)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_are_categories_where_the_model_was_told_so(dtype):
    y = NUMBERED[:, 0] + 2 * (NUMBERED[:, 1] % 3 == 1)
    options = {"categorical_feature": [1], "min_data_per_group": 1, "cat_smooth": 0.1}
    model = boosted(y, NUMBERED, **options, max_cat_threshold=60)
    parts = np.concatenate([np.arange(60) + 0.7, -np.arange(60) - 0.5])
    values = [*parts, -1, 60, 63, 64, 1e6, np.nan]
    odd = np.column_stack([np.zeros(len(values)), values])
    rows = np.vstack([NUMBERED, odd]).astype(dtype)
    trees = assert_sums(model, rows)
    assert max(listed.max() for t in trees.trees(0)[0] for listed in t.categories.values()) > 32


def test_zero_is_a_category_where_zero_is_missing_elsewhere():
    table = NUMBERED % 3
    y = table[:, 0] + 2 * (table[:, 1] == 0)
    options = {"categorical_feature": [1], "min_data_per_group": 1, "cat_smooth": 0.1}
    assert_sums(boosted(y, table, zero_as_missing=True, **options), table)


def test_whole_numbers_of_an_array_are_read_in_float32_as_lightgbm_reads_them():
    table = (NUMBERED * 1e8).astype(np.int64)
    model = boosted(NUMBERED[:, 0], table)
    grown = describe(model).trees.trees(0)[0]
    far = {int(t) for tree in grown for t in tree.threshold[tree.feature == 0] if abs(t) > 5e7}
    # Here a float32 is four or eight away from the next one.
    near = np.add.outer(sorted(far), np.arange(-9, 10)).ravel()
    rows = np.vstack([table, np.column_stack([near, np.zeros_like(near)])])
    assert_sums(model, rows, thresholds=False)
    frame = pd.DataFrame(rows, columns=["a", "b"])
    assert_sums(boosted(NUMBERED[:, 0], frame[:200]), frame, thresholds=False)


def test_categories_in_another_order_and_ones_that_were_never_seen():
    X = TABLES["missing categories"]
    model = fitted("lightgbm", "number", X)
    other = X["city"].cat.reorder_categories(["Zell", "Ulm", "Kiel", "Bonn"])
    new = X["city"].cat.add_categories(["Aalen"])
    new = new.mask(np.arange(len(X)) % 3 == 0, "Aalen")
    few = X["city"].cat.remove_categories(["Kiel"])
    ordered = X["city"].cat.as_ordered()
    for city in (other, new, few, ordered):
        assert_sums(model, X.assign(city=city), thresholds=False)
    in_order = X.assign(city=ordered)
    trees = assert_sums(fitted("lightgbm", "number", in_order), in_order)
    assert all(tree.feature[k] != 3 for tree in trees.trees(0)[0] for k in tree.categories)


@pytest.mark.parametrize(
    ("objective", "y"),
    [
        *((o, "number") for o in ("regression", "regression_l1", "huber", "fair", "mape")),
        *((o, "two") for o in ("binary", "lambdarank", "rank_xendcg")),
        *(("quantile", "number"), ("multiclassova", "three")),
    ],
)
def test_objectives_whose_raw_score_is_what_they_answer(objective, y):
    more = {"group": [50] * 4} if "rank" in objective else {}
    model = boosted(
        TARGETS[y], objective=objective, num_class=3 if y == "three" else 1, sigmoid=2.0, **more
    )
    trees = assert_sums(model, X)
    if trees.spaces == ("prediction",):
        assert np.abs(total(trees, 0, X) - model.predict(X)).max() <= 1e-12
    else:
        assert trees.spaces == ("score",)
    if objective == "binary":  # the score of the first class is the negative of the second's
        assert np.abs(total(trees, 0, X) + total(trees, 1, X)).max() == 0


def test_an_objective_of_its_own():
    model = boosted(objective=lambda p, data: (p - data.get_label(), np.ones_like(p)))
    assert_sums(model, X)


def test_models_of_a_leaf_and_from_text():
    flat = boosted(np.full(200, 3.5))
    assert_sums(flat, X)
    table = TABLES["missing categories"]
    told = fitted("lightgbm", "three", table).booster_.model_to_string()
    assert_sums(lightgbm.Booster(model_str=told), table)


def test_what_is_no_sum_of_trees_is_refused_with_the_reason():
    linear = boosted(table=TABLES["numbers"], linear_tree=True)
    assert without_trees(linear) == "linear models in its leaves (linear_tree)"
    assert without_trees(boosted(reg_sqrt=True)) == "loss 'regression sqrt'"
    assert without_trees(boosted(TARGETS["two"], objective="poisson")) == "loss 'poisson'"
    hasty = fitted("lightgbm", "two", X, pred_early_stop=True)
    assert "pred_early_stop" in without_trees(hasty)


@pytest.mark.parametrize("table", ["missing", "missing categories"])
@pytest.mark.parametrize("target", ["number", "two", "three"])
def test_shap_reads_what_it_is_given(table, target):
    import shap

    rows = TABLES[table]
    model = fitted("lightgbm", target, rows)
    trees = describe(model).trees
    explainer = shap.TreeExplainer(trees.ensemble(1), feature_perturbation="tree_path_dependent")
    found = explainer.shap_values(trees.seen(rows[:9]), check_additivity=False)
    base = np.reshape(explainer.expected_value, (1, 1, -1))
    base = base if base.shape[-1] > 1 else base[..., 0]
    sums = trees.of_output(found, 1).sum(axis=1) + trees.of_output(base, 1)[0, 0]
    assert np.abs(sums - margin(model, rows[:9])[:, 1 if target == "three" else 0]).max() <= 1e-9
