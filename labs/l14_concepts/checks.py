"""Probes and judges of the lab on concepts.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache

import numpy as np

from xaikit.labs import Case, close, drawn, listed, numbers, part, plain, unread

POINTS = {"q1": 3, "q2": 3, "q3": 3, "q4": 2, "q5": 3, "q6": 2, "q7": 2}


def _fresh(case):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in case]


def _judge(value, cases, right, wrong, points, praise, first, rtol=1e-6):
    """Mark one answer a case: right, a known mistake, or right for some of the cases."""
    truths = {name: right(*case) for name, case in cases.items()}
    replies = dict(zip(cases, listed(value, len(cases)), strict=True))
    for name, reply in replies.items():
        if fault := unread(reply, np.shape(truths[name]), first):
            return 0, fault
    got = {name: numbers(reply, np.shape(truths[name])) for name, reply in replies.items()}

    def agrees(answers):
        return [close(got[name], answers[name], rtol=rtol) for name in cases]

    ok = agrees(truths)
    if all(ok):
        return points, praise
    for hint, mistake in wrong.items():
        if all(agrees({name: mistake(*case) for name, case in cases.items()})):
            return 0, hint
    fine = [name for name, is_right in zip(cases, ok, strict=True) if is_right]
    if fine:
        rest = [name for name in cases if name not in fine]
        return 0, f"Right for: {', '.join(fine)}. Not right yet for: {', '.join(rest)}."
    return 0, "The form is right, the numbers in no hidden case. " + first


# Question 1: a concept vector


@lru_cache(64)
def _examples(seed):
    rng = np.random.default_rng([seed, 1])

    def case(n, m, d, size=1.0):
        mix = rng.normal(size=(d, d)) + 2 * np.eye(d)
        shift = rng.uniform(1, 2, d)
        far = rng.uniform(2, 3, d)
        shown = (rng.normal(size=(n, d)) @ mix + shift + far) * size
        return shown, (rng.normal(size=(m, d)) @ mix + far) * size

    return {
        "as many with as without": case(20, 20, 3),
        "unequal numbers": case(12, 30, 4),
        "numbers of a millionth": case(15, 20, 3, 1e-6),
        "numbers of a million": case(15, 20, 3, 1e6),
    }


def _probe(shown, others, bias=True, length=True, sign=1):
    X = np.vstack([shown, others])
    y = np.repeat([1.0, -1.0], [len(shown), len(others)])
    if bias:
        X, y = X - X.mean(axis=0), y - y.mean()
    scale = np.abs(X).max()
    w = sign * np.linalg.lstsq(X / scale, y, rcond=None)[0]
    return w / np.linalg.norm(w) if length else w / scale


def _means(shown, others):
    gap = shown.mean(axis=0) - others.mean(axis=0)
    return gap / np.linalg.norm(gap)


_PAIRS = (np.array([[3.0, 1.0], [3.0, -1.0]]), np.array([[1.0, 1.0], [1.0, -1.0]]))


def q1_probe(ns, seed):
    def ask(case):
        return plain(ns["concept_vector"](*_fresh(case)))

    return {"small": ask(_PAIRS), "rest": [ask(case) for case in _examples(seed).values()]}


_NOT_VECTOR = {
    "It has not the length 1: divide by its own length.": lambda *c: _probe(*c, length=False),
    "It points away from the concept.": lambda *c: _probe(*c, sign=-1),
    "The probe has no intercept. Give it one, or take off the mean of all rows first.":
        lambda *c: _probe(*c, bias=False),
    "That is the difference of the means. The normal of the probe is asked.": _means,
}  # fmt: skip


def q1_judge(value, seed):
    points, hint = _judge(
        part(value, "rest"), _examples(seed), _probe, _NOT_VECTOR, POINTS["q1"],
        "One direction for an idea.", "Return one number for each column of the activations.",
    )  # fmt: skip
    return points, hint, Case("concept_vector(*pairs)", part(value, "small"), [1, 0])


# Question 2: the derivative along a concept


def _head(size, w):
    def head(rows):
        z = np.asarray(rows, dtype=float) / size @ w
        return np.sin(z) + z**3

    return head


@lru_cache(64)
def _heads(seed):
    rng = np.random.default_rng([seed, 2])

    def case(n, d, size=1.0):
        w, v = rng.uniform(0.5, 1, (2, d)) * rng.choice([-1, 1], d)
        return (
            _head(size, w),
            rng.uniform(-1, 1, (n, d)) * size,
            3 * v * rng.choice([-1, 1]),
            size,
            w,
        )

    return {
        "a curve that bends": case(12, 3),
        "a single row": case(1, 4),
        "activations of a millionth": case(8, 3, 1e-6),
        "activations of a million": case(8, 3, 1e6),
    }


def _slope(head, rows, v, size, w, unit=True, sign=1, middle=False):
    rows = np.tile(rows.mean(axis=0), (len(rows), 1)) if middle else rows
    z = rows / size @ w
    along = w @ v / (np.linalg.norm(v) if unit else 1)
    return sign * (np.cos(z) + 3 * z**2) * along / size


_TWO = np.array([[1.0, 5.0], [3.0, 5.0]])


def q2_probe(ns, seed):
    def ask(head, rows, v):
        return plain(ns["derivatives"](head, rows.copy(), v.copy()))

    small = ask(
        lambda rows: rows[:, 0] ** 2, np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([2.0, 0])
    )
    return {"small": small, "rest": [ask(*case[:3]) for case in _heads(seed).values()]}


_NOT_SLOPE = {
    "The vector has any length: go along it at length 1.": lambda *c: _slope(*c, unit=False),
    "The sign is turned round: more of the concept minus less of it.":
        lambda *c: _slope(*c, sign=-1),
}  # fmt: skip


def q2_judge(value, seed):
    points, hint = _judge(
        part(value, "rest"), _heads(seed), _slope, _NOT_SLOPE, POINTS["q2"],
        "What the answer does when there is a little more of the idea.",
        "Return one derivative for each row.", rtol=1e-3,
    )  # fmt: skip
    return points, hint, Case("derivatives(square, rows, [2, 0])", part(value, "small"), [2, 6])


# Question 3: the test against random concepts. Eight rows: every share is exact, ties are ties.


@lru_cache(64)
def _draws(seed):
    rng = np.random.default_rng([seed, 3])

    def case(positive, zeros, draws, looked, size=1.0):
        def row(k, none):
            signs = np.repeat([1.0, 0.0, -1.0], [k, none, 8 - k - none])
            return rng.permutation(signs) * rng.uniform(0.5, 2, 8) * size

        return row(positive, zeros), np.array([row(*d) for d in draws]), looked

    wide = [(8, 0), (0, 0), (1, 0), (7, 0), (5, 0), (3, 2), (4, 0), (2, 0), (4, 0)]
    return {
        "zeros": case(5, 2, wide + [(3, 1)] * 10, 1),
        "a tie": case(7, 0, wide + [(4, 0)] * 10, 1),
        "less than half": case(1, 0, wide + [(3, 0)] * 10, 2),
        "three concepts": case(8, 0, wide + [(5, 1)] * 30, 3, 1e-6),
        "none is as far": case(8, 0, [(5, 0), (4, 0), (3, 0), (2, 2)] * 6, 2, 1e6),
        "many concepts": case(6, 1, wide, 5),
    }


def _tested(own, random, looked, zero=0.5, plus=1, strict=False, sides=2, cap=True, times=True):
    def score(d):
        return (d > 0).mean(axis=-1) + zero * (d == 0).mean(axis=-1)

    far = np.abs(score(random) - 0.5) if sides == 2 else score(random) - 0.5
    mine = abs(score(own) - 0.5) if sides == 2 else score(own) - 0.5
    hits = (far > mine).sum() if strict else (far >= mine).sum()
    p = (plus + hits) / (plus + len(random)) * (looked if times else 1)
    return np.array([score(own), min(1.0, p) if cap else p])


_FEW = (
    np.array([1.0, 2.0, 3.0, 0.0]),
    np.array([[1.0, -1, 1, -1], [1, 1, 1, 1], [-1, -1, 1, 1]]),
    1,
)


def q3_probe(ns, seed):
    def ask(case):
        return plain(ns["tested"](*_fresh(case)))

    return {"small": ask(_FEW), "rest": [ask(case) for case in _draws(seed).values()]}


_NOT_TESTED = {
    "A derivative of 0 counts as half.": lambda *c: _tested(*c, zero=0),
    "You count a 0 as positive; it counts as half.": lambda *c: _tested(*c, zero=1),
    "Add 1 above and below: the concept itself is one of the draws.":
        lambda *c: _tested(*c, plus=0),
    "A random score that is just as far counts too.": lambda *c: _tested(*c, strict=True),
    "That looks at one side only. Far below a half is far as well.":
        lambda *c: _tested(*c, sides=1),
    "Multiply by the number of concepts looked at.": lambda *c: _tested(*c, times=False),
    "No p is above 1.": lambda *c: _tested(*c, cap=False),
}  # fmt: skip


def q3_judge(value, seed):
    points, hint = _judge(
        part(value, "rest"), _draws(seed), _tested, _NOT_TESTED, POINTS["q3"],
        "Now chance has had its say.", "Return two numbers: the score and p.",
    )  # fmt: skip
    return points, hint, Case("tested(*few)", part(value, "small"), [0.875, 0.5])


# Questions 4 and 6: choices


def _choices(value, truths, allowed, points, spare, praise):
    """Say how many entries are wrong and which thought helps, but not which entries."""
    answer = value if isinstance(value, dict) else {}
    said = {name: str(answer.get(name, "")).strip().lower() for name in truths}
    if all(word not in allowed for word in said.values()):
        return 0, f"Give each of {', '.join(truths)} one of these: {', '.join(allowed)}."
    wrong = [name for name, (truth, _) in truths.items() if said[name] != truth]
    if not wrong:
        return points, praise
    told = [f"{len(wrong)} of {len(truths)} {'is' if len(wrong) == 1 else 'are'} not right yet."]
    told += sorted({truths[name][1] for name in wrong})
    return points * max(0.0, 1 - len(wrong) / spare), "\n".join(told)


_BETS = {
    "linear": ("0 or 1", "The slope of a linear head is the same at each row."),
    "longer": ("same", "Does a longer vector turn a sign round?"),
    "smallest p": ("1/20", "Put no hit into (1 + hits) / (1 + draws)."),
}
_FINDINGS = {
    "a": ("chance", "Where random directions score as far, the score says nothing of the idea."),
    "b": ("stand-in", "If nothing moves when one idea alone is changed, another idea did it."),
    "c": ("leak", "A bottleneck must not know more than the yes and no of its concepts."),
    "d": ("confounded", "Look at what else differs between the two heaps of examples."),
    "e": ("holds", "What survives chance, and an intervention on it alone, may stand."),
}


def q4_probe(ns, seed):
    return plain(ns["bet"])


def q4_judge(value, seed):
    words = ("0 or 1", "about half", "same", "larger", "0", "1/19", "1/20")
    praise = "A share of 1 is cheap where the head is linear."
    return _choices(value, _BETS, words, POINTS["q4"], 2, praise)


def q6_probe(ns, seed):
    return plain(ns["verdicts"])


def q6_judge(value, seed):
    words = tuple(word for word, _ in _FINDINGS.values())
    return _choices(value, _FINDINGS, words, POINTS["q6"], 2, "Five findings, five verdicts.")


# Question 5: examples that are not confounded


@lru_cache(64)
def _heaps(seed):
    rng = np.random.default_rng([seed, 5])
    found = []
    for sizes in ((40, 12, 15, 50), (11, 60, 45, 13)):
        kinds = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        found.append(rng.permutation(np.repeat(kinds, sizes, axis=0)))
    return found


def q5_probe(ns, seed):
    return [plain(ns["choose"](t[:, 0].copy(), t[:, 1].copy())) for t in _heaps(seed)]


def _choice_fault(reply, table):
    if fault := unread(reply, (40,), "Return the numbers of 40 rows."):
        return fault
    rows = numbers(reply, (40,))
    if (rows != np.round(rows)).any() or rows.min() < 0 or rows.max() >= len(table):
        return "There is a number among them that is no row of the table."
    if len(set(rows.tolist())) < 40:
        return "A row is chosen more than once."
    concept, other = table[rows.astype(int)].T
    if concept.sum() != 20:
        return "Choose 20 with the concept and 20 without."
    shares = other[concept == 1].sum(), other[concept == 0].sum()
    if shares[0] != shares[1]:
        return "The other thing is more common on one side: a probe may learn it instead."
    if shares[0] in (0, 20):
        return "The other thing never varies: the vector is then untried where it differs."
    return ""


def q5_judge(value, seed):
    pairs = zip(listed(value, 2), _heaps(seed), strict=True)
    faults = [f for f in (_choice_fault(*pair) for pair in pairs) if f]
    return (0, faults[0]) if faults else (POINTS["q5"], "The two heaps differ in one thing only.")


# Question 7: a plot of one's own


@lru_cache(64)
def _samples(seed):
    rng = np.random.default_rng([seed, 7])
    return tuple(
        ([f"idea {k}" for k in range(d)], rng.uniform(0.7, 0.95, d), rng.uniform(0.1, 0.6, (n, d)))
        for n, d in ((30, 3), (50, 4))
    )


def q7_probe(ns, seed):
    return [drawn(ns["draw"], list(n), s.copy(), r.copy()) for n, s, r in _samples(seed)]


def _plot_faults(seen, names, scores, random):
    points, bars = part(seen, "points") or [], part(seen, "bars") or []
    places = [[p[0] for p in points] + [b[0] + b[2] for b in bars]]
    places.append([p[1] for p in points] + [b[1] + b[3] for b in bars])
    axes = [k for k in (0, 1) if all(np.isclose(places[k], s, atol=1e-3).any() for s in scores)]
    if not axes:
        return ["Each concept needs a dot or a bar at its score."]
    a = axes[0]
    spans = [
        sorted((s[a], s[a + 2]))
        for s in part(seen, "segments") or []
        if abs(s[1 - a] - s[3 - a]) < 1e-9
    ]

    def there(low, high):
        ends = np.percentile(random, [low, high], axis=0).T
        return all(any(np.allclose(s, e, atol=1e-3) for s in spans) for e in ends)

    faults = []
    if not there(2.5, 97.5):
        whole = " You drew them from end to end." if there(0, 100) else ""
        faults.append(f"Draw the middle 95% of the random scores, 2.5% to 97.5%.{whole}")
    ticks = [t[1] for t in part(seen, ("y_ticks", "x_ticks")[a]) or []]
    label = str(part(seen, ("x_label", "y_label")[a]) or "").strip()
    if not set(names) <= set(ticks) or not label:
        faults.append("Name the concepts at one axis, and label the axis of the scores.")
    return faults


def q7_judge(value, seed):
    pairs = zip(listed(value, 2), _samples(seed), strict=True)
    told = list(dict.fromkeys(f for seen, sample in pairs for f in _plot_faults(seen, *sample)))
    if not told:
        return POINTS["q7"], "Each idea stands beside what chance can do."
    return (0 if "dot or a bar" in told[0] else max(0, POINTS["q7"] - len(told))), "\n".join(told)
