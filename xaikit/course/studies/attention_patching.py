"""Where ten small transformers carry a negation, by patching: for deep/attention.

The ten are those of `attention_seeds`, trained the same way. Each reads pairs of reviews that
differ in one word of the verdict, "is not good" and "is very good", and both are reviews that the
author of the texts might have written. What one run computes at one place is put into the other,
and the share of the difference in log-odds that follows is kept, in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xaikit import attention, datasets, explain

STARTS, EPOCHS = 10, 12
HEADS = [(0, 0), (0, 1), (1, 0), (1, 1)]
STREAM = {"words": "positions", "layer 1": "network_1_added", "layer 2": "network_2_added"}
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Array = NDArray[np.float64]


def trained(start: int, train: Any) -> Any:
    """Return the model of `attention_seeds` with these starting weights."""
    model = attention.transformer(len(train.vocabulary), train.X.shape[1], random_state=start)
    # Start 3 goes with order 0: that is the chapter's model.
    order = (start - 3) % STARTS
    return attention.fit(model, train, epochs=EPOCHS, random_state=order)


def pairs(test: Any) -> tuple[Ids, Ids, Ids, Mask, Mask]:
    """Return the numbers of reviews with a negated verdict, them, and them with "very" instead.

    Only verdicts of the form "is not good": there "is very good" is a verdict as well. And
    the places of the word that differs, and of the word of judgement.
    """
    negation, sentiment = test.truth.parts["negation"], test.truth.parts["sentiment"]
    IS, VERY = (test.vocabulary.index(word) for word in ("is", "very"))
    rows, places = np.nonzero(negation)
    fits = (test.X[rows, places - 1] == IS) & sentiment[rows, places + 1]
    rows, places = rows[fits], places[fits]
    plain = test.X[rows].copy()
    plain[np.arange(len(rows)), places] = VERY
    return rows, test.X[rows], plain, negation[rows], sentiment[rows]


def log_odds(p: Array) -> Array:
    """Return the log-odds of praise."""
    return np.log(p[:, 1] / p[:, 0])


def carried(model: Any, to: Ids, source: Ids, **site: Any) -> dict[str, float]:
    """Return the share of the difference that a site brings along, and of answers that turn."""
    own, other = log_odds(model(to).numpy()), log_odds(model(source).numpy())
    now = log_odds(attention.patched(model, to, source, **site))
    turned = (now > 0) == (other > 0)
    return {
        "share": float((now - own).dot(np.sign(other - own)) / np.abs(other - own).sum()),
        "turned": float(turned.mean()),
    }


def sites(not_: Mask, word: Mask, real: Mask) -> dict[str, dict[str, Any]]:
    """Return the sites by name: places after each layer, and heads alone and together."""
    groups = {"changed word": not_, "judgement": word, "the rest": real & ~not_ & ~word}
    found: dict[str, dict[str, Any]] = {
        f"{after}, {group}": {"positions": {layer: places}}
        for after, layer in STREAM.items()
        for group, places in groups.items()
    }
    found |= {f"head {layer + 1}.{head + 1}": {"heads": {(layer, head)}} for layer, head in HEADS}
    found |= {f"heads of layer {n + 1}": {"heads": set(HEADS[2 * n : 2 * n + 2])} for n in (0, 1)}
    found["all heads"] = {"heads": set(HEADS)}
    return found


def spread(model: Any, to: Ids, source: Ids) -> dict[str, dict[str, float]]:
    """Return how much one position alone brings along: the most of any, and all of them added."""
    whole = log_odds(model(source).numpy()) - log_odds(model(to).numpy())
    layers = list(STREAM.values())
    effect = attention.patch_effect(model, to, source, layers=layers, output_space="log-odds")
    shares = effect / whole[:, None, None]
    return {
        after: {"largest": float(each.max(axis=1).mean()), "sum": float(each.sum(axis=1).mean())}
        for after, each in zip(STREAM, shares.transpose(1, 0, 2), strict=True)
    }


def reversal(model: Any, test: Any) -> dict[str, Any]:
    """Return which sites carry a negation of the verdict, into the plain review and out of it."""
    rows, negated, plain, not_, word = pairs(test)
    answers = [model(ids).numpy()[:, 1] > 0.5 for ids in (negated, plain)]
    truth = test.y[rows]
    both_right = (answers[0] == truth) & (answers[1] != truth)
    negated, plain, not_, word = (part[both_right] for part in (negated, plain, not_, word))
    named = sites(not_, word, negated > 0)
    return {
        "pairs": len(both_right),
        "both right": int(both_right.sum()),
        "alone": spread(model, plain, negated),
        "in": {name: carried(model, plain, negated, **site) for name, site in named.items()},
        "out": {name: carried(model, negated, plain, **site) for name, site in named.items()},
    }


def sorted_out(model: Any, test: Any) -> dict[str, Any]:
    """Return where it is kept that the 'not' about the manual is harmless.

    Where deleting a neighbour of that 'not' turns the answer, vectors of the whole review are
    put into the run without the neighbour: which of them turn the answer back?
    """
    NOT, DID = (test.vocabulary.index(word) for word in ("not", "did"))
    negated = test.truth.parts["negation"].any(axis=1)
    rows = np.flatnonzero((test.X == DID).any(axis=1) & ~negated)
    whole = test.X[rows]
    place = (whole == NOT).argmax(axis=1)
    effect = explain(model, whole, method="occlusion").values
    nearby = place[:, None] + [-1, 1, 3]
    at = np.abs(np.take_along_axis(effect, nearby, axis=1)).argmax(axis=1)
    neighbour = nearby[np.arange(len(rows)), at]
    without = whole.copy()
    without[np.arange(len(rows)), neighbour] = 0
    answer = model(whole).numpy()[:, 1] > 0.5
    turned = (model(without).numpy()[:, 1] > 0.5) != answer
    whole, without, place, neighbour = (part[turned] for part in (whole, without, place, neighbour))
    here = np.arange(whole.shape[1])
    not_ = here == place[:, None]
    word = test.truth.parts["sentiment"][rows][turned]
    left = without > 0
    tried: Mapping[str, dict[str, Any]] = {
        "not, layer 1": {"positions": {STREAM["layer 1"]: not_}},
        "judgement, layer 1": {"positions": {STREAM["layer 1"]: word}},
        "the rest, layer 1": {"positions": {STREAM["layer 1"]: left & ~not_ & ~word}},
        "heads of layer 1": {"heads": set(HEADS[:2])},
        "heads of layer 2": {"heads": set(HEADS[2:])},
    }
    return {
        "turned": int(turned.sum()),
        "back": {name: carried(model, without, whole, **site) for name, site in tried.items()},
    }


def run() -> dict[str, Any]:
    """Return what was found for each start, in their order."""
    train = datasets.reviews(2000, correlation=0, random_state=0)
    test = datasets.reviews(500, correlation=0, random_state=1)
    found = []
    for start in range(STARTS):
        model = trained(start, train)
        found.append({"reversal": reversal(model, test), "manual": sorted_out(model, test)})
    return {"starts": found}
