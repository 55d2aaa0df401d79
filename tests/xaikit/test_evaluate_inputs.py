"""What evaluate takes: tables of all kinds, any class, and a clear word on what it refuses."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from made_explanations import made
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import xaikit as xk
from xaikit import evaluate

V, T = ValueError, TypeError
RNG = np.random.default_rng(0)
ROWS = RNG.standard_normal((30, 3))


def model(X):
    return np.asarray(X, dtype=float) @ np.array([2.0, -1.0, 0.5])


E = xk.explain(model, ROWS[:5], background=ROWS)
IMAGES = made(np.ones((2, 4, 4)))


def curve(e=E, background=ROWS, m=model):
    return lambda: evaluate.deletion(m, e, background=background)


def faithful(e=E, **options):
    return lambda: evaluate.faithfulness_correlation(model, e, background=ROWS, **options)


EXPLAINER = partial(xk.explain, model, background=ROWS)


def steady(explainer=EXPLAINER, X=ROWS, **options):
    return lambda: evaluate.stability(explainer, X, **options)


def error(truth, e=E):
    return lambda: evaluate.error(e, truth)


MIXED = pd.DataFrame(
    {
        "age": [20, 30, 40, 50],
        "town": pd.Categorical(["a", "b", "a", "c"]),
        "rich": [True, False, True, False],
        "height": [1.5, 1.6, 1.7, 1.8],
    }
)


def mixed_model(frame):
    assert list(frame.dtypes.astype(str)) == ["int64", "category", "bool", "float64"]
    levels = frame["town"].astype(str).map({"a": 0.0, "b": 1.0, "c": 5.0}).to_numpy()
    return frame["age"].to_numpy() / 10 + levels * frame["rich"].to_numpy() + frame["height"]


MIXED_E = xk.explain(mixed_model, MIXED, background=MIXED)
CASES = {
    "no explanation": (curve(e=ROWS), T, "e must be", "Explanation", "ndarray"),
    "of images": (faithful(e=IMAGES), V, "e must", "table", r"\(2, 4, 4\)"),
    "of no rows": (curve(e=E[:0]), V, "e must", "one row", r"\(0, 3\)"),
    "no model": (curve(m="model"), T, "model", "callable", "'model'"),
    "not fitted": (curve(m=LinearRegression()), V, "model", "fitted", "LinearRegression"),
    "another model": (curve(m=lambda X: 2 * model(X)), V, "model must be the one", "differ"),
    "a classifier": (
        curve(m=LogisticRegression().fit(ROWS, ROWS[:, 0] > 0)),
        V,
        "model must have the class",
        "'prediction'",
        "False, True",
    ),
    "no background": (curve(background=None), V, "background", "fewer than 20", "None"),
    "an empty background": (curve(background=ROWS[:0]), V, "background", r"\(0, 3\)"),
    "a narrow background": (curve(background=ROWS[:, :2]), V, "background", "3", "2"),
    "nan in the background": (curve(background=ROWS * np.nan), V, "background", "nan"),
    "a flat background": (curve(background=ROWS[0]), V, "background", "2-D"),
    "a background of text": (curve(background=ROWS.astype(str)), T, "background", "numbers"),
    "other columns": (
        curve(background=pd.DataFrame(ROWS, columns=["a", "b", "c"])),
        V,
        "background",
        "e's columns",
        "'a'",
    ),
    "unknown category": (
        lambda: evaluate.deletion(
            mixed_model,
            MIXED_E,
            background=MIXED.iloc[:3].assign(town=pd.Categorical(["a", "b", "a"])),
        ),
        V,
        "background",
        "categories",
        "'c'",
        "'town'",
    ),
    "text where the background has numbers": (
        lambda: evaluate.deletion(mixed_model, MIXED_E, background=MIXED.assign(town=1)),
        T,
        "background",
        "column types",
        "int64",
        "'town'",
    ),
    "one feature": (
        lambda: evaluate.faithfulness_correlation(lambda X: X[:, 0], made([[1.0]])),
        V,
        "e must",
        "2 columns",
        r"\(1, 1\)",
    ),
    "no subset": (faithful(subset_size=0), V, "subset_size", "1 to 2", "0"),
    "all features": (faithful(subset_size=3), V, "subset_size", "1 to 2", "3"),
    "half a feature": (faithful(subset_size=1.5), T, "subset_size", "whole", "1.5"),
    "one subset": (faithful(n_subsets=1), V, "n_subsets", "at least 2", "1"),
    "a bad seed": (faithful(random_state="a"), T, "random_state", "'a'"),
    "entropy of an array": (lambda: evaluate.entropy(ROWS), T, "e must be", "ndarray"),
    "entropy of nothing": (lambda: evaluate.entropy(E[:0]), V, "e must", r"\(0, 3\)"),
    "sparseness of nothing": (lambda: evaluate.sparseness(E[:0]), V, "e must", r"\(0, 3\)"),
    "agreement with an array": (
        lambda: evaluate.sign_agreement(E, ROWS),
        T,
        "second must be",
        "ndarray",
    ),
    "agreement of other shapes": (
        lambda: evaluate.rank_correlation(E, E[:2]),
        V,
        "second",
        r"\(5, 3\)",
        r"\(2, 3\)",
    ),
    "agreement of other names": (
        lambda: evaluate.sign_agreement(E, replace(E, feature_names=("a", "b", "c"))),
        V,
        "second",
        "feature names",
        "'a'",
    ),
    "agreement of other rows": (
        lambda: evaluate.sign_agreement(E, replace(E, data=np.roll(E.data, 1, axis=0))),
        V,
        "second",
        "rows of first",
        "5 of 5",
    ),
    "ranks of one feature": (
        lambda: evaluate.rank_correlation(made([[1.0]]), made([[1.0]])),
        V,
        "first",
        "2 columns",
    ),
    "top none": (lambda: evaluate.top_k_overlap(E, E, k=0), V, "k must", "1 to 3", "0"),
    "top too many": (lambda: evaluate.top_k_overlap(E, E, k=4), V, "k must", "1 to 3", "4"),
    "top half": (lambda: evaluate.top_k_overlap(E, E, k=1.0), T, "k must", "whole"),
    "truth of words": (error("right"), T, "truth", "numbers", "str"),
    "truth of another shape": (error(np.ones((4, 3))), V, "truth", r"\(5, 3\)", r"\(4, 3\)"),
    "truth with nan": (error(np.full((5, 3), np.nan)), V, "truth", "finite", "nan"),
    "truth of real data": (error(xk.datasets.wine()), V, "truth must be known", "None"),
    "truth of other features": (
        error(xk.datasets.planted_product(5, random_state=0)),
        V,
        "truth",
        "features of e",
        "'x0'",
    ),
    "truth of other rows": (
        error(
            xk.datasets.planted_product(5, random_state=0),
            replace(E, feature_names=("x1", "x2", "noise1")),
        ),
        V,
        "truth",
        "rows that e explains",
        "5 rows",
    ),
    "an explainer of words": (steady("explain"), T, "explainer", "callable", "str"),
    "an explainer of arrays": (steady(model), T, "explainer must return", "ndarray"),
    "an explainer of one row": (steady(lambda X: E[:1]), V, "explainer must return", "30", "1"),
    "an explainer of many shapes": (
        steady(lambda X: made(np.ones((len(X), 1 + (len(X) > 30))))),
        V,
        "explainer must return",
        r"\(1,\)",
        r"\(2,\)",
    ),
    "flat rows": (steady(X=ROWS[0]), V, "X must be 2-D", r"\(3,\)"),
    "nan rows": (steady(X=ROWS * np.nan), V, "X must", "nan"),
    "no way to go": (steady(radius=0.0), V, "radius", "above 0", "0"),
    "an endless way": (steady(radius=np.inf), V, "radius", "finite", "inf"),
    "a way in words": (steady(radius="0.1"), T, "radius", "number", "str"),
    "no neighbours": (steady(n_neighbours=0), V, "n_neighbours", "at least 1", "0"),
    "a constant table": (steady(X=np.ones((5, 3))), V, "background", "varies", "3 in 5"),
    "too small a step": (
        steady(X=np.arange(9).reshape(3, 3)),
        V,
        "radius",
        "large enough",
        "0.1",
        "row 0",
    ),
    "another background": (steady(background=ROWS[:, :2]), V, "background", "3", "2"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_met_at_the_door(name):
    call, kind, *words = CASES[name]
    with pytest.raises(kind, match="(?s)" + ".*".join(words)) as raised:
        call()
    assert type(raised.value) is kind


def test_columns_of_all_types_come_back_as_the_model_knows_them():
    curve = evaluate.deletion(mixed_model, MIXED_E, background=MIXED)
    np.testing.assert_allclose(curve.predictions[:, 0], mixed_model(MIXED))
    np.testing.assert_allclose(curve.predictions[:, -1], mixed_model(MIXED).mean())
    score = evaluate.faithfulness_correlation(mixed_model, MIXED_E, background=MIXED)
    assert score.mean > 0.8


def test_halves_stay_halves_beside_a_background_of_whole_numbers():
    frame = pd.DataFrame({"a": [0.5, 1.5], "b": [1.0, 2.0]})
    background = pd.DataFrame({"a": [0, 1, 5], "b": [1, 2, 3]})

    def total(X):
        return np.asarray(X, dtype=float).sum(axis=1)

    e = xk.explain(total, frame, background=background)
    found = evaluate.deletion(total, e, background=background).predictions[:, 0]
    np.testing.assert_allclose(found, [1.5, 3.5])


def test_missing_values_stay_missing():
    X = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    X.loc[::4, "b"] = np.nan
    forest = HistGradientBoostingRegressor(random_state=0).fit(X, model(ROWS))
    e = xk.explain(forest, X, background=X, method="exact_shapley")
    curve = evaluate.insertion(forest, e, background=X)
    np.testing.assert_allclose(curve.predictions[:, -1], forest.predict(X))


@pytest.mark.parametrize("output", ["low", "middle", "high"])
@pytest.mark.parametrize("space", ["probability", "log-odds", "score"])
def test_any_class_on_any_scale_is_asked_again(output, space):
    y = np.where(ROWS[:, 0] > 0.4, "high", np.where(ROWS[:, 0] < -0.4, "low", "middle"))
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    classifier = LogisticRegression().fit(frame, y)
    e = xk.explain(classifier, frame, method="exact_shapley", output=output, output_space=space)
    curve = evaluate.deletion(classifier, e)
    np.testing.assert_allclose(curve.predictions[:, 0], e.predictions)
    assert curve.output_space == space


def test_numbered_classes_and_columns_are_found_by_name():
    forest = RandomForestClassifier(10, random_state=0).fit(ROWS, np.digitize(ROWS[:, 0], [0]) + 3)
    e = xk.explain(forest, ROWS, output=3, method="exact_shapley")
    assert evaluate.deletion(forest, e).predictions[:, 0] == pytest.approx(e.predictions)

    def two(X):
        return np.column_stack([model(X), -model(X)])

    e = xk.explain(two, ROWS, output=1)
    assert evaluate.deletion(two, e).predictions[:, 0] == pytest.approx(-model(ROWS))


def test_a_pipeline_of_categories_is_asked_with_a_frame():
    encode = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough")
    pipeline = make_pipeline(encode, LinearRegression()).fit(MIXED, [1.0, 2.0, 4.0, 8.0])
    e = xk.explain(pipeline, MIXED, background=MIXED)
    curve = evaluate.insertion(pipeline, e, background=MIXED)
    np.testing.assert_allclose(curve.predictions[:, -1], pipeline.predict(MIXED))


def test_stability_moves_numbers_and_keeps_types():
    frame = pd.concat([MIXED] * 10, ignore_index=True)
    seen = []

    def explainer(rows):
        seen.append(rows)
        return xk.explain(mixed_model, rows, background=frame)

    evaluate.stability(explainer, frame, radius=0.2, n_neighbours=5, random_state=0)
    before, after = seen
    assert list(after.dtypes) == list(before.dtypes)
    start = before.loc[before.index.repeat(5)].reset_index(drop=True)
    assert (start[["town", "rich"]] == after[["town", "rich"]]).all(axis=None)
    steps = (after["age"] - start["age"]).to_numpy()
    assert set(steps) == {-2, -1, 0, 1, 2}
    moved = (after["height"] - start["height"]).abs()
    assert 0 < moved.max() <= 0.2 * frame["height"].std(ddof=0)


def test_images_have_entropy_and_agreement():
    rng = np.random.default_rng(0)
    first, second = (made(rng.standard_normal((3, 4, 5))) for _ in range(2))
    first, second = (replace(e, data=np.zeros((3, 4, 5))) for e in (first, second))
    assert evaluate.entropy(first).highest == pytest.approx(np.log(20))
    assert evaluate.sparseness(IMAGES).mean == pytest.approx(0)
    assert evaluate.rank_correlation(first, first).mean == 1
    assert abs(evaluate.rank_correlation(first, second).mean) < 0.5
    assert evaluate.top_k_overlap(first, first, k=20).mean == pytest.approx(1)
    assert evaluate.error(first, first.values).by_feature.shape == (4, 5)


def test_the_same_seed_draws_the_same():
    wide = np.random.default_rng(0).standard_normal((20, 12))

    def bumpy(X):
        return np.abs(X).sum(axis=1) * X[:, 0]

    e = xk.explain(bumpy, wide, method="exact_shapley")
    first, same, other = (
        evaluate.faithfulness_correlation(bumpy, e, random_state=seed).values for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    first, same, other = (steady(random_state=seed)().lipschitz for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_results_read_well_and_cannot_be_changed():
    curve = evaluate.deletion(model, E, background=ROWS)
    scores = evaluate.entropy(E)
    steadiness = steady(n_neighbours=2)()
    wrong = evaluate.error(E, np.zeros((5, 3)))
    assert "deletion curve of 5 rows over 3 features" in repr(curve)
    assert "lower is better" in repr(curve)
    assert "higher is better" in repr(evaluate.insertion(model, E, background=ROWS))
    assert "1 row " in repr(evaluate.entropy(E[:1]))
    assert "1 row " in repr(evaluate.deletion(model, E[:1], background=ROWS))
    assert "stability of 30 rows" in repr(steadiness)
    assert "relative inf" in repr(wrong)
    assert (len(curve), len(scores), len(steadiness)) == (5, 5, 30)
    arrays = [curve.predictions, scores.values, steadiness.lipschitz, wrong.by_row]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
