"""Counterfactuals of Keras networks: classes by number, asked without `predict`."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import xaikit as xk

pytestmark = pytest.mark.slow
X, Y = load_iris(return_X_y=True)
TWO = LogisticRegression(max_iter=1000).fit(X, Y > 0)
THREE = LogisticRegression(max_iter=1000).fit(X, Y)


def dense(width, activation, weights, offsets, columns=4):
    """A network of one layer with these weights."""
    layer = keras.layers.Dense(width, activation=activation)
    network = keras.Sequential([keras.Input((columns,)), layer])
    layer.set_weights([np.asarray(weights, np.float32), np.asarray(offsets, np.float32)])
    return network


@pytest.fixture(scope="module")
def two():
    return dense(1, "sigmoid", TWO.coef_.T, TWO.intercept_)


@pytest.fixture(scope="module")
def three():
    return dense(3, "softmax", THREE.coef_.T, THREE.intercept_)


@pytest.fixture
def no_predict(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked through predict")

    monkeypatch.setattr(keras.Model, "predict", refuse)


@pytest.mark.parametrize("row", [0, 60, 120])
def test_of_one_sigmoid_the_other_class_is_as_near_as_the_formula_says(
    two, row, no_predict, capsys
):
    found = xk.counterfactual(two, X[row], background=X, random_state=0)
    truth = xk.counterfactual(TWO, X[row], background=X)
    assert found.prediction == int(truth.prediction)
    assert found.distance == pytest.approx(truth.distance, rel=1e-3)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("row", "target"), [(0, 1), (0, 2), (60, 2), (120, 0)])
def test_of_a_softmax_a_class_is_asked_for_by_its_number(three, row, target, no_predict):
    found = xk.counterfactual(three, X[row], background=X, target=target, random_state=0)
    truth = xk.counterfactual(THREE, X[row], background=X, target=target)
    assert found.prediction == target
    assert type(found.prediction) is int
    assert found.distance == pytest.approx(truth.distance, rel=1e-2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_network_itself_gives_the_class_by_predict(two, three, dtype):
    for row in range(0, 150, 10):
        x, background = X[row].astype(dtype), X.astype(dtype)
        found = xk.counterfactual(two, x, background=background, n_samples=500, random_state=row)
        assert (two.predict(found.row, verbose=0)[0, 0] >= 0.5) == found.prediction
        target = int(THREE.predict(X[[row]])[0] + 1) % 3
        found = xk.counterfactual(
            three, x, background=background, target=target, n_samples=500, random_state=row
        )
        assert three.predict(found.row, verbose=0)[0].argmax() == found.prediction == target
        assert found.row.dtype == dtype


def test_probabilities_and_numbers_may_be_asked_for_too(two, three):
    found = xk.counterfactual(two, X[0], background=X, target=(0.8, 1), random_state=0)
    assert 0.8 <= found.prediction <= 1
    found = xk.counterfactual(
        three, X[0], background=X, target=lambda p: p[:, 2] > 0.9, random_state=0
    )
    assert found.prediction.shape == (3,)
    assert found.prediction[2] > 0.9
    line = dense(1, None, [[1.0], [2.0], [0.0], [0.0]], [0.0])
    found = xk.counterfactual(line, X[0], background=X, target=(20, np.inf), random_state=0)
    truth = (20 - X[0] @ [1, 2, 0, 0]) / np.hypot(X[:, 0].std(), 2 * X[:, 1].std())
    assert found.prediction >= 20
    assert found.distance == pytest.approx(truth, rel=1e-3)


def test_a_frame_keeps_its_names(three):
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    found = xk.counterfactual(
        three, frame.iloc[0], background=frame, target=1, fixed=["a", "b"], random_state=0
    )
    assert set(found.changes["feature"]) == {"c", "d"}


def image():
    return keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])


def several():
    return dense(2, "sigmoid", np.ones((4, 2)), [0.0, 0.0])


BAD = {
    "no class named": (
        "three", {}, "target must name one of the classes 0, 1, 2; got None",
    ),
    "no such class": ("three", {"target": 7}, "target must be one of the classes 0, 1, 2; got 7"),
    "an interval of three": (
        "three", {"target": (0.5, 1)},
        "target must be the number of a class, or a function of the predictions.*3 outputs",
    ),
    "the class it has": ("three", {"target": 0}, "target must be another answer.*class 0"),
    "several sigmoids": (
        several, {}, "target must be given for a network: an interval.*got None",
    ),
    "a class of several sigmoids": (several, {"target": 1}, r"target must give \(low, high\).*1"),
    "images": (image, {"target": 1}, "model must take the rows of a table.*images or words"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named(case, request):
    model, options, says = BAD[case]
    network = request.getfixturevalue(model) if isinstance(model, str) else model()
    with pytest.raises(ValueError, match=says):
        xk.counterfactual(network, X[0], background=X, **options)
