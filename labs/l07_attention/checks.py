"""Probes and judges of the lab on attention.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
Neither needs the pretrained encoder; the notebook does.
"""

from itertools import product

import numpy as np

from xaikit import attention
from xaikit.labs import Case, close, match, match_each, numbers, plain, unread, without

POINTS = {"q1": 2, "q2": 2, "q3": 2, "q4": 2, "q5": 2, "q6": 4, "q7": 2, "q8": 2}
LIMITS = {"seconds": 120, "memory_mb": 2048}
_NOTHING = "Nothing came back: does every way through your function end in a `return`?"


def _parts(value, *names):
    """Read what was sent under these names; None for each that is not there."""
    answer = value if isinstance(value, dict) else {}
    return [answer.get(name) for name in names]


def _softmax(scores, axis=1):
    lifted = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return lifted / lifted.sum(axis=axis, keepdims=True)


_SMALL_HEAD = (
    np.array([[2.0, 0, 0, 0], [0, 0, 0, 0], [2, 0, 0, 0]]),
    np.array([[np.log(3), 0, 0, 0], [0, 0, 0, 0], [9, 0, 0, 0]]),
    np.array([[4.0], [0], [100]]),
    np.array([True, True, False]),
)


def _heads(seed):
    """Give the small head, one with a gap, one with scores of thousands, one real place."""
    rng = np.random.default_rng([seed, 1])
    yield _SMALL_HEAD
    gap = np.ones(6, dtype=bool)
    gap[rng.permutation(5)[:2]] = False  # never only at the end
    yield (*rng.normal(size=(2, 6, 4)), rng.normal(size=(6, 3)), gap)
    far = rng.permutation(4)[:, None] * np.array([70.0, 0, 0, 0, 0, 0, 0, 0, 0])
    yield far, far + rng.normal(size=(4, 9)), rng.normal(size=(4, 2)), np.ones(4, dtype=bool)
    yield (*rng.normal(size=(2, 3, 2)), rng.normal(size=(3, 5)), rng.permutation(3) == 0)


def q1_probe(ns, seed):
    found = [ns["attend"](*(part.copy() for part in head)) for head in _heads(seed)]
    return [plain(pair) for pair in found]


def q1_judge(value, seed):
    heads = list(_heads(seed))
    replies = value if isinstance(value, list) and len(value) == len(heads) else [None] * 4
    pairs = [r if isinstance(r, list) and len(r) == 2 else [None, None] for r in replies]
    case = Case("attend(*small)", replies[0], [[[0.75, 0.25, 0], [0.5, 0.5, 0], [0.75, 0.25, 0]],
                                               [3, 2, 3]])  # fmt: skip
    if all(r is None for r in replies):
        return 0, _NOTHING, case
    right_out = True
    # The second input tells all the wrong ways apart, so it is looked at first.
    for i in (1, 0, 2, 3):
        (weights, output), (Q, K, V, real) = pairs[i], heads[i]
        t = len(Q)
        got, out = numbers(weights, (t, t)), numbers(output, V.shape)
        if got is None:
            return 0, _weights_unread(weights, t), case
        points, hint = match(got, _ways_to_attend(Q, K, V, real),
                             "The weights are the softmax, along each row, of Q Kᵀ / √d over the "
                             "real places.", points=POINTS["q1"])  # fmt: skip
        if not points:
            return 0, hint, case
        right_out = right_out and out is not None and close(out, got @ V, rtol=1e-5)
    if not right_out:
        return 1, "The weights are right. The output `(t, m)` is the weights times V.", case
    return POINTS["q1"], "Rows that sum to 1, and nothing for padding.", case


def _weights_unread(weights, t):
    if weights is None:
        return "Return two arrays, `weights, output`."
    said = unread(weights, (t, t), "These are the weights.")
    if "NaN" in said:
        said = (
            f"The weights have the right shape, {(t, t)}, but some are no finite numbers. "
            "Subtract each row's largest score before `np.exp`, so that nothing overflows; and "
            "no row may be masked throughout."
        )
    return said


def _ways_to_attend(Q, K, V, real):
    t, d = Q.shape
    products = Q @ K.T
    everything = _softmax(products / np.sqrt(d))

    def masked(scale):
        return _softmax(np.where(real, products / scale, -np.inf))

    with np.errstate(over="ignore", invalid="ignore"):
        columns = _softmax(np.where(real[:, None], products / np.sqrt(d), -np.inf), axis=0)
    yield "", masked(np.sqrt(d))
    yield "The scores were not divided by √d.", masked(1)
    yield "You divided by d; it is √d.", masked(d)
    yield (
        "You divided by the root of the number of words; d is the length of a key.",
        masked(np.sqrt(t)),
    )
    yield "Padding is looked at. Take it out before the softmax.", everything
    yield (
        "Padding was taken out too late: rows no longer sum to 1. Take it out before the softmax.",
        everything * real,
    )
    yield (
        "Padding gets nothing, as it should. Its own row is 0 in yours: it looks too, so that "
        "every row sums to 1.",
        masked(np.sqrt(d)) * real[:, None],
    )
    yield (
        "Query and key are swapped: row i holds what query i makes of all keys, `Q @ K.T`.",
        _softmax(np.where(real, products.T / np.sqrt(d), -np.inf)),
    )
    yield (
        "A score of 0 is no mask: its weight is exp(0), as large as many. Padding needs a score "
        "of minus infinity.",
        _softmax(products / np.sqrt(d) * real),
    )
    for name in ("columns", "by rows too"):
        wrong = columns if name == "columns" else columns * real
        yield (
            "The softmax went down the columns; each row is one place that looks, and sums to 1.",
            np.nan_to_num(wrong),
        )


_NUMBERS = {
    "equal scores, 5 words, 1 of them padding": (
        0.25, "Only real words share, and padding gets nothing.",
    ),
    "a row with 0.3, after adding 7 to all its scores": (
        0.3, "A softmax sees only differences of scores.",
    ),
    "a row with 0.8 and 0.2, after doubling its scores": (
        16 / 17, "A score stands in an exponent: doubling it squares the ratio of two weights.",
    ),
    "rollout, 2 uniform layers of 2 words, residual 0.5": (
        0.625, "A layer is half residual path, half attention. Write that matrix down, and square "
        "it.",
    ),
    "a word with weight 0.9 and a value of zero": (
        0.0, "A head adds up weight times value.",
    ),
    "12 tokens, even attention: the share of [CLS] and [SEP]": (
        1 / 6, "Even attention gives every token the same, the two that are no words among them.",
    ),
}  # fmt: skip


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    if not isinstance(value, dict):
        return 0, "Leave `predicted` a dictionary, with a number for each of the six names."
    praise = "A weight says where a head looks, not what it finds there."
    return match_each(value, _NUMBERS, praise, points=POINTS["q2"], atol=0.005)


# Both words read the first; one layer later both read the second.
_TWO_LAYERS = np.array([[[[1.0, 0], [1, 0]]], [[[0, 1], [0, 1]]]])


def _layers(seed):
    rng = np.random.default_rng([seed, 3])
    yield _TWO_LAYERS, 0.5
    yield _softmax(rng.normal(0, 2, size=(3, 2, 4, 4)), axis=-1), 0.3
    yield _softmax(rng.normal(0, 2, size=(2, 5, 3, 3)), axis=-1), 0.0
    yield _softmax(rng.normal(0, 2, size=(4, 1, 2, 2)), axis=-1), 0.9


def q3_probe(ns, seed):
    own = without(ns["rollout"], attention.rollout)
    return [plain(own(maps.copy(), residual)) for maps, residual in _layers(seed)]


def _rolled(weights, residual, *, left=True, fuse=np.mean, at_the_end=False):
    same = np.eye(weights.shape[-1])
    rolled, share = same, 0.0 if at_the_end else residual
    for layer in weights:
        mixed = share * same + (1 - share) * fuse(layer, axis=0)
        rolled = mixed @ rolled if left else rolled @ mixed
    return residual * same + (1 - residual) * rolled if at_the_end else rolled


def _ways_to_roll(weights, residual):
    same, mean = np.eye(weights.shape[-1]), weights.mean(axis=(0, 1))
    yield "", _rolled(weights, residual)
    yield (
        "Heads and residual path are right; the order is reversed: the later layer stands on "
        "the left.",
        _rolled(weights, residual, left=False),
    )
    yield (
        "The order is right. The residual path runs beside every layer, so mix it in at each "
        "layer, not once at the end.",
        _rolled(weights, residual, at_the_end=True),
    )
    yield "The residual path is left out: each layer passes a part on.", _rolled(weights, 0.0)
    yield (
        "The two shares are swapped: `residual` belongs to the identity.",
        _rolled(weights, 1 - residual),
    )
    for fuse, said in ((np.max, "the largest"), (np.sum, "the sum"), (np.min, "the smallest")):
        yield (
            f"Over the heads you take {said}; take the mean over the heads, or rows no longer "
            "sum to 1.",
            _rolled(weights, residual, fuse=fuse),
        )
    for fuse, left, late in product((np.mean, np.max), (True, False), (False, True)):
        faults = (fuse is np.max) + (not left) + late
        if faults > 1:
            heads = "The mean over the heads is right." if fuse is np.mean else ""
            yield (
                f"{heads} Of the colleague's three faults, {faults} are still there.".strip(),
                _rolled(weights, residual, left=left, fuse=fuse, at_the_end=late),
            )
    yield (
        "That is a mean over the layers. A later layer reads what an earlier one mixed, so the "
        "layers are multiplied.",
        residual * same + (1 - residual) * mean,
    )


def q3_judge(value, seed):
    inputs = list(_layers(seed))
    replies = value if isinstance(value, list) and len(value) == len(inputs) else [None] * 4
    case = Case("rollout(two_layers, 0.5)", replies[0], [[0.75, 0.25], [0.5, 0.5]])
    # The second input tells all the wrong ways apart, so it is asked first.
    for i in (1, 0, 2, 3):
        maps, residual = inputs[i]
        t = maps.shape[-1]
        got = numbers(replies[i], (t, t))
        if got is None:
            return 0, unread(replies[i], (t, t), "Return one array."), case
        rows = got.sum(axis=1)
        otherwise = (
            "Each of your rows sums to 1. Now the order of the steps: mix in each layer, then "
            "multiply." if close(rows, np.ones(t), rtol=1e-4) else
            f"Your rows sum to {rows.min():.3g} up to {rows.max():.3g}; they should sum to 1, as "
            "each place is made of words."
        )  # fmt: skip
        points, hint = match(got, _ways_to_roll(maps, residual), otherwise, points=POINTS["q3"])
        if not points:
            return 0, hint, case
    return POINTS["q3"], "Each row sums to 1: a place is made of words.", case


_SMALL_TEXT = ["bad", "film", "bad", "bad"]


def harshness(texts):
    """Count how often each text says *bad*, and square it; the notebook has the same."""
    return np.array([float(text.split().count("bad") ** 2) for text in texts])


# Words that raise a score and words that lower it, so that effects of both signs are asked.
_WORTH = dict(zip("abcdefgh", (1.3, -2.7, 3.3, -0.7, 2.3, -3.7, 0.6, -1.7), strict=True))


def _sorter(seed, scale):
    """Return a score of texts that goes by words, by their places and by their company."""
    change = 1 + 0.1 * np.random.default_rng([seed, 4]).random(8)
    worth = {word: _WORTH[word] * by for word, by in zip(_WORTH, change, strict=True)}

    def predict(texts):
        if isinstance(texts, str):
            raise TypeError("predict takes a list of texts; for one text pass [text]")
        return np.array([scale * _score(text.split(), worth) for text in texts])

    return predict


def _score(words, worth):
    total = sum(worth[word] * (1 + 0.3 * place) for place, word in enumerate(words))
    return total + 0.005 * total**2


# Word by letter, and what is left out. Twins; out of order; nothing; all; three.
_TEXTS = (("abacdae", [2]), ("abacdae", [5, 0]), ("efgh", []), ("ghc", [2, 1, 0]),
          ("bbbb", [3]), ("hgfedcba", [1, 2, 4]))  # fmt: skip


def q4_probe(ns, seed):
    small = _SMALL_TEXT.copy()
    reply = {"small": plain(ns["effect"](harshness, small, [0, 2])), "kept": small == _SMALL_TEXT}
    for scale in (1.0, -1e-6, 1e6):
        found = []
        for letters, places in _TEXTS:
            words, gone = list(letters), places.copy()
            found.append(plain(ns["effect"](_sorter(seed, scale), words, gone)))
            reply["kept"] = reply["kept"] and words == list(letters) and gone == places
        reply[str(scale)] = found
    return reply


def _removed(words, places):
    """Give the wrong ways to leave words out, and what is left."""
    by_name = {words[p] for p in places}
    first, shifted = list(words), list(words)
    for p in places:
        first.remove(words[p])
        del shifted[min(p, len(shifted) - 1)]
    yield "by name", [w for w in words if w not in by_name]
    yield "first", first
    yield "shifted", shifted


def _ways_to_delete(predict):
    def lost(words, left):
        whole, rest = predict([" ".join(words), " ".join(left)])
        return whole - rest

    def over(way):
        return np.array([way(list(letters), places) for letters, places in _TEXTS])

    def left(words, places):
        return [w for p, w in enumerate(words) if p not in places]

    right = over(lambda words, places: lost(words, left(words, places)))
    yield "", right
    yield "The sign is reversed: the whole minus what is left.", -right
    yield "An effect has a direction: leave the sign as it is.", np.abs(right)
    for order in (list, sorted):
        yield (
            "You ask about the words at `places` alone. Ask about the sentence without them.",
            over(lambda words, places, order=order: lost(words, [words[p] for p in order(places)])),
        )
    yield (
        "You add up effects of one word at a time. Leave all of them out at once.",
        over(lambda words, places: sum(lost(words, left(words, [p])) for p in places)),
    )
    hints = {
        "by name": "A word that is there twice went twice. Only the given places go.",
        "first": "`remove` takes the first word of that name, not the one at the place. Go by "
        "place.",
        "shifted": "After one word is gone, the others have moved up, so the next place is "
        "another word's. Leave them out all at once, or from behind.",
    }
    for way, hint in hints.items():
        yield hint, over(lambda w, p, way=way: lost(w, dict(_removed(w, p))[way]))
    yield (
        "That is a share of the prediction. The question asks for the difference.",
        right / over(lambda words, places: predict([" ".join(words)])[0]),
    )


def q4_judge(value, seed):
    small, kept = _parts(value, "small", "kept")
    case = Case("effect(harshness, ['bad', 'film', 'bad', 'bad'], [0, 2])", small, 8)
    for scale in (1.0, -1e-6, 1e6):
        (sent,) = _parts(value, str(scale))
        if sent is None or (isinstance(sent, list) and all(item is None for item in sent)):
            return 0, _NOTHING, case
        got = numbers(sent, (len(_TEXTS),))
        if got is None:
            return 0, "Return one number, whatever the places: a finite one, not text.", case
        right = next(_ways_to_delete(_sorter(seed, scale)))[1]
        otherwise = (
            "Right to two or three digits: do not round, predictions may be as small as 1e-6."
            if np.abs(got - right).max() < 0.006 * max(scale, 1e-3)
            else "One number comes back, as it should. It should be the prediction for all words, "
            "joined by spaces, minus that for the words that are not at `places`."
        )
        points, hint = match(
            got,
            _ways_to_delete(_sorter(seed, scale)),
            otherwise,
            points=POINTS["q4"],
            rtol=1e-5,
        )
        if not points:
            return 0, hint, case
    if kept is not True:
        return 1, (
            "The numbers are right. But your function changes the list that it was given, and "
            "whoever asks twice gets another answer. Work on a copy."
        ), case  # fmt: skip
    return POINTS["q4"], "What the prediction loses without them: a use, not a look.", case


def _drawing(seed):
    """Give five words, two of them twins, and numbers that are not the same from both ends."""
    rng = np.random.default_rng([seed, 5])
    words = [["so", "dull", "it", "is"][i] for i in rng.permutation([0, 0, 1, 2, 3])]
    effects = rng.permutation([0.31, -0.12, 0.0, 0.04, -0.27])
    return words, rng.permutation([0.05, 0.1, 0.2, 0.25, 0.4]), effects


def q5_probe(ns, seed):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words, shares, effects = _drawing(seed)
    figure = Figure(figsize=(5, 4), dpi=50)
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1)
    ns["draw"](*axes, words.copy(), shares.copy(), effects.copy())
    return [_drawn(ax) for ax in axes]


def _drawn(ax):
    """Read what stands in a panel: its bars, the words beside them, and how it is named."""
    from matplotlib.patches import Rectangle

    bars = [p for p in ax.patches if isinstance(p, Rectangle)]
    sizes = np.array([(p.get_width(), p.get_height()) for p in bars]).reshape(-1, 2)
    # Bars of one thickness: those that stand upright have one width, those that lie one height.
    lie = bool(len(bars) and np.ptp(sizes[:, 0]) > np.ptp(sizes[:, 1]))
    axis = ax.yaxis if lie else ax.xaxis
    ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
    said = [[place, label.get_text()] for place, label in ticks]
    said += [[text.get_position()[lie], text.get_text()] for text in ax.texts]
    return plain({
        "lie": lie,
        "bars": [[*p.get_xy(), p.get_width(), p.get_height()] for p in bars],
        "said": said,
        "name": ax.get_xlabel() if lie else ax.get_ylabel(),
        "limits": list(ax.get_ylim() if lie else ax.get_xlim()),
    })  # fmt: skip


class _Panel:
    """The bars of a panel, in reading order: from the left, or from the top."""

    def __init__(self, sent):
        lie, bars, said, self.name, limits = _parts(sent, "lie", "bars", "said", "name", "limits")
        n = len(bars) if isinstance(bars, list) else 0
        read, self.limits = numbers(bars, (n, 4)), numbers(limits, (2,))
        self.upright = lie is not True
        self.n = 0 if read is None or self.limits is None else n
        if not self.n:
            return
        along, base = (0, 1) if self.upright else (1, 0)
        falling = (self.limits[0] > self.limits[1]) == self.upright
        order = np.argsort(read[:, along], kind="stable")[:: -1 if falling else 1]
        self.places = (read[:, along] + read[:, along + 2] / 2)[order]
        self.bases, self.values = read[order, base], (read[:, base] + read[:, base + 2])[order]
        self.said = said if isinstance(said, list) else []

    def says(self, words):
        """Say whether each bar has its word beside it."""
        return all(
            any(text == word and abs(at - place) < 0.3 for at, text in self.said)
            for place, word in zip(self.places, words, strict=True)
        )


def q5_judge(value, seed):
    words, shares, effects = _drawing(seed)
    sent = value if isinstance(value, list) and len(value) == 2 else [None, None]
    top, bottom = panels = [_Panel(one) for one in sent]
    heights = [np.round(p.values, 8).tolist() if p.n else "<no bars>" for p in panels]
    case = Case(
        f"draw(top, bottom, {words}, {shares.tolist()}, {effects.tolist()})",
        heights,
        [shares.tolist(), effects.tolist()],
    )
    fault = _fault_of_bars(top, bottom, len(words), shares, effects)
    if fault:
        return 0, fault, case
    if not any(panel.says(words) for panel in panels):
        return 1, "The bars are right. Each needs its word beside it, as a tick label.", case
    if not (top.name and bottom.name):
        return 1, (
            "Bars and words are right. Name the axis of the numbers in both panels, with "
            "`set_ylabel` where bars stand upright."
        ), case  # fmt: skip
    return POINTS["q5"], "Every word, twins too, has its own place, and both panels share it.", case


def _fault_of_bars(top, bottom, n, shares, effects):
    panels = {"top": (top, shares), "bottom": (bottom, effects)}
    for name, (panel, _) in panels.items():
        if not panel.n:
            return f"There are no bars in `{name}`: draw with `{name}.bar` or `{name}.barh`."
        if panel.n != n:
            return f"There are {panel.n} bars in `{name}`, for {n} words: one each."
        if np.diff(np.sort(panel.places)).min() < 1e-6:
            return (
                "Two words that are spelt alike stand on one place, one bar hiding the other. "
                "Give each word a number, its place in the sentence, and name the ticks after."
            )
        if np.abs(panel.bases).max() > 1e-9 * np.abs(panel.values).max():
            return f"The bars in `{name}` do not start at 0."
    if _alike(top.values, effects) and _alike(bottom.values, shares):
        return "The panels are swapped: attention at the top, effects below."
    for name, (panel, wanted) in panels.items():
        if not _alike(panel.values, wanted):
            return _fault_of_order(name, panel, wanted)
    if not (close(top.places, bottom.places) and close(top.limits, bottom.limits, rtol=1e-3)):
        return (
            "The bars are right, but a word's two bars do not stand at the same place: give both "
            "panels the same places and limits."
        )
    return ""


def _alike(got, wanted):
    """Say whether the bars are as long as the numbers, or as the numbers in percent."""
    return any(close(got, scale * wanted, rtol=1e-4) for scale in (1, 100))


def _fault_of_order(name, panel, wanted):
    if _alike(panel.values, np.abs(wanted)):
        return f"The bars in `{name}` have lost their sign: below zero is a direction too."
    if not panel.upright and _alike(panel.values[::-1], wanted):
        return "The first word stands at the bottom. Turn it round: `invert_yaxis()`."
    if _alike(np.sort(panel.values), np.sort(wanted)):
        return (
            f"The bars in `{name}` are the right ones, but not in the order of the sentence, "
            "and only in that order can it be read."
        )
    return f"The bars in `{name}` have other lengths than the numbers that were given."


def _patterns(seed):
    """Give weights, values, and whether the output pins the weights down."""
    rng = np.random.default_rng([seed, 6])
    yield np.array([0.25, 0.5, 0.25]), np.array([[0.0], [1], [2]]), False
    for d, scale in ((2, 1.0), (3, 1e6), (2, 1e-6)):
        # No weight is below 0.11: whoever goes to the edge, whichever way, goes far enough.
        weights = 0.11 + 0.12 * rng.dirichlet(np.full(8, 2.0))
        yield weights, scale * rng.normal(size=(8, d)), False
    corners = np.array([[0.0, 0, 0], [4, 0, 0], [0, 4, 0], [0, 0, 4]])[rng.permutation(4)]
    twins = corners[rng.permutation([0, 0, 1, 2])]
    yield np.array([0.3, 0.25, 0.2, 0.25]), twins + rng.integers(1, 5, 3), False
    yield np.array([0.3, 0.25, 0.2, 0.25]), corners + rng.integers(1, 5, 3), True


def q6_probe(ns, seed):
    return [plain(ns["another"](w.copy(), V.copy())) for w, V, _ in _patterns(seed)]


def q6_judge(value, seed):
    patterns = list(_patterns(seed))
    replies = value if isinstance(value, list) and len(value) == 6 else [None] * 6
    case = Case(
        "another([0.25, 0.5, 0.25], [[0], [1], [2]])",
        replies[0],
        "<such as [0.5, 0, 0.5] or [0, 1, 0]>",
    )
    if all(reply is None for reply in replies):
        return 0, f"{_NOTHING} Here there is another pattern in most cases.", case
    nearest = 1.0
    for i in (1, 0, 2, 3):
        fault, far = _fault_of_pattern(replies[i], *patterns[i][:2])
        if fault:
            return 0, fault, case
        nearest = min(nearest, far)
    if replies[4] is None:
        return 3, (
            "Right where words are many. But four words of three numbers need not pin the weights "
            "down: here two words have the same value, so that one can give the other its weight. "
            "Go by the rank of the equations, not by their number."
        ), case  # fmt: skip
    fault, _ = _fault_of_pattern(replies[4], *patterns[4][:2])
    if fault:
        return 2, f"Right where words are many. With two words of the same value: {fault}", case
    if replies[5] is not None:
        return 3, (
            "Right wherever there is another pattern. Where there is none, return `None`: four "
            "words, three numbers each, no two alike, and a sum of 1 pin four weights down."
        ), case  # fmt: skip
    return POINTS["q6"], (
        f"The same output from weights at a distance of at least {nearest:.2g}; and `None` where "
        "the output pins them down."
    ), case  # fmt: skip


def _fault_of_pattern(reply, weights, V):
    """Say what is wrong with other weights, and how far they are from the first."""
    got = numbers(reply, weights.shape)
    if got is None:
        return (
            "You return `None`, but there is another pattern." if reply is None
            else unread(reply, weights.shape, "Return one array of weights.")
        ), 0.0  # fmt: skip
    far = float(np.abs(got - weights).sum() / 2)
    if (got < -1e-7).any():
        return "Some of your weights are negative: stop where the first becomes 0.", far
    if abs(got.sum() - 1) > 1e-5:
        return "Your weights do not sum to 1: let the change sum to 0 as well.", far
    off = float(np.abs(got @ V - weights @ V).max() / np.abs(V).max())
    if off > 1e-5:
        return f"The output is another one, off by {off:.2g} of the largest value.", far
    if far < 0.1:
        return (
            f"Sum and output are right. But the pattern is too near the first, at a distance of "
            f"{far:.2g}: go on until a weight becomes 0.", far,
        )  # fmt: skip
    return "", far


_FEW_TOKENS = ["[CLS]", "so", "so", "good", "."]
_FEW_MAPS = np.array([
    [1.0, 0, 0, 0, 0], [0.1, 0.2, 0.6, 0.1, 0], [0.1, 0.5, 0.3, 0.1, 0],
    [0.3, 0.1, 0.2, 0.2, 0.2], [0.5, 0, 0, 0, 0.5],
])[None, None]  # fmt: skip
# Twins of unequal number, full stops that are twins and no words, and a text without twins.
_TOKENS = ("so . so it so it . a", "it is not it is", "no twins here .", "b , a , b c d e f")


def _sentences(seed):
    rng = np.random.default_rng([seed, 7])
    tokens = [["[CLS]", *text.split(), "[SEP]"] for text in _TOKENS]
    maps = [rng.dirichlet(np.full(len(t), 0.5), size=(2, 3, len(t))) for t in tokens]
    return maps, tokens


def q7_probe(ns, seed):
    maps, tokens = _sentences(seed)
    asked = [([_FEW_MAPS], [_FEW_TOKENS]), (maps, tokens)]
    return [
        plain(ns["twins"]([m.copy() for m in maps], [t.copy() for t in tokens]))
        for maps, tokens in asked
    ]


def _read_twins(
    maps, tokens, *, isword=str.isalpha, itself=False, one_way=None, other="seen", flat=False
):
    """Return what words read from their twins, and what the others read from those places."""
    same, rest = [], []
    for one, text in zip(maps, tokens, strict=True):
        names, word = np.array(text), np.array([isword(token) for token in text])
        words = word[:, None] & word
        alike = (names[:, None] == names) & words
        twin = alike & (~np.eye(len(text), dtype=bool) | itself)
        seen = twin.any(axis=0)
        twin = twin if one_way is None else one_way(twin)
        if not seen.any():
            continue
        from_others = {
            "seen": words & ~alike & seen, "all": words & ~alike, "any reader": words & seen,
            "read by twins": words & ~alike & seen[:, None], "everyone": ~alike & seen,
        }[other]  # fmt: skip
        same.append(one[..., twin])
        rest.append(one[..., from_others])
    if flat:
        return np.array([np.concatenate(part, axis=-1).mean(axis=-1) for part in (same, rest)])
    return np.array([np.mean([one.mean(axis=-1) for one in part], axis=0) for part in (same, rest)])


_TWIN_FAULTS = (
    ("A word is no twin of itself: leave out the place that reads.", {"itself": True}),
    ("Only tokens for which `token.isalpha()` are words: no full stops, no [CLS] and [SEP].",
     {"isword": lambda token: True}),
    ("[CLS] and [SEP] are gone, but full stops and commas are no words either: `isalpha`.",
     {"isword": lambda token: token[0] != "["}),
    ("The first array is right. The second must be about the same places, those of twins, or "
     "the comparison is with other words.", {"other": "all"}),
    ("The first array is right. In the second the twins are among the readers: leave them out.",
     {"other": "any reader"}),
    ("The first array is right. In the second the map is read from the other side: others read "
     "the twins.", {"other": "read by twins"}),
    ("The first array is right. In the second [CLS], [SEP] and full stops are among the readers.",
     {"other": "everyone"}),
    ("Twins read each other: count each pair both ways round.", {"one_way": np.triu}),
    ("Twins read each other: count each pair both ways round.", {"one_way": np.tril}),
    ("Each sentence should have the same weight: take the mean within a sentence first.",
     {"flat": True}),
)  # fmt: skip


def q7_judge(value, seed):
    small, sent = value if isinstance(value, list) and len(value) == 2 else (None, None)
    case = Case("twins([small_map], [small_tokens])", small, [[[0.55]], [[0.15]]])
    maps, tokens = _sentences(seed)
    right = _read_twins(maps, tokens)
    got = numbers(sent, right.shape)
    if got is None:
        hint = unread(sent, right.shape, "Return two arrays (layers, heads).")
        if "NaN" in hint:
            hint += " A sentence without twins is passed over."
        return 0, hint, case
    cases = [("", right), *((hint, _read_twins(maps, tokens, **how)) for hint, how in _TWIN_FAULTS)]
    counted = right * 3 / 4
    cases.append(("A sentence without twins is passed over, not counted as 0.", counted))
    otherwise = (
        "The first array is right. The second: the same places, read by the other words."
        if close(got[0], right[0], rtol=1e-4) else
        "The shape is right. Begin with one sentence: a table of which places q and k hold the "
        "same word, q and k different."
    )  # fmt: skip
    points, hint = match(got, cases, otherwise, points=POINTS["q7"], rtol=1e-4)
    if not points:
        return 0, hint, case
    if not close(numbers(small, (2,)) if small else [0, 0], [0.55, 0.15], rtol=1e-4):
        return 0, "Right for four sentences, but not for one of one layer and one head.", case
    return (
        points,
        "What a twin reads, and what anybody reads there: now they can be compared.",
        case,
    )


KEEP = "keep"
_REPORT = {
    "a": ("use", "a step from what was read to what was used"),
    "b": ("joint", "words that stand in for each other"),
    "c": (KEEP, "a sentence that says what was measured, and no more"),
    "d": ("control", "a number that has nothing to be compared with"),
    "e": ("pattern", "a second pattern with the same output"),
    "f": ("sample", "one case that is said of all"),
    "g": (KEEP, "a sentence that says what was measured, and no more"),
}
REASONS = (KEEP, "use", "joint", "pattern", "control", "sample")


def q8_probe(ns, seed):
    return plain(ns["report"])


def q8_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    given = {name: str(answer.get(name)).strip().lower() for name in _REPORT}
    unread = [name for name, reason in given.items() if reason not in REASONS]
    if unread:
        return 0, f"Give each of the seven one of {', '.join(REASONS)}; look at {unread[0]}."
    wrong = [told for name, (reason, told) in _REPORT.items() if given[name] != reason]
    # Whoever gives one word to all has five wrong.
    points = POINTS["q8"] * max(0.0, 1 - len(wrong) / 4)
    if not wrong:
        return points, "Looking is one question, using is another, and both want a comparison."
    missed = "\n".join(f"- {told}" for told in sorted(set(wrong)))
    return points, f"{7 - len(wrong)} of 7 are right. What was not recognised:\n{missed}"
