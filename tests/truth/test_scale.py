"""A model on another scale has the same explanations, on that scale: to the last digit.

The scales are powers of two, about 1e-12 and 1e12: multiplying by one changes no digit.
"""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import xaikit as xk
from xaikit import boundary

SCALES = [2.0**-40, 2.0**40]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 12))
MIX = RNG.normal(size=(12, 4))
WEIGHTS = RNG.normal(size=12)


def network(rows):
    return np.tanh(rows @ MIX).sum(axis=1) + rows[:, 0] * rows[:, 1] + 3


def scaled(scale):
    """A model of 12 columns on a scale, of which 1e12 is no power of two."""
    return lambda rows: network(np.asarray(rows)) * scale


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("kernel_shap", {"n_samples": 300}),
        ("exact_shapley", {}),
        ("occlusion", {}),
        ("lime", {"n_samples": 200}),
    ],
)
def test_attributions_scale_with_the_model(method, options, scale):
    def of(factor):
        how = {"background": X[2:12], "method": method, "random_state": 0, **options}
        return xk.explain(scaled(factor), X[:2], **how)

    one, other = of(1.0), of(scale)
    np.testing.assert_array_equal(other.values, scale * one.values)
    for name in ("standard_error", "spread"):
        if name in one.diagnostics:
            np.testing.assert_array_equal(
                other.diagnostics[name], scale * one.diagnostics[name], err_msg=name
            )
            assert (one.diagnostics[name] > 0).all()


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e12, 1e300])
def test_kernel_shap_of_a_linear_model(scale):
    """shap's solver calls every value below 1e-10 zero: all of them, at 1e-12."""
    e = xk.explain(
        lambda rows: rows @ (scale * WEIGHTS), X[:3], background=X, method="kernel_shap",
        n_samples=200, random_state=0,
    )  # fmt: skip
    truth = WEIGHTS * (X[:3] - X.mean(axis=0))
    np.testing.assert_allclose(e.values / scale, truth, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_a_column_that_the_model_ignores_is_exactly_zero_on_every_scale(scale):
    e = xk.explain(
        lambda rows: scale * rows[:, :11].sum(axis=1), X[:3], background=X, method="kernel_shap",
        n_samples=200, random_state=0,
    )  # fmt: skip
    assert (e.values[:, 11] == 0).all()
    assert (e.values[:, :11] != 0).all()


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("measure", ["deletion", "insertion", "faithfulness_correlation"])
def test_measures_scale_with_the_model(measure, scale):
    def of(factor):
        model = scaled(factor)
        e = xk.explain(model, X[:3], background=X[:20], method="occlusion")
        how = {"random_state": 0} if measure == "faithfulness_correlation" else {}
        return getattr(xk.evaluate, measure)(model, e, background=X[:20], **how)

    one, other = of(1.0), of(scale)
    if measure == "faithfulness_correlation":
        np.testing.assert_array_equal(other.values, one.values)
    else:
        np.testing.assert_array_equal(other.predictions, scale * one.predictions)


@pytest.mark.parametrize("scale", SCALES)
def test_another_model_is_noticed_on_every_scale(scale):
    e = xk.explain(scaled(scale), X[:3], background=X[:20], method="occlusion")
    with pytest.raises(ValueError, match="model must be the one that e explains"):
        xk.evaluate.deletion(scaled(1.1 * scale), e, background=X[:20])


def test_a_prediction_of_zero_may_be_rounded():
    """What is large and cancels leaves its rounding: that is no other model."""
    e = xk.explain(
        lambda rows: rows[:, 0] - rows[:, 1], [[3.0, 3.0]], background=[[0.0, 0.0]] * 20,
        method="exact_shapley",
    )  # fmt: skip
    assert e.predictions == e.base_values == 0
    xk.evaluate.deletion(
        lambda rows: (rows[:, 0] + 0.1) - (rows[:, 1] + 0.1) + 4e-16, e,
        background=np.zeros((20, 2)),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("scale", SCALES)
def test_integrated_gradients_go_on_until_the_tolerance_on_every_scale(scale):
    keras = pytest.importorskip("keras")
    layers = [keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)]
    weights = [RNG.normal(size=(3, 4)) * 2, np.zeros(4), RNG.normal(size=(4, 1)), np.zeros(1)]
    of = {}
    for factor in (1.0, scale):
        model = keras.Sequential(layers)
        model.set_weights([*weights[:2], weights[2] * factor, weights[3]])
        of[factor] = xk.explain(
            model, X[:2, :3].astype("float32"), method="integrated_gradients",
            baseline=np.zeros(3), tolerance=1e-6,
        )  # fmt: skip
    for name, values in of[1.0].diagnostics.items():
        np.testing.assert_array_equal(of[scale].diagnostics[name], values, err_msg=name)
    np.testing.assert_array_equal(of[scale].values, scale * of[1.0].values)


@pytest.mark.parametrize("power", [-100, -60, -40, 40, 100])
def test_a_counterfactual_of_a_linear_model(power):
    """In the closed form a step along the weights is as long as the weights are large."""
    rows = X[:, :3]
    model = LinearRegression().fit(rows, rows @ [2.0, -1, 0.5])
    model.coef_, model.intercept_ = model.coef_ * 2.0**power, model.intercept_ * 2.0**power
    found = xk.counterfactual(
        model, rows[0], background=rows, target=(5 * 2.0**power, np.inf), random_state=0
    )
    missing = 5 - model.predict(rows[:1])[0] / 2.0**power
    truth = missing / np.linalg.norm(model.coef_ / 2.0**power * rows.std(axis=0))
    assert found.exact
    assert found.distance == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize("scale", [2.0**-80, *SCALES])
@pytest.mark.parametrize("of", ["output", "columns"])
def test_a_curved_boundary(of, scale):
    """A circle: the distance is known, and the refinement comes to it on every scale."""
    factor, unit = (scale, 1.0) if of == "output" else (1.0, scale)
    rows = X[:, :2] * unit
    found = boundary.distance(
        lambda rows: factor * ((rows / unit) ** 2).sum(axis=1), rows[:4], background=rows,
        threshold=1.5 * factor, scale=None, random_state=0,
    )  # fmt: skip
    truth = np.abs(np.sqrt(1.5) - np.linalg.norm(X[:4, :2], axis=1)) * unit
    np.testing.assert_allclose(found.distances, truth, rtol=1e-9)


def test_a_column_of_one_value_does_not_vary_though_its_mean_rounds():
    """The standard deviation of sixty times 0.1 is 3e-17, and no unit of anything."""
    rows = np.column_stack([X[:, 0], np.full(60, 0.1)])
    assert rows[:, 1].std() > 0

    def total(table):
        return table.sum(axis=1)

    found = boundary.distance(
        total, rows[:2], background=rows, threshold=1.0, n_samples=300, random_state=0
    )
    assert np.isinf(found.scale).tolist() == [False, True]
    with pytest.raises(ValueError, match="1 such columns"):
        boundary.slice_2d(total, rows)
    with pytest.raises(ValueError, match="must have a column of numbers that varies"):
        xk.evaluate.stability(lambda table: xk.explain(total, table), rows[:, 1:])
