"""Probes and judges of the lab on attention.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
Neither needs TensorFlow; the notebook does. The last question reads the weights of an encoder.
"""

import numpy as np

from xaikit import datasets, networks
from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 2, "q2": 2, "q3": 2, "q4": 2, "q5": 2, "q6": 4, "q7": 2, "q8": 2}
LIMITS = {"seconds": 240, "memory_mb": 6144}


def _softmax(scores, axis=1):
    lifted = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return lifted / lifted.sum(axis=axis, keepdims=True)


def _sentence(seed):
    rng = np.random.default_rng([seed, 1])
    Q, K = rng.normal(size=(2, 6, 4))
    return Q, K, rng.normal(size=(6, 3)), np.arange(6) < 4


def q1_probe(ns, seed):
    weights, output = ns["attend"](*(part.copy() for part in _sentence(seed)))
    return {"weights": plain(np.asarray(weights)), "output": plain(np.asarray(output))}


def q1_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    got = numbers(answer.get("weights"), (6, 6))
    output = numbers(answer.get("output"), (6, 3))
    if got is None or output is None:
        return 0, "Return two arrays: the weights (t, t) and the output (t, m)."
    Q, K, V, real = _sentence(seed)
    scores = Q @ K.T / np.sqrt(4)
    everything = _softmax(scores)
    down = np.exp(scores) * real
    cases = [
        ("Rows that sum to 1, and nothing for padding.", _softmax(np.where(real, scores, -np.inf))),
        ("The scores were not divided by √d.", _softmax(np.where(real, 2 * scores, -np.inf))),
        (
            "Padding is looked at. Take it out before the softmax.",
            everything,
        ),
        (
            "Padding was taken out too late: rows no longer sum to 1. Take it out before the "
            "softmax.",
            everything * real,
        ),
        (
            "The softmax went down the columns; each row is one place that looks, and sums to 1.",
            down / np.maximum(down.sum(axis=0, keepdims=True), 1e-12),
        ),
    ]
    otherwise = (
        "The weights are the softmax, along each row, of the scores Q Kᵀ / √d of real places."
    )
    points, hint = match(got, cases, otherwise, points=POINTS["q1"])
    if points and not np.allclose(output, got @ V):
        return 1, "The weights are right. The output is the weights times V."
    return points, hint


_NUMBERS = {
    "equal scores, 5 words, 1 of them padding": (
        0.25, "Four real words share, and padding gets nothing.",
    ),
    "after adding 7 to every score of a row": (0.3, "A softmax sees only differences of scores."),
    "rollout, 3 layers that look at themselves only": (1.0, "The identity times itself."),
    "rollout, 2 uniform layers of 2 words, residual 0.5": (
        0.625, "With the residual path a layer is [[¾, ¼], [¼, ¾]]; squared, ¾² + ¼² = 0.625.",
    ),
    "a word with weight 0.9 and a value of zero": (
        0.0, "A head gives weight times value, and 0.9 · 0 is nothing.",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value,
        _NUMBERS,
        "A weight says where a head looks, not what it finds there.",
        points=POINTS["q2"],
        atol=0.005,
    )


def _layers(seed):
    rng = np.random.default_rng([seed, 3])
    return _softmax(rng.normal(0, 2, size=(3, 2, 4, 4)), axis=-1), 0.3


def q3_probe(ns, seed):
    weights, residual = _layers(seed)
    return plain(np.asarray(ns["rollout"](weights.copy(), residual)))


def _rolled(weights, residual, *, left=True, fuse=np.mean):
    rolled = np.eye(4)
    for layer in weights:
        mixed = residual * np.eye(4) + (1 - residual) * fuse(layer, axis=0)
        rolled = mixed @ rolled if left else rolled @ mixed
    return rolled


def q3_judge(value, seed):
    weights, residual = _layers(seed)
    got = numbers(value, (4, 4))
    if got is None:
        return 0, "Return an array (t, t): rows are places after the last layer, columns the words."
    mean = weights.mean(axis=(0, 1))
    cases = [
        ("Each row sums to 1: a place is made of words.", _rolled(weights, residual)),
        (
            "The order is reversed: the later layer stands on the left.",
            _rolled(weights, residual, left=False),
        ),
        ("The residual path is left out: each layer passes a part on as it is.",
         _rolled(weights, 0.0)),
        (
            "That is a mean over the layers. A later layer attends to what an earlier one mixed, "
            "so the layers are multiplied.",
            residual * np.eye(4) + (1 - residual) * mean,
        ),
        ("Each row should sum to 1: take the mean over the heads, not their sum.",
         _rolled(weights, residual, fuse=np.sum)),
    ]  # fmt: skip
    otherwise = "Start with the identity; for each layer multiply the mixed matrix from the left."
    return match(got, cases, otherwise, points=POINTS["q3"])


def _ticket(seed):
    rng = np.random.default_rng([seed, 4])
    scores = np.append(0.0, rng.normal(size=12))
    ids = np.append(rng.permutation(np.arange(1, 13))[:6], [0, 0])

    def predict(rows):
        rows = np.asarray(rows)
        total = scores[rows].sum(axis=1)
        return np.tanh(total) + 0.3 * np.isin(rows, [ids[0]]).any(axis=1) * scores[rows].max(axis=1)

    return predict, ids


def q4_probe(ns, seed):
    predict, ids = _ticket(seed)
    return plain(np.asarray(ns["effects"](predict, ids.copy()), dtype=float))


def q4_judge(value, seed):
    predict, ids = _ticket(seed)
    t = len(ids)
    without = np.tile(ids, (t, 1))
    np.fill_diagonal(without, 0)
    up_to = np.tile(ids, (t, 1))
    up_to[np.tril_indices(t)] = 0
    whole, real = predict(ids[None]), ids > 0
    right = (whole - predict(without)) * real
    alone = (predict(np.diag(ids)) - predict(np.zeros((1, t), dtype=int))) * real
    cases = [
        ("What the prediction loses without the word: that is a use, not a look.", right),
        ("The sign is reversed: take the whole ticket minus the one without the word.", -right),
        ("You asked each word alone. Ask the whole ticket without it.", alone),
        (
            "More than one word is gone: all up to that place. Take out one word at a time.",
            (whole - predict(up_to)) * real,
        ),
    ]
    got = numbers(value, (t,))
    return match(
        got,
        cases,
        "Return one number for each place; 0 where there is padding.",
        points=POINTS["q4"],
    )


def q5_probe(ns, seed):
    parts = dict(zip(("weights", "values", "readout"), ns["idle"](), strict=True))
    return {name: plain(np.asarray(part, dtype=float)) for name, part in parts.items()}


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given = answer.get("weights")
    t = len(given) if isinstance(given, list) else 0
    readout = answer.get("readout")
    d = len(readout) if isinstance(readout, list) else 0
    if not 4 <= t <= 1000 or not 1 <= d <= 100:
        return 0, "Return weights (t,) for at least four words, values (t, d) and a readout (d,)."
    weights, values = numbers(given, (t,)), numbers(answer.get("values"), (t, d))
    readout = numbers(readout, (d,))
    if weights is None or values is None or readout is None:
        return 0, "Return weights (t,), values (t, d) and a readout (d,), all finite numbers."
    if (weights < 0).any() or not np.isclose(weights.sum(), 1):
        return 0, "Attention weights are at least 0 and sum to 1."
    effect = np.abs(weights * (values @ readout))
    first, last = int(np.argmax(weights)), int(np.argmin(weights))
    if weights[first] == weights[last]:
        return 0, "Let one word have the largest weight and another the smallest."
    if effect[first] > 1e-12 * max(effect.max(), 1e-12):
        return 0, f"The word with the largest weight still has an effect of {effect[first]:.3g}."
    others = np.delete(effect, last).max()
    if effect[last] <= 0 or effect[last] < 10 * others:
        return 0, (
            f"The word with the smallest weight has an effect of {effect[last]:.3g}; it must be "
            f"ten times that of any other, and the next is {others:.3g}."
        )
    return POINTS["q5"], (
        f"It looks at one word with {weights[first]:.2g} and acts on another with "
        f"{weights[last]:.2g}. A heat map would show the first."
    )


def _patterns(seed):
    rng = np.random.default_rng([seed, 6])
    for _ in range(3):
        yield 0.5 / 9 + 0.5 * rng.dirichlet(np.full(9, 3.0)), rng.normal(size=(9, 2))


def q6_probe(ns, seed):
    return [plain(np.asarray(ns["another"](w.copy(), V.copy()))) for w, V in _patterns(seed)]


def q6_judge(value, seed):
    patterns = list(_patterns(seed))
    got = numbers(value, (len(patterns), 9))
    if got is None:
        return 0, "Return an array as long as `weights`."
    if (got < -1e-9).any():
        return 0, "Some of your weights are negative: stop where the first becomes 0."
    if not np.allclose(got.sum(axis=1), 1, atol=1e-8):
        return 0, "Your weights do not sum to 1: let the change sum to 0 as well."
    off = max(np.abs(g @ V - w @ V).max() for g, (w, V) in zip(got, patterns, strict=True))
    if off > 1e-6:
        return 0, f"The output is another one, off by up to {off:.2g}."
    far = min(np.abs(g - w).sum() / 2 for g, (w, _) in zip(got, patterns, strict=True))
    if far < 0.1:
        return (
            0,
            f"The pattern is too near the first, at a distance of {far:.2g}: go on to the edge.",
        )
    return POINTS["q6"], (
        f"The same output from weights at a distance of at least {far:.2g}. So the output does not "
        "tell which pattern made it."
    )


_POSTER = {
    "a": ("supported", "That is what the weights say, and it says no more."),
    "b": ("not supported", "From looking to using is a step that the weights do not take."),
    "c": ("supported", "It was measured by taking the word out."),
    "d": ("not supported", "There is an earlier layer, and a residual path past both."),
    "e": ("supported", "It says what was measured, and under which condition."),
    "f": ("supported", "Weights have no sign and know no class."),
}


def q7_probe(ns, seed):
    return plain(ns["poster"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if any(answer.get(name) not in ("supported", "not supported") for name in _POSTER):
        return 0, 'Give each of the six sentences "supported" or "not supported".'
    # "supported" for all gets four of six right, and that earns nothing.
    return match_each(
        value, _POSTER, "Looking is one question, using is another.", points=POINTS["q7"], spare=2
    )


_STEPS = (-1, 1, 2)


def _real_maps(seed):
    """Attention of some sentences of different lengths, which the seed chooses."""
    texts = datasets.movie_snippets().texts
    chosen = np.random.default_rng([seed, 8]).choice(len(texts), size=5, replace=False)
    encoder = networks.minilm(cache=False)
    return [encoder.attention([texts[i]])[0].astype(float) for i in chosen]


def _step_weights(maps, step, *, words=1, swapped=False, wrapped=False):
    """Return each sentence's weights (layers, heads, readers) to what stands a step on."""
    found = []
    for one in maps:
        one = one.swapaxes(-1, -2) if swapped else one
        one = one[..., 1:-1, 1:-1] if words else one
        q = np.arange(one.shape[-1])
        if not wrapped:
            q = q[(q + step >= 0) & (q + step < one.shape[-1])]
        found.append(one[..., q, (q + step) % one.shape[-1]])
    return found


def _mean_of_means(found):
    return np.mean([one.mean(axis=-1) for one in found], axis=0)


def q8_probe(ns, seed):
    maps = _real_maps(seed)
    return [
        plain(np.asarray(ns["job"]([one.copy() for one in maps], step), dtype=float))
        for step in _STEPS
    ]


def q8_judge(value, seed):
    got = numbers(value, (len(_STEPS), 6, 12))
    if got is None:
        return 0, "Return an array (layers, heads) of finite numbers."
    maps = _real_maps(seed)

    def case(mean=_mean_of_means, **how):
        return np.array([mean(_step_weights(maps, step, **how)) for step in _STEPS])

    cases = [
        ("One head of layer 1 gives nearly all of its weight to the word before.", case()),
        ("[CLS] and [SEP] are no words: leave them out, as readers and as what is read.",
         case(words=0)),
        ("The map is read from the other side: the second-last axis is the token that reads.",
         case(swapped=True)),
        ("A word without one `step` places on is left out; in yours the sentence begins again.",
         case(wrapped=True)),
        ("Each sentence should have the same weight: take the mean over its words first.",
         case(mean=lambda found: np.concatenate(found, axis=-1).mean(axis=-1))),
    ]  # fmt: skip
    otherwise = "For each word q with a word at q + step, take the weight [..., q, q + step]."
    # Another processor adds in another order, in single precision.
    return match(got, cases, otherwise, points=POINTS["q8"], rtol=1e-3)
