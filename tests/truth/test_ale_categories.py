"""Accumulated local effects of categories, where the order and the effects are planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from xaikit import effects, plot

TOWNS = ["Kiel", "Bonn", "Ulm", "Graz", "Rom"]
WORTH = dict(zip(TOWNS, [4.0, -1.0, 2.5, 0.0, 7.0], strict=True))


def flats(n=600, seed=0):
    """Towns from north to south: rents and kinds of heating go with the place on that line."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 5, n)
    return pd.DataFrame(
        {
            "town": np.array(TOWNS)[place],
            "warmth": place + rng.normal(0, 0.8, n),
            "heating": np.where(rng.uniform(size=n) < place / 4, "sun", "gas"),
            "rooms": rng.integers(1, 6, n),
        }
    )


def worth(X):
    return X["town"].map(WORTH).to_numpy(float)


def test_an_additive_model_gives_its_effects_whatever_goes_together():
    X = flats()
    found = effects.ale(lambda X: worth(X) + 3 * X["warmth"].to_numpy(), X, "town")
    planted = np.array([WORTH[town] for town in found.categories])
    np.testing.assert_allclose(found.values, planted - worth(X).mean(), atol=1e-12)
    assert found.counts.tolist() == [int((X["town"] == town).sum()) for town in found.categories]
    assert np.average(found.values, weights=found.counts) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_towns_whose_flats_are_alike_stand_beside_each_other(seed):
    found = effects.ale(worth, flats(seed=seed), "town")
    assert list(found.categories) in (TOWNS, TOWNS[::-1])


def test_the_order_of_an_ordered_category_is_its_own():
    X = flats().assign(size=lambda X: pd.cut(X["warmth"], 3, labels=["warm", "mild", "cold"]))
    size = X["size"].cat.codes.to_numpy(float)
    found = effects.ale(lambda X: X["size"].cat.codes.to_numpy(float) ** 2, X, "size")
    assert found.categories == ("warm", "mild", "cold")
    np.testing.assert_allclose(found.values, np.array([0, 1, 4]) - (size**2).mean())


def test_the_definition_written_out():
    X = flats(200)

    def model(X):
        return worth(X) * X["warmth"].to_numpy() + (X["heating"] == "sun").to_numpy() * 2.0

    found = effects.ale(model, X, "town")
    steps = [0.0]
    for before, after in zip(found.categories, found.categories[1:], strict=False):
        changes = [
            (model(row.assign(town=after)) - model(row.assign(town=before)))[0]
            for row in (X.iloc[[i]] for i in np.flatnonzero(X["town"].isin([before, after])))
        ]
        steps.append(np.mean(changes))
    effect = np.cumsum(steps)
    np.testing.assert_allclose(
        found.values, effect - np.average(effect, weights=found.counts), atol=1e-12
    )


def test_partial_dependence_is_fooled_where_this_is_not():
    """Only the warmth counts, but a model may react to towns where they do not occur."""

    def model(X):
        odd = (X["town"] == "Kiel") & (X["warmth"] > 3)
        return np.where(odd, 50.0, X["warmth"])

    X = flats()
    X = X[~((X["town"] == "Kiel") & (X["warmth"] > 2))]
    found = effects.ale(model, X, "town").to_frame().set_index("category")["effect"]
    dependence = {town: model(X.assign(town=town)).mean() for town in TOWNS}
    assert dependence["Kiel"] - dependence["Rom"] > 10
    assert abs(found["Kiel"] - found["Rom"]) < 1


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_categories_of_any_type(dtype):
    X = flats(100).astype({"town": dtype})
    found = effects.ale(lambda X: worth(X.astype({"town": object})), X, "town")
    assert sorted(found.categories) == sorted(TOWNS)


def test_the_figure_names_each_category():
    found = effects.ale(worth, flats(), "town")
    ax = plot.effect(found)
    assert [label.get_text() for label in ax.get_yticklabels()] == [*found.categories]
    assert "highest for Rom" in plot.alt_text(ax)
    assert "600 rows in 5 categories" in plot.alt_text(ax)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"town": ["Ulm", None] * 300}, "feature must have no missing values; got 300 in 'town'"),
        ({"town": "Ulm"}, "feature must vary in X; got one category in 'town'"),
        (
            {"town": pd.Timestamp("2026-01-01")},
            "feature must be a column of numbers or categories; got 'town' of type datetime64",
        ),
    ],
)
def test_what_has_no_effect_is_refused(change, words):
    X = flats().assign(**change)
    with pytest.raises(ValueError, match=words):
        effects.ale(lambda X: np.zeros(len(X)), X, "town")
