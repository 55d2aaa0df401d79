"""LIME: lime's own numbers, seeds that follow the rows, and what it tells of itself."""

# ruff: noqa: NPY002 - the global generator is watched

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from lime.lime_tabular import LimeTabularExplainer
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import xaikit as xk
from xaikit.methods.lime import row_seeds

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 4))
DRAWN = {"n_samples": 200, "random_state": 0}


def smooth(Z):
    Z = np.asarray(Z)
    return Z[:, 0] * Z[:, 1] + np.sin(Z[:, 2])


def lime(model=smooth, rows=X[:4], background=X, **options):
    return xk.explain(model, rows, background=background, method="lime", **{**DRAWN, **options})


def theirs(model, rows, background, seeds, *, n_features, n_samples, categorical=(), **options):
    """Return lime's coefficients, intercepts and R² for the seeds that ours drew from."""
    coefficients = np.zeros(rows.shape)
    rest = []
    for row, seed, own in zip(rows, seeds, coefficients, strict=True):
        explainer = LimeTabularExplainer(
            background,
            mode="regression",
            categorical_features=list(categorical),
            random_state=np.random.RandomState(seed),
            **options,
        )
        result = explainer.explain_instance(
            row, model, num_features=n_features, num_samples=n_samples
        )
        for feature, coefficient in result.local_exp[1]:
            own[feature] = coefficient
        rest.append((result.intercept[1], result.score, float(np.squeeze(result.local_pred))))
    return coefficients, *np.array(rest).T


def same_as_lime(e, wanted):
    coefficients, intercepts, scores, local = wanted
    got = e.diagnostics["coefficients"]
    np.testing.assert_array_equal(got != 0, coefficients != 0)
    np.testing.assert_allclose(got, coefficients, rtol=0, atol=1e-9 * np.abs(coefficients).max())
    np.testing.assert_allclose(e.base_values, intercepts, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(e.diagnostics["r2"], scores, rtol=0, atol=1e-9)
    np.testing.assert_allclose(e.base_values + e.values.sum(axis=1), local, rtol=1e-9)
    np.testing.assert_allclose(e.residual, e.predictions - local, rtol=0, atol=1e-9)


@pytest.fixture(scope="module")
def cases():
    cancer, houses = xk.datasets.breast_cancer(), xk.datasets.california_housing()
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    C, H = cancer.X.to_numpy(), houses.X.to_numpy()[::20].astype(float)
    H[:, 1] += RNG.uniform(0, 0.5, size=len(H))  # no ties, so that no bin has one value only
    prices = HistGradientBoostingRegressor(max_iter=20).fit(H, np.asarray(houses.y)[::20])
    return {
        "cancer": (classifier.fit(C, cancer.y), "predict_proba", C),
        "houses": (prices, "predict", H),
        "formula": (smooth, None, X),
    }


@pytest.mark.parametrize("name", ["cancer", "houses", "formula"])
@pytest.mark.parametrize("discretize_continuous", [True, False])
@pytest.mark.parametrize(
    "n_features",
    [3, None, *(pytest.param(n, marks=pytest.mark.slow) for n in (4, 5, 6, 8))],
)
def test_the_same_as_lime(cases, name, discretize_continuous, n_features):
    model, call, background = cases[name]
    rows, d = background[5:8], background.shape[1]
    if n_features is not None and n_features > d:
        n_features = d
    options = {"n_samples": 400, "discretize_continuous": discretize_continuous}
    e = lime(model, rows, background, n_features=n_features, **options)

    def output(Z):
        raw = model(Z) if call is None else getattr(model, call)(Z)
        return raw[:, 1] if raw.ndim == 2 else raw

    wanted = theirs(
        output,
        rows,
        background,
        row_seeds(rows, 0, 1)[:, 0],
        n_features=d if n_features is None else n_features,
        feature_selection="none" if n_features is None else "auto",
        **options,
    )
    same_as_lime(e, wanted)
    assert e.estimated
    assert (np.count_nonzero(e.values, axis=1) == (n_features or d)).all()


@pytest.fixture(scope="module")
def mixed():
    n = 120
    frame = pd.DataFrame(
        {
            "age": RNG.normal(40, 10, size=n),
            "job": RNG.choice(["nurse", "cook", "clerk"], size=n),
            "home": pd.Categorical(RNG.choice(["own", "rent"], size=n)),
            "married": RNG.random(n) > 0.5,
            "debt": RNG.integers(0, 40, size=n),
        }
    )
    y = frame["age"] / 10 + 3 * (frame["job"] == "cook") - 2 * frame["married"] + frame["debt"] / 9
    encoder = make_column_transformer(
        (OneHotEncoder(), ["job", "home"]), remainder="passthrough", sparse_threshold=0
    )
    return frame, make_pipeline(encoder, Ridge(alpha=0.1)).fit(frame, y)


@pytest.mark.parametrize("discretize_continuous", [True, False])
def test_categories_the_same_as_lime(mixed, discretize_continuous):
    frame, model = mixed
    options = {"n_samples": 300, "discretize_continuous": discretize_continuous}
    rows = frame.iloc[30:34]
    e = lime(model, rows, frame, n_features=3, **options)

    levels = {name: list(frame[name].unique()) for name in ("job", "home", "married")}
    levels["married"] = [False, True]
    codes = frame.assign(**{k: frame[k].map(v.index).astype(int) for k, v in levels.items()})

    def output(Z):
        table = pd.DataFrame(Z, columns=frame.columns)
        for name, names in levels.items():
            table[name] = np.array(names, dtype=frame[name].to_numpy().dtype)[
                table[name].astype(int)
            ]
        return model.predict(table)

    coded = codes.to_numpy(dtype=float)
    wanted = theirs(
        output,
        coded[30:34],
        coded,
        row_seeds(rows, 0, 1)[:, 0],
        n_features=3,
        categorical=[1, 2, 3],
        **options,
    )
    same_as_lime(e, wanted)
    assert e.data[0, 1] == rows["job"].iloc[0]


def test_the_model_sees_columns_as_it_was_fitted_with(mixed):
    frame, model = mixed
    seen = []

    def watched(table):
        seen.append(table)
        return model.predict(table)

    lime(watched, frame.head(2), frame)
    table = max(seen, key=len)
    assert list(table.columns) == list(frame.columns)
    assert table["married"].dtype == bool
    assert table["home"].dtype == frame["home"].dtype
    assert set(table["job"]) == {"nurse", "cook", "clerk"}
    assert table["debt"].between(frame["debt"].min(), frame["debt"].max()).all()


def test_arrays_of_booleans_are_categories():
    truth = RNG.random((40, 3)) > 0.5
    seen = []

    def model(Z):
        seen.append(Z)
        return Z[:, 0] + 2.0 * Z[:, 1]

    e = lime(model, truth[:2], truth, n_samples=2000)
    assert {Z.dtype for Z in seen} == {np.dtype(bool)}
    sign = np.where(truth[:2], 1, -1)  # a coefficient is that of having the row's own value
    np.testing.assert_allclose(e.values, sign * [1, 2, 0], atol=0.02)


def test_a_level_that_the_background_lacks(mixed):
    frame, _ = mixed
    row = frame.head(1).assign(job="pilot")
    e = lime(lambda table: 5.0 * (table["job"] == "pilot").to_numpy(), row, frame)
    # No drawn row has it: the line cannot know of it, and the residual says so.
    assert e.diagnostics["coefficients"][0, 1] > 0
    assert e.predictions[0] == 5


METHOD_OPTIONS = [{}, {"discretize_continuous": False}, {"n_repeats": 3}, {"n_features": 2}]


@settings(max_examples=15, deadline=None)
@given(
    order=st.permutations(range(6)),
    kept=st.integers(1, 6),
    seed=st.integers(0, 2**32),
    options=st.sampled_from(METHOD_OPTIONS),
)
def test_a_row_gets_the_same_whatever_rows_stand_beside_it(order, kept, seed, options):
    rows = list(order)[:kept]
    every = lime(rows=X[:6], **options, random_state=seed, n_samples=60)
    some = lime(rows=X[rows], **options, random_state=seed, n_samples=60)
    np.testing.assert_array_equal(some.values, every.values[rows])
    np.testing.assert_array_equal(some.base_values, every.base_values[rows])
    for name, array in every.diagnostics.items():
        np.testing.assert_array_equal(some.diagnostics[name], array[rows])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    d=st.integers(1, 9),
    n_features=st.integers(1, 9),
    n_samples=st.integers(20, 120),
    options=st.sampled_from([*METHOD_OPTIONS[:2], {"kernel_width": 5.0}]),
)
def test_what_is_promised_of_the_numbers(seed, d, n_features, n_samples, options):
    rng = np.random.default_rng(seed)
    background, weights = rng.normal(size=(30, d)), rng.normal(size=d)
    k = min(n_features, d)
    e = lime(
        lambda Z: np.tanh(Z @ weights),
        background[:2],
        background,
        n_features=k,
        n_samples=n_samples,
        random_state=seed,
        **options,
    )
    assert (np.count_nonzero(e.values, axis=1) <= k).all()
    assert ((e.diagnostics["r2"] <= 1 + 1e-12) & (e.diagnostics["r2"] >= -1e-12)).all()
    effective = e.diagnostics["effective_samples"]
    assert ((effective >= 2) & (effective <= n_samples * (1 + 1e-12))).all()
    scaled = np.ones((2, d))
    if not options.get("discretize_continuous", True):
        scaled = (background[:2] - background.mean(axis=0)) / background.std(axis=0)
    np.testing.assert_allclose(e.values, e.diagnostics["coefficients"] * scaled, atol=1e-12)


@pytest.mark.slow
def test_workers_backends_and_bars_do_not_change_the_numbers():
    rows, alone = X[:30], lime(rows=X[:30])
    np.testing.assert_array_equal(lime(rows=rows, n_jobs=2).values, alone.values)
    np.testing.assert_array_equal(lime(rows=rows, progress=True).values, alone.values)
    with parallel_config(backend="threading", n_jobs=4):
        np.testing.assert_array_equal(lime(rows=rows).values, alone.values)


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    lime()
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_other_seeds_give_other_numbers_and_no_seed_too():
    one, two = lime(random_state=1), lime(random_state=2)
    assert np.abs(one.values - two.values).max() > 1e-6
    assert (lime(random_state=None).values != lime(random_state=None).values).any()
    drawn = [lime(random_state=np.random.default_rng(1)).values for _ in range(2)]
    np.testing.assert_array_equal(*drawn)


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int64, bool])
@pytest.mark.parametrize("width", [1, 2, 30])
def test_rows_of_an_array_have_the_seeds_of_the_same_rows_in_a_table(kind, width):
    rows = (10 * np.random.default_rng(0).normal(size=(4, width))).astype(kind)
    np.testing.assert_array_equal(row_seeds(rows, 0, 2), row_seeds(pd.DataFrame(rows), 0, 2))


def test_repeats_are_the_mean_and_spread_over_their_seeds():
    three = lime(n_repeats=3, rows=X[:1])
    seeds = row_seeds(X[:1], 0, 3)[0]
    single = [
        theirs(smooth, X[:1], X, [seed], n_features=4, n_samples=200, feature_selection="none")[0]
        for seed in seeds
    ]
    np.testing.assert_allclose(three.values, np.mean(single, axis=0), atol=1e-9)
    np.testing.assert_allclose(three.diagnostics["spread"], np.std(single, axis=0, ddof=1))
    assert "spread" not in lime().diagnostics
    np.testing.assert_allclose(lime(rows=X[:1]).values, single[0], atol=1e-9)


def test_more_drawn_rows_spread_less():
    few, many = (lime(n_samples=n, n_repeats=8).diagnostics["spread"] for n in (100, 3000))
    assert many.mean() < few.mean() / 2


def test_constant_columns_and_models_are_worth_nothing():
    flat = X.copy()
    flat[:, 1] = 7.0
    for discretize_continuous in (True, False):
        e = lime(
            lambda Z: Z[:, 0] + Z[:, 1],
            flat[:3],
            flat,
            discretize_continuous=discretize_continuous,
            n_features=2,
        )
        np.testing.assert_allclose(e.values[:, 1], 0, atol=1e-12)
        nothing = lime(
            lambda Z: np.full(len(Z), 2.5),
            flat[:3],
            flat,
            discretize_continuous=discretize_continuous,
        )
        np.testing.assert_allclose(nothing.values, 0, atol=1e-12)
        np.testing.assert_allclose(nothing.base_values, 2.5)


def test_a_column_twice_shares_and_is_chosen_once_before_others():
    twice = np.column_stack([X[:, 0], X[:, 0], X[:, 1], X[:, 2]])
    e = lime(
        lambda Z: 5 * Z[:, 0] + Z[:, 2] + 0.1 * Z[:, 3],
        twice[:2],
        twice,
        n_features=3,
        discretize_continuous=False,
    )
    assert np.isfinite(e.values).all()
    assert (e.values[:, 2] != 0).all()


@pytest.mark.parametrize("space", ["probability", "log-odds", "score"])
def test_every_scale_of_a_classifier(space):
    label = np.array(["no", "yes"])[(X[:, 0] > 0).astype(int)]
    model = LogisticRegression().fit(X, label)
    yes, no = (lime(model, X[:3], output=c, output_space=space) for c in ("yes", "no"))
    np.testing.assert_allclose(yes.values, -no.values, atol=1e-9)
    assert yes.output_space == space


V, T = ValueError, TypeError
HOLED = X.copy()
HOLED[3, 1] = np.nan
BOOSTED = HistGradientBoostingRegressor(max_iter=3).fit(HOLED, X[:, 0])
BAD = {
    "one drawn row": ({"n_samples": 1}, V, "n_samples.*at least 2; got 1"),
    "half a row": ({"n_samples": 50.5}, T, "n_samples.*whole number.*50.5"),
    "no features": ({"n_features": 0}, V, "n_features.*from 1 to 4; got 0"),
    "features too many": ({"n_features": 5}, V, "n_features.*from 1 to 4; got 5"),
    "half a feature": ({"n_features": 1.5}, T, "n_features.*whole number.*1.5"),
    "no repeats": ({"n_repeats": 0}, V, "n_repeats.*at least 1; got 0"),
    "no width": ({"kernel_width": 0.0}, V, "kernel_width.*above 0; got 0.0"),
    "a width of nan": ({"kernel_width": np.nan}, V, "kernel_width.*finite.*nan"),
    "a width without end": ({"kernel_width": np.inf}, V, "kernel_width.*finite.*inf"),
    "a width in words": ({"kernel_width": "wide"}, T, "kernel_width.*number above 0.*'wide'"),
    "a true width": ({"kernel_width": True}, T, "kernel_width.*number above 0.*True"),
    "too narrow a kernel": ({"kernel_width": 0.01}, V, "kernel_width.*wide enough.*got 0.01"),
    "words for a switch": ({"discretize_continuous": "no"}, T, "discretize.*True or False.*'no'"),
    "an option of lime's": ({"num_features": 3}, T, "'lime' takes 'n_samples'.*'num_features'"),
    "nan in a row": ({"model": BOOSTED, "rows": HOLED[3:4]}, V, "X.*no missing.*got 1 nan"),
    "nan behind": ({"model": BOOSTED, "background": HOLED}, V, "background.*missing.*got 1 nan"),
    "a bar in words": ({"progress": "yes"}, T, "progress must be True, False or None; got 'yes'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_met_at_the_door(name):
    options, error, message = BAD[name]
    with pytest.raises(error, match=message) as raised:
        lime(**options)
    assert type(raised.value) is error


def test_a_row_far_from_all_others_is_refused_not_explained_by_zeros():
    far = np.full((1, 4), 60.0)
    with pytest.raises(ValueError, match=r"kernel_width.*effective number of rows 1\)"):
        lime(rows=far, discretize_continuous=False)
    assert lime(rows=far, discretize_continuous=False, kernel_width=100.0).values.any()


def test_a_missing_library_says_which_extra_brings_it():
    code = (
        "import sys; sys.modules['lime'] = None\n"
        "import numpy as np, xaikit as xk\n"
        "xk.explain(lambda X: X[:, 0], np.eye(30), method='lime')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: lime is needed here and is not installed: pip install")
    assert "xaikit[methods]" in last


def test_a_forest_by_name_of_its_class():
    model = RandomForestClassifier(n_estimators=5, random_state=0).fit(X, X[:, 0] > 0)
    e = lime(model, X[:2])
    assert (e.method, e.output_space, e.output_name) == ("lime", "probability", "True")
    assert e.importance().index[0] == "x0"
