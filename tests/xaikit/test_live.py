"""A model written down as plain numbers gives the model's own answers."""

import json

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from xaikit import live

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X[:, 0] * X[:, 1] + X[:, 2]
SIDE = (Y > 0).astype(int)

MODELS = [
    (DecisionTreeRegressor(max_depth=4), Y, "prediction"),
    (DecisionTreeClassifier(max_depth=4), SIDE, "probability"),
    (ExtraTreesRegressor(10, random_state=0), Y, "prediction"),
    (RandomForestClassifier(10, random_state=0), SIDE, "probability"),
    (GradientBoostingRegressor(n_estimators=20, random_state=0), Y, "prediction"),
    (GradientBoostingClassifier(n_estimators=20, random_state=0), SIDE, "log-odds"),
    (LinearRegression(), Y, "prediction"),
    (LogisticRegression(), SIDE, "log-odds"),
]


def answer(model, row):
    """What a reader of the written model works out."""
    if "weights" in model:
        return model["offset"] + float(np.dot(model["weights"], row))
    total = model["offset"]
    for tree in model["trees"]:
        node = 0
        while tree["left"][node] >= 0:
            goes_left = np.float32(row[tree["feature"][node]]) <= tree["threshold"][node]
            node = tree["left" if goes_left else "right"][node]
        total += tree["value"][node]
    return total


@pytest.mark.parametrize(("model", "y", "space"), MODELS, ids=lambda v: type(v).__name__)
def test_what_is_written_gives_the_answers_of_the_model(model, y, space):
    fitted = model.fit(X, y)
    written = json.loads(json.dumps(live.table(fitted, X[:20], background=X[50:60])))
    assert written["space"] == space
    got = [answer(written["model"], row) for row in written["rows"]]
    own = {
        "prediction": fitted.predict,
        "probability": lambda rows: fitted.predict_proba(rows)[:, 1],
        "log-odds": getattr(fitted, "decision_function", None),
    }[space](X[:20])
    assert np.allclose(got, own, rtol=0, atol=1e-9)
    assert np.allclose(written["predictions"], own, rtol=0, atol=1e-9)
    values = np.array(written["values"])
    assert np.allclose(written["base"] + values.sum(axis=1), own, rtol=0, atol=1e-9)


def test_the_names_of_a_frame_are_kept():
    frame = pd.DataFrame(X, columns=["age", "debt", "income"])
    written = live.table(LinearRegression().fit(frame, Y), frame[:2], background=frame[:5])
    assert written["features"] == ["age", "debt", "income"]


def test_another_model_is_refused():
    with pytest.raises(TypeError, match="got HistGradientBoostingRegressor"):
        live.table(HistGradientBoostingRegressor().fit(X, Y), X[:2], background=X)


def test_three_classes_are_refused():
    model = DecisionTreeClassifier().fit(X, np.digitize(Y, [-1, 1]))
    with pytest.raises(ValueError, match="two classes at most; got 3"):
        live.table(model, X[:2], background=X)


@pytest.mark.parametrize("name", ["", "Applicant", "a b", "a--b", "-a", 'a"><script>', 3])
def test_a_name_of_another_form_is_refused(name):
    with pytest.raises(ValueError, match="name must be lower-case words joined by hyphens; got"):
        live.hand_over(name, {})


@pytest.mark.parametrize("number", [np.nan, float("inf")])
def test_numbers_that_json_has_not_are_refused(number):
    with pytest.raises(ValueError, match="data must hold finite numbers"):
        live.hand_over("made", {"x": [number]})


def test_data_of_another_type_are_refused():
    with pytest.raises(TypeError, match="data must be a mapping; got list"):
        live.hand_over("made", [1])
    with pytest.raises(TypeError, match="not JSON serializable"):
        live.hand_over("made", {"x": np.zeros(2)})


def test_nothing_in_the_data_ends_the_script(monkeypatch):
    shown = []
    monkeypatch.setattr("xaikit.course.live._hand_over.show", lambda html, text: shown.append(html))
    live.hand_over("made", {"says": "</script><script>alert(1)</script>"})
    assert shown[0].count("</") == 1
    assert shown[0].endswith("</script>")
    # Between these two, "</script>" no longer ends a script.
    live.hand_over("made", {"says": "<!-- <script>"})
    assert shown[1].count("<") == 2
    assert json.loads(shown[1].partition(">")[2].rpartition("<")[0]) == {"says": "<!-- <script>"}


def test_outside_ipython_nothing_is_shown():
    InteractiveShell.clear_instance()
    assert live.hand_over("made", {"x": 1}) is None
