"""Probes and judges of the lab on concepts.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
"""

from functools import lru_cache

import numpy as np

from xaikit.labs import (
    Case,
    close,
    drawn,
    listed,
    match_cases,
    numbers,
    part,
    plain,
    unread,
    without,
)

POINTS = {"q1": 3, "q2": 3, "q3": 3, "q4": 1, "q5": 2, "q6": 3, "q7": 3, "q8": 2}
LIMITS = {"seconds": 120, "memory_mb": 3072}  # the notebook opens a network


def _fresh(case):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in case]


_LARGE = (
    "There is a number above a million millions in what came back. Is a step, or a divisor, right "
    "for numbers of a millionth?"
)


def _match(*asked, **told):
    points, hint = match_cases(*asked, **told)
    return points, _LARGE if "million millions" in hint else hint


# Question 1: a concept vector


@lru_cache(64)
def _examples(seed):
    rng = np.random.default_rng([seed, 1])

    def case(n, m, d, size=1.0, silent=False):
        mix = rng.normal(size=(d, d)) + 2 * np.eye(d)
        shift = rng.uniform(1, 2, d)
        far = rng.uniform(2, 3, d)
        shown = (rng.normal(size=(n, d)) @ mix + shift + far) * size
        others = (rng.normal(size=(m, d)) @ mix + far) * size
        if silent:
            shown[:, 1] = others[:, 1] = 0
        return shown, others

    return {
        "as many with as without": case(20, 20, 3),
        "unequal numbers": case(12, 30, 4),
        "numbers of a millionth": case(15, 20, 3, 1e-6),
        "numbers of a million": case(15, 20, 3, 1e6),
        "a unit that is always 0": case(20, 15, 4, silent=True),
    }


def _probe(shown, others, bias=True, length=True, sign=1, scaled=False):
    X = np.vstack([shown, others])
    y = np.repeat([1.0, -1.0], [len(shown), len(others)])
    if bias:
        X, y = X - X.mean(axis=0), y - y.mean()
    scale = np.abs(X).max()
    spread = np.where(X.std(axis=0) > 0, X.std(axis=0), 1) / scale if scaled else 1
    w = sign * np.linalg.lstsq(X / scale / spread, y, rcond=None)[0]
    return w / np.linalg.norm(w) if length else w / scale


def _means(shown, others):
    gap = shown.mean(axis=0) - others.mean(axis=0)
    return gap / np.linalg.norm(gap)


_PAIRS = (np.array([[3.0, 1.0], [3.0, -1.0]]), np.array([[1.0, 1.0], [1.0, -1.0]]))
_PAIRS_CALL = "concept_vector(np.array([[3, 1], [3, -1]]), np.array([[1, 1], [1, -1]]))"


def q1_probe(ns, seed):
    def ask(case):
        return plain(ns["concept_vector"](*_fresh(case)))

    return {"small": ask(_PAIRS), "rest": [ask(case) for case in _examples(seed).values()]}


_NOT_VECTOR = {
    "The direction is right. Its length is not 1: divide it by its own length.":
        lambda *c: _probe(*c, length=False),
    "The line is right, but the vector points away from the concept. Its target is 1 for `shown`.":
        lambda *c: _probe(*c, sign=-1),
    "The probe has no intercept. Give it one, or subtract the mean of all rows first.":
        lambda *c: _probe(*c, bias=False),
    "That is the difference of the means. It ignores how the columns vary together; fit the probe.":
        _means,
    "These are the coefficients of standardised columns. Divide each by its column's spread.":
        lambda *c: _probe(*c, scaled=True),
}  # fmt: skip


def _other_vector(got, truths):
    if all(abs(np.linalg.norm(v) - 1) < 1e-6 for v in got.values()):
        return (
            "The length is 1. But these are not the coefficients of least squares with the targets "
            "1 and −1, for no hidden case or only for some."
        )
    return ""


def q1_judge(value, seed):
    replies = listed(part(value, "rest"), len(_examples(seed)))
    pairs = zip(replies, _examples(seed).values(), strict=True)
    longer = all(isinstance(r, list) and len(r) == c[0].shape[1] + 1 for r, c in pairs)
    points, hint = _match(
        replies, _examples(seed), _probe, _NOT_VECTOR,
        points=POINTS["q1"], praise="One direction for an idea.",
        wanted="Leave out the intercept before you scale." if longer
        else "Return one number for each column of the activations.", look=_other_vector,
    )  # fmt: skip
    return points, hint, Case(_PAIRS_CALL, part(value, "small"), [1, 0])


# Question 2: the derivative along a concept. The slope of the head is 3z² - 2: it has both signs.


def _head(size, w):
    def head(rows):
        z = np.asarray(rows, dtype=float) / size @ w
        return z**3 - 2 * z

    return head


@lru_cache(64)
def _heads(seed):
    rng = np.random.default_rng([seed, 2])

    def case(n, d, sign, size=1.0):
        w, v = rng.uniform(0.5, 1, (2, d)) * rng.choice([-1, 1], d)
        # Values of z at both sides of the turning points, whatever the seed.
        z = rng.permutation(np.linspace(1.2, -0.4, n)) + rng.uniform(0, 0.1)
        rows = rng.uniform(-1, 1, (n, d))
        rows += ((z - rows @ w) / (w @ w))[:, None] * w
        return _head(size, w), rows * size, 3 * sign * v, size, w

    return {
        "a curve that bends": case(12, 3, 1),
        "a vector that points the other way": case(9, 3, -1),
        "a single row": case(1, 4, -1),
        "activations of a millionth": case(8, 3, 1, 1e-6),
        "activations of a million": case(8, 3, -1, 1e6),
    }


def _same_slope(got, truth):
    # A slope may be near 0 where others of its case are not.
    return bool(np.abs(got - truth).max() <= 1e-3 * np.abs(truth).max())


def _slope(head, rows, v, size, w, unit=True, sign=1, middle=False, unsigned=False):
    rows = np.tile(rows.mean(axis=0), (len(rows), 1)) if middle else rows
    z = rows / size @ w
    along = w @ v / (np.linalg.norm(v) if unit else 1)
    slopes = sign * (3 * z**2 - 2) * along / size
    return np.abs(slopes) if unsigned else slopes


def q2_probe(ns, seed):
    def ask(head, rows, v):
        return plain(ns["derivatives"](head, rows.copy(), v.copy()))

    small = ask(lambda rows: rows[:, 0] ** 2, np.array([[1.0, 5], [3, 5]]), np.array([2.0, 0]))
    return {"small": small, "rest": [ask(*case[:3]) for case in _heads(seed).values()]}


_NOT_SLOPE = {
    "Right up to the length of the vector: go along it at length 1.":
        lambda *c: _slope(*c, unit=False),
    "The size is right, the sign is reversed: the head a step forward minus the head a step back.":
        lambda *c: _slope(*c, sign=-1),
    "The sizes are right. Keep the signs: an answer may fall along the idea.":
        lambda *c: _slope(*c, unsigned=True),
    "Every row gets the derivative of the mean row. Start each row from where it is.":
        lambda *c: _slope(*c, middle=True),
}  # fmt: skip
_SQUARE_CALL = (
    "derivatives(lambda rows: rows[:, 0] ** 2, np.array([[1.0, 5], [3, 5]]), np.array([2.0, 0]))"
)


def q2_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), _heads(seed), _slope, _NOT_SLOPE,
        points=POINTS["q2"], praise="What the answer does when there is a little more of the idea.",
        wanted="Return one derivative for each row.", same=_same_slope,
    )  # fmt: skip
    return points, hint, Case(_SQUARE_CALL, part(value, "small"), [2, 6])


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


_FEW_CALL = (
    "tested(np.array([1, 2, 3, 0]), np.array([[1, -1, 1, -1], [1, 1, 1, 1], [-1, -1, 1, 1]]), 1)"
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


def _score_or_p(got, truths):
    fine = [all(close(v[k], truths[name][k]) for name, v in got.items()) for k in (0, 1)]
    if fine[0]:
        return (
            "The score is right, p is not yet. Go through its three lines: at least as far and on "
            "either side; 1 added twice; times `looked`, and not above 1."
        )
    return "p is right, the score is not yet: a 0 counts as half." if fine[1] else ""


def q3_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), _draws(seed), _tested, _NOT_TESTED,
        points=POINTS["q3"], praise="Now chance has had its say.",
        wanted="Return two numbers: the score and p.", look=_score_or_p,
    )  # fmt: skip
    return points, hint, Case(_FEW_CALL, part(value, "small"), [0.875, 0.5])


# Question 4: bets


_BETS = {
    "linear": ("0 or 1", "The slope of a linear head is the same at each row."),
    "longer": ("same", "Does a longer vector reverse a sign?"),
    "smallest p": ("1/20", "Put no hit into (1 + hits) / (1 + draws)."),
}
_WORDS = ("0 or 1", "about half", "same", "larger", "0", "1/19", "1/20")


def q4_probe(ns, seed):
    return plain(ns["bet"])


def q4_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    said = {name: str(answer.get(name, "")).strip().lower() for name in _BETS}
    if all(word not in _WORDS for word in said.values()):
        return 0, f"Give each of {', '.join(_BETS)} one of the words that the text offers."
    wrong = [name for name, (truth, _) in _BETS.items() if said[name] != truth]
    if not wrong:
        return POINTS["q4"], "With a linear head a share of 1 is easily had."
    count = f"{len(wrong)} of {len(_BETS)} {'is' if len(wrong) == 1 else 'are'} not right yet."
    return 0, "\n".join([count, *(_BETS[name][1] for name in wrong)])


# Question 5: examples that are not confounded. The first forty rows look even, and are not.


@lru_cache(64)
def _collections(seed):
    rng = np.random.default_rng([seed, 5])
    kinds = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])

    def case(first, more, n):
        parts = [rng.permutation(np.repeat(kinds, sizes, axis=0)) for sizes in (first, more)]
        return np.vstack(parts), n

    return [
        case((16, 4, 4, 16), (24, 18, 21, 34), 40),
        case((4, 16, 16, 4), (7, 44, 29, 9), 40),
        case((17, 3, 3, 17), (4, 3, 4, 8), 24),
    ]


def q5_probe(ns, seed):
    return [plain(ns["choose"](*t.T.copy(), n)) for t, n in _collections(seed)]


def _choice_fault(reply, table, n):
    if fault := unread(reply, (n,), f"Return the numbers of {n} images when n is {n}."):
        return fault
    rows = numbers(reply, (n,))
    if (rows != np.round(rows)).any() or rows.min() < 0 or rows.max() >= len(table):
        return "There is a number among them that belongs to no image."
    if len(set(rows.tolist())) < n:
        return "The number of images is right, but one is chosen more than once."
    concept, other = table[rows.astype(int)].T
    if concept.sum() != n // 2:
        return "The images are all different. Choose half of them with the concept, half without."
    shares = other[concept == 1].sum(), other[concept == 0].sum()
    if shares[0] != shares[1]:
        return (
            "Half of them have the concept. But the other thing is more common on one side: "
            "a probe may learn it instead."
        )
    if shares[0] in (0, n // 2):
        return "The two groups are alike, but the other thing never varies within a group."
    return ""


def q5_judge(value, seed):
    pairs = zip(listed(value, 3), _collections(seed), strict=True)
    faults = [f for f in (_choice_fault(reply, *case) for reply, case in pairs) if f]
    return (0, faults[0]) if faults else (POINTS["q5"], "Only the concept tells them apart.")


# Question 6: find the fault by two interventions. An image carries its number and whether it has
# a bar; a machine is a table of what it sees, and a curve from there to the answer.

_STEP = ([0, 0.49, 0.5, 1], [0.1, 0.1, 0.9, 0.9])
_LINE = ([0, 1], [0.0, 1.0])


def _look(seen):
    def look(images):
        which, bar = images[:, 0, 0].astype(int), images[:, 1, 1].astype(int)
        return seen[which, bar]

    return look


def _answer(curve):
    def answer(numbers_seen):
        return np.interp(numbers_seen, *curve)

    return answer


@lru_cache(64)
def _machines(seed):
    rng = np.random.default_rng([seed, 6])
    n = 10

    def low():
        return rng.uniform(0.02, 0.08, n)

    def high():
        return rng.uniform(0.92, 0.98, n)

    def with_one(column, value):
        column[rng.integers(n)] = value
        return column

    same, even = rng.uniform(0, 1, n), rng.permutation(np.repeat([0, 1], n // 2))
    half = rng.permutation(np.linspace(0.3, 0.7, n))
    one = with_one(np.zeros(n), 0.35)
    tables = [
        ("none", low(), high(), _STEP),
        ("stand-in", same, same, _STEP),
        ("stand-in", half, half + rng.choice([-1, 1], n) * 0.005, _LINE),
        ("leak", low() + 0.2, high() - 0.2, _LINE),
        ("none", np.where(even, 0.05, 0.95), np.where(even, 0.95, 0.05), _STEP),
        ("leak", np.zeros(n), half, _LINE),
        ("leak", half, np.ones(n), _LINE),
        ("leak", with_one(np.zeros(n), 0.3), np.ones(n), _LINE),
        ("none", low(), np.full(n, 0.5), _STEP),
        ("none", low() * 0, one, _STEP),
        ("none", high(), low(), _STEP),
        ("none", low(), low() + 0.2, _STEP),
    ]
    order = rng.permutation(len(tables))
    return [tables[k] for k in order]


def _images(bar):
    images = np.zeros((10, 3, 3))
    images[:, 0, 0], images[:, 1, 1] = np.arange(10), bar
    return images


def q6_probe(ns, seed):
    find = ns["fault"]
    small = plain(find(lambda i: i, lambda x: x, np.array([0.1, 0.2]), np.array([0.8, 0.9])))
    rest = [
        plain(find(_look(np.column_stack([a, b])), _answer(curve), _images(0), _images(1)))
        for _, a, b, curve in _machines(seed)
    ]
    return {"small": small, "rest": rest}


def _found(a, b, curve, moved=lambda d: np.abs(d).max(), over=np.max, **options):
    """What somebody says who sums up the moves of numbers and answers in these ways."""
    answer = _answer(curve)
    gap = answer(b) - answer(a) if options.get("by_answer") else b - a
    still = not moved(gap) > 0.01
    both = {"plain": a, "barred": b}.get(options.get("only"), np.concatenate([a, b]))
    plain_words = np.round(both) if options.get("rounded") else both >= 0.5
    leaks = over(np.abs(answer(both) - answer(plain_words.astype(float)))) > 0.1
    if options.get("leak_first"):
        return "leak" if leaks else "stand-in" if still else "none"
    return "stand-in" if still else "leak" if leaks else "none"


_NOT_FOUND = {
    "Numbers that rise for some images and fall for others cancel in a mean. Look at each image.":
        {"moved": lambda d: abs(d.mean())},
    "A number that falls has moved too.": {"moved": np.max},
    "One image whose number moves is enough: then it is no stand-in.":
        {"moved": lambda d: np.abs(d).min()},
    "One image whose answer changes is a leak. A mean over the images hides it.": {"over": np.mean},
    "You look for a leak in the plain images only. It may show in those with a bar.":
        {"only": "plain"},
    "You look for a leak in the barred images only. It may show in the plain ones.":
        {"only": "barred"},
    "A stand-in asks whether the *numbers* move, not whether the answers do.": {"by_answer": True},
    "Ask for the stand-in first: a number that does not see the bar has nothing to leak about it.":
        {"leak_first": True},
    "Exactly 0.5 becomes 1. NumPy rounds it to 0.": {"rounded": True},
}  # fmt: skip
_FAULT_CALL = (
    "fault(lambda images: images, lambda numbers: numbers, "
    "np.array([0.1, 0.2]), np.array([0.8, 0.9]))"
)


def q6_judge(value, seed):
    truths = [word for word, *_ in _machines(seed)]
    replies = listed(part(value, "rest"), len(truths))
    said = [str(r).strip().lower() for r in replies]
    case = Case(_FAULT_CALL, part(value, "small"), "leak")
    if None in replies:
        some = "Nothing came back" + (
            "" if replies.count(None) == len(truths) else " from some ways"
        )
        return 0, f"{some}: does every way through your function end with a `return`?", case
    if not set(said) <= {"stand-in", "leak", "none"}:
        return 0, 'Return one of the words "stand-in", "leak" and "none".', case
    if said == truths:
        return POINTS["q6"], "Two changes, and each machine tells what it hides.", case
    for hint, options in _NOT_FOUND.items():
        if said == [_found(*machine, **options) for _, *machine in _machines(seed)]:
            return 0, hint, case
    right = sum(a == b for a, b in zip(said, truths, strict=True))
    missed = [w for w in ("stand-in", "leak", "none") if w not in said]
    more = f" You never return {missed[0]!r}." if missed else ""
    told = f"Right for {right} of {len(truths)} machines.{more}"
    return 0, told + " Follow the two changes on one image with a pencil.", case


# Question 7: a sparse code. The angles between features are fixed, and a rotation is drawn: what
# the pursuit does is the same for every seed.


@lru_cache(64)
def _codes(seed):
    rng = np.random.default_rng([seed, 7])

    def case(angles, strengths, steps, size=1.0):
        turn = rng.uniform(0, 2 * np.pi)
        flat = np.radians(angles)[:, None] + turn
        dictionary = np.hstack([np.cos(flat), np.sin(flat)])
        # The plane of the features is put into four units at random.
        frame = np.linalg.qr(rng.normal(size=(4, 4)))[0][:2]
        dictionary = (dictionary @ frame)[order := rng.permutation(len(angles))]
        row = size * rng.uniform(1, 2) * (np.array(strengths, dtype=float)[order] @ dictionary)
        return row, dictionary, steps

    return {
        "one feature": case((0, 120, 240), (1, 0, 0), 1),
        "two features that overlap": case((0, 50, 170, 260), (3, 1, 0, 0), 2),
        "a feature that comes again": case((0, 50, 170), (3, 2, 0), 5),
        "only negative products": case((0, 40, 80), (-1, -2, -1), 2),
        "a large negative product": case((0, 60, 130), (-3, 0, 1), 1),
        "activations of a millionth": case((0, 70, 160, 230), (2, 1, 0, 0), 3, 1e-6),
        "activations of a million": case((0, 70, 160, 230), (0, 2, 1, 0), 3, 1e6),
    }


def _pursue(row, dictionary, steps, **how):
    strength, rest = np.zeros(len(dictionary)), row
    for _ in range(how.get("most", steps)):
        products = dictionary @ rest
        k = np.abs(products).argmax() if how.get("either") else products.argmax()
        if products[k] <= 0 and not how.get("either") and not how.get("on"):
            break
        strength[k] = products[k] + (0 if how.get("overwrite") else strength[k])
        rest = rest - (1 if how.get("whole") else products[k]) * dictionary[k]
    return strength


def _largest(row, dictionary, steps):
    products = dictionary @ row
    return np.where(products >= np.sort(products)[-min(steps, len(products))], products, 0)


def _least_squares(row, dictionary, steps):
    return np.linalg.lstsq(dictionary.T, row, rcond=None)[0]


_THREE = (np.array([3.0, 4.0]), np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), 1)
_THREE_CALL = "sparse_code(np.array([3, 4]), np.array([[1, 0], [0, 1], [0.6, 0.8]]), 1)"


def q7_probe(ns, seed):
    # Imported where the answer runs only: judges have no need of it.
    from sklearn.linear_model import orthogonal_mp, orthogonal_mp_gram

    library = (getattr(f, "__wrapped__", f) for f in (orthogonal_mp, orthogonal_mp_gram))
    own = without(ns["sparse_code"], *library)

    def ask(row, dictionary, steps):
        return plain(own(row.copy(), dictionary.copy(), steps))

    return {"small": ask(*_THREE), "rest": [ask(*case) for case in _codes(seed).values()]}


_NOT_CODE = {
    "These are all products at once. Features that overlap then seem to be there; subtract first.":
        lambda r, d, k: d @ r,
    "These are the largest products of the whole row. Take one, subtract, and compute them anew.":
        _largest,
    "A strength is not below 0: take the largest product, not the largest size.":
        lambda *c: _pursue(*c, either=True),
    "Stop when no product is above 0: there is no more of any feature.":
        lambda *c: _pursue(*c, on=True),
    "A feature may come again. Add to its strength; you overwrite it.":
        lambda *c: _pursue(*c, overwrite=True),
    "Subtract the product times the feature, not the feature alone.":
        lambda *c: _pursue(*c, whole=True),
    "That is the first step only. Go on with what is left.": lambda *c: _pursue(*c, most=1),
    "Least squares spreads the activations over all features. Take one feature at a time.":
        _least_squares,
}  # fmt: skip


def q7_judge(value, seed):
    points, hint = _match(
        part(value, "rest"), _codes(seed), _pursue, _NOT_CODE,
        points=POINTS["q7"], praise="A few features, and each once.",
        wanted="Return one strength for each feature.",
    )  # fmt: skip
    return points, hint, Case(_THREE_CALL, part(value, "small"), [0, 0, 5])


# Question 8: a plot of one's own


@lru_cache(64)
def _samples(seed):
    rng = np.random.default_rng([seed, 8])

    def case(n, d):
        places = rng.permutation(np.linspace(0.1, 0.5, d))
        scores = rng.permutation(np.linspace(0.75, 0.95, d)) + rng.uniform(0, 0.02)
        # Skewed, and another range for each concept.
        return [f"idea {k}" for k in range(d)], scores, places * rng.uniform(0, 1, (n, d)) ** 2

    return case(30, 3), case(50, 4)


def q8_probe(ns, seed):
    return [drawn(ns["draw"], list(n), s.copy(), r.copy()) for n, s, r in _samples(seed)]


def _dots(seen, a):
    """Give the place and the value of each dot, and of the end of each bar."""
    marks = [(p[1 - a], p[a]) for p in part(seen, "points") or []]
    for bar in part(seen, "bars") or []:
        marks.append((bar[1 - a] + bar[3 - a] / 2, bar[a] + bar[2 + a]))
    return marks


def _plot_faults(seen, names, scores, random):
    """Name what is missing; the first number says whether the scores are there at all."""
    for a in (0, 1):
        marks = _dots(seen, a)
        places = [[p for p, v in marks if abs(v - s) < 1e-3] for s in scores]
        if all(places):
            break
    else:
        beside = " You drew on other axes: use `ax`." if part(seen, "beside") else ""
        return True, [f"Each concept needs a dot or a bar at its score.{beside}"]
    spans = [
        (s[1 - a], sorted((s[a], s[a + 2])))
        for s in part(seen, "segments") or []
        if abs(s[1 - a] - s[3 - a]) < 1e-9
    ]

    def there(ends):
        return all(
            any(abs(q - p) < 1e-3 and np.allclose(s, e, atol=1e-4) for q, s in spans for p in own)
            for own, e in zip(places, ends, strict=True)
        )

    def between(low, high, **how):
        return np.broadcast_to(np.percentile(random, [low, high], **how).T, (len(names), 2))

    faults, middle, half = [], random.mean(axis=0), 1.96 * random.std(axis=0)
    if not there(between(2.5, 97.5, axis=0)):
        told = {
            " You drew them from end to end.": between(0, 100, axis=0),
            " You drew the middle half.": between(25, 75, axis=0),
            " You drew all concepts together; each has its own column.": between(2.5, 97.5),
            " Mean ± 1.96 deviations is not that where the scores are skewed.":
                np.column_stack([middle - half, middle + half]),
        }  # fmt: skip
        if all(any(abs(sum(s) / 2 - v) < 1e-3 for _, s in spans) for v in scores):
            told[" You drew it around the score; chance has a place of its own."] = None
        more = next((said for said, ends in told.items() if ends is None or there(ends)), "")
        faults.append(f"Draw the middle 95% of the random scores, 2.5% to 97.5%.{more}")
    ticks = part(seen, ("y_ticks", "x_ticks")[a]) or []
    label = str(part(seen, ("x_label", "y_label")[a]) or "").strip()
    named = [[place for place, text in ticks if text == name] for name in names]
    if not all(named) or not label:
        faults.append("Name the concepts at one axis, and label the axis of the scores.")
    elif any(
        all(abs(t - p) > 1e-3 for t in at for p in own)
        for at, own in zip(named, places, strict=True)
    ):
        faults.append("Each name must stand beside its own score.")
    return False, faults


def q8_judge(value, seed):
    pairs = zip(listed(value, 2), _samples(seed), strict=True)
    found = [_plot_faults(seen, *sample) for seen, sample in pairs]
    told = list(dict.fromkeys(fault for _, faults in found for fault in faults))
    if not told:
        return POINTS["q8"], "Each idea stands beside what chance can do."
    nothing = any(bare for bare, _ in found)
    return (0 if nothing else max(0, POINTS["q8"] - len(told))), "\n".join(told)
