"""Probes and judges of the lab on saliency maps.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
Neither needs TensorFlow; the notebook does.
"""

import numpy as np

from xaikit.labs import match, match_each, numbers, plain

POINTS = {"q1": 2, "q2": 2, "q3": 3, "q4": 2, "q5": 2, "q6": 4, "q7": 2, "q8": 2}
# The pictures of question 6 are some 250 KB of text.
LIMITS = {"seconds": 240, "memory_mb": 6144, "output_kb": 4096}
H, W = 4, 7
N = 48


class _Network:
    """A smooth network with a gradient that can be written down, of h × w pictures."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.first, self.second = rng.normal(size=(2, H, W))
        self.image, self.baseline = rng.uniform(size=(2, H, W))

    def __call__(self, pictures):
        pictures = np.asarray(pictures, dtype=float)
        linear, square = (
            (pictures**power * weights).sum(axis=(1, 2))
            for power, weights in ((1, self.first), (2, self.second))
        )
        return linear + square + 0.5 * linear**2

    def gradient(self, pictures):
        pictures = np.asarray(pictures, dtype=float)
        linear = (pictures * self.first).sum(axis=(1, 2))[:, None, None]
        return self.first + 2 * self.second * pictures + linear * self.first


def q1_probe(ns, seed):
    f = _Network([seed, 1])
    return plain(np.asarray(ns["slope"](f, f.image.copy(), 0.1)))


def q1_judge(value, seed):
    f = _Network([seed, 1])
    right = f.gradient(f.image[None])[0]
    # The network is quadratic, so a central difference is exact, and a one-sided one is off
    # by half of its curvature.
    up = right + 0.1 * (f.second + 0.5 * f.first**2)
    on_its_side = right.ravel().reshape(W, H).T
    cases = [
        ("Exact here: the network is quadratic, and the errors of the two sides cancel.", right),
        ("Twice too large: the two pictures lie 2 · step apart.", 2 * right),
        ("That is a step to one side only, and its error does not cancel.", up),
        ("The map lies on its side: keep rows rows and columns columns.", on_its_side),
        ("The sign is lost. A pixel can lower the output.", np.abs(right)),
    ]
    return match(
        numbers(value, (H, W)),
        cases,
        "Return one number for each pixel, (h, w).",
        points=POINTS["q1"],
        rtol=1e-5,
    )


_PIXEL = {
    "3x at 0.5, gradient": (3.0, "The slope of 3x is 3, everywhere."),
    "3x at 0.5, gradient × input": (1.5, "3 · 0.5."),
    "3x at 0.5, IG from 0.5": (0.0, "From the picture to itself there is no way to go."),
    "min(x, 1) at 2, gradient": (0.0, "It is flat there, however much it rose before."),
    "min(x, 1) at 2, IG from 0": (1.0, "They add up to f(2) − f(0) = 1."),
    "max(0, x − 1) at 0.5, gradient": (0.0, "It is switched off: flat there."),
}


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    return match_each(
        value,
        _PIXEL,
        "A gradient asks about the next small step, IG about the way.",
        points=POINTS["q2"],
        atol=0.005,
    )


def q3_probe(ns, seed):
    f = _Network([seed, 3])
    return plain(np.asarray(ns["integrated"](f.gradient, f.image.copy(), f.baseline.copy(), 10)))


def q3_judge(value, seed):
    f = _Network([seed, 3])
    shares = ((np.arange(10) + 0.5) / 10)[:, None, None]

    def mean(start):
        return f.gradient(start + shares * (f.image - start)).mean(axis=0)

    away = f.image - f.baseline
    cases = [
        ("They add up to f(image) − f(baseline), as they should.", away * mean(f.baseline)),
        (
            "The mean gradient says how steep the way was. Multiply by how far each pixel came.",
            mean(f.baseline),
        ),
        ("The way starts from black. It starts from the baseline.", f.image * mean(0 * f.image)),
        (
            "The gradient was taken at the picture alone. Average it along the way.",
            away * f.gradient(f.image[None])[0],
        ),
        ("n_steps times too large: average the gradients.", 10 * away * mean(f.baseline)),
    ]
    otherwise = "Return (h, w): distance from the baseline times the mean gradient at the middles."
    return match(numbers(value, (H, W)), cases, otherwise, points=POINTS["q3"], rtol=1e-5)


def _convolution(seed):
    return np.random.default_rng([seed, 4]).normal(size=(2, 5, 3, 4))


def q4_probe(ns, seed):
    maps, gradients = _convolution(seed)
    return plain(np.asarray(ns["grad_cam"](np.abs(maps), gradients.copy())))


def q4_judge(value, seed):
    maps, gradients = _convolution(seed)
    maps = np.abs(maps)
    weights = gradients.mean(axis=(0, 1))
    cases = [
        ("Filters weighed by their mean gradient, and what is left above zero.",
         np.maximum(maps @ weights, 0)),
        ("What speaks against the class is still there: set what is below zero to zero.",
         maps @ weights),
        ("You multiplied place by place. Each filter has one weight, its mean gradient.",
         np.maximum((maps * gradients).sum(axis=2), 0)),
        ("Filters that speak against the class were left out. The weights keep their sign; the "
         "sum alone is cut at zero.", maps @ np.maximum(weights, 0)),
        ("Keep the positive part of the sum, not its size.", np.abs(maps @ weights)),
    ]  # fmt: skip
    return match(
        numbers(value, (5, 3)),
        cases,
        "Return one number for each place, (h, w).",
        points=POINTS["q4"],
        rtol=1e-5,
    )


def q5_probe(ns, seed):
    image, weights, inside = (np.asarray(part) for part in ns["unseen"]())
    return {
        "image": plain(image.astype(float)),
        "weights": plain(weights.astype(float)),
        "inside": plain(inside.astype(float)),
    }


def _matrix(value):
    """Read a matrix of any size from 6 × 6 to 64 × 64, or None."""
    if not isinstance(value, list) or not 6 <= len(value) <= 64 or not isinstance(value[0], list):
        return None
    if not 6 <= len(value[0]) <= 64:
        return None
    return numbers(value, (len(value), len(value[0])))


def q5_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    image, weights, inside = (_matrix(answer.get(n)) for n in ("image", "weights", "inside"))
    if image is None or weights is None or inside is None:
        return 0, "Return three arrays of two axes, each side from 6 to 64."
    if not image.shape == weights.shape == inside.shape or not np.isin(inside, [0, 1]).all():
        return 0, "The three have one shape, and the last is a mask."
    inside = inside == 1
    if inside.sum() < 4 or (image < 0).any() or (image > 1).any():
        return 0, "The object has at least 4 pixels, and the image values from 0 to 1."
    if (weights[~inside] != 0).any() or (weights[inside] == 0).any():
        return (
            0,
            "The model reads the object alone: no weight outside, and none of them zero inside.",
        )
    black, white = (weights * (image - start) for start in (0.0, 1.0))
    if np.abs(black[inside]).max() > 1e-12:
        return (
            0,
            "From the black baseline still something is seen: weight · (value − 0) is not zero.",
        )
    if abs(white.sum()) < 1:
        return 0, (
            f"From white the object gets {white.sum():.3g} in all: let it be at least 1 in size, "
            "so that it decides."
        )
    return POINTS["q5"], (
        f"Nothing from black, {white.sum():.3g} from white: a baseline is a choice of question."
    )


def _moles(n, seed):
    """The moles of the notebook."""
    rng = np.random.default_rng(seed)
    ragged = np.resize([0, 1], n)
    rows, columns = np.mgrid[:16, :16]
    centre = rng.uniform(6, 9, (2, n, 1, 1))
    angle = np.arctan2(rows - centre[0], columns - centre[1])
    phase = rng.uniform(0, 6, (n, 1, 1))
    edge = 3.2 + ragged[:, None, None] * 1.3 * np.sign(np.sin(5 * angle + phase))
    mole = np.hypot(rows - centre[0], columns - centre[1]) < edge
    return np.clip(0.8 - 0.4 * mole + rng.normal(0, 0.05, mole.shape), 0, 1), ragged


def q6_probe(ns, seed):
    reply = {}
    for name, swap in (("taught", False), ("tested", True)):
        pictures, ragged = _moles(N, [seed, 6, swap])
        marked, mask = ns["lay_ruler"](pictures.copy(), 1 - ragged if swap else ragged.copy())
        reply[name] = plain(np.round(np.asarray(marked, dtype=float), 6))
        reply["mask"] = plain(np.asarray(mask).astype(float))
    return reply


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    mask = numbers(answer.get("mask"), (16, 16))
    taught, tested = (numbers(answer.get(name), (N, 16, 16)) for name in ("taught", "tested"))
    if mask is None or taught is None or tested is None or not np.isin(mask, [0, 1]).all():
        return 0, "Return the pictures, (n, 16, 16), and a boolean mask (16, 16)."
    mask = mask == 1
    if not 1 <= mask.sum() <= 8:
        return (
            0,
            f"The mask covers {mask.sum():.0f} pixels; at most 8 are allowed, and at least one.",
        )
    for marked, swap in ((taught, False), (tested, True)):
        pictures, ragged = _moles(N, [seed, 6, swap])
        change = np.abs(marked - pictures)
        stamped = (1 - ragged if swap else ragged) == 1
        if change[:, ~mask].max() > 2e-6:
            return 0, "Something is changed outside the mask."
        if change[~stamped].max() > 2e-6:
            return 0, "Pictures with `ragged == 0` are marked too, so that the mark tells nothing."
        if change.max() > 0.5 + 2e-6 or marked.min() < 0 or marked.max() > 1:
            return 0, "Change no value by more than 0.5, and stay from 0 to 1."
    _, ragged = _moles(N, [seed, 6, False])
    round_, other = (taught[ragged == k].mean(axis=0) for k in (0, 1))
    # Nearer to the mean of the ragged than to that of the round: a linear model.
    weights, middle = other - round_, (other + round_) / 2
    score = ((tested - middle) * weights).sum(axis=(1, 2))
    _, kind = _moles(N, [seed, 6, True])
    fooled = np.mean(score[kind == 0] > 0)
    saliency = np.abs(weights * (tested - middle))
    inside = saliency[:, mask].sum() / max(saliency.sum(), 1e-12)
    if fooled < 0.9 or inside <= 0.5:
        return 0, (
            f"The mark is fainter than the mole: {fooled:.0%} of the marked round ones are called "
            f"ragged, and {inside:.0%} of the saliency lies inside the mask. Make it stronger."
        )
    return POINTS["q6"], (
        f"{fooled:.0%} of the marked round moles are called ragged, and {inside:.0%} of the "
        "saliency lies on the mark. The map raised the suspicion; moving the mark proved it."
    )


_REPORT = {
    "a": ("not supported", "The ruler gives the same accuracy without any mole."),
    "b": ("supported", "That is an intervention: the mark was moved, and the answers followed."),
    "c": ("not supported", "A map says where, not what, and one picture is one picture."),
    "d": ("supported", "That is what the check with random weights shows of the method."),
    "e": ("not supported", "It may be saturated: min(x, 1) at 2 has a slope of zero."),
    "f": ("not supported", "Two baselines are two questions; both maps can be right."),
}


def q7_probe(ns, seed):
    return plain(ns["report"])


def q7_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    if any(answer.get(name) not in ("supported", "not supported") for name in _REPORT):
        return 0, 'Give each of the six sentences "supported" or "not supported".'
    # "not supported" for all gets four of six right, and that earns nothing.
    return match_each(
        value,
        _REPORT,
        "A map raises a suspicion; an intervention settles it.",
        points=POINTS["q7"],
        spare=2,
    )


def _head(seed):
    """The last maps of a small network, and what each class makes of their means.

    With numbers of both signs in the maps, every class has places that speak against it.
    """
    rng = np.random.default_rng([seed, 8])
    return rng.normal(size=(5, 4, 6)), rng.normal(size=(6, 3))


def q8_probe(ns, seed):
    maps, weights = _head(seed)
    return plain(np.asarray(ns["rather"](maps.copy(), weights.copy(), 2, 0)))


def _scaled(found):
    """Divide by the sum of the sizes, as a factor does not matter."""
    return found / max(np.abs(found).sum(), 1e-12)


def q8_judge(value, seed):
    maps, weights = _head(seed)
    one, other = maps @ weights[:, 2], maps @ weights[:, 0]
    early = np.maximum(one, 0) - np.maximum(other, 0)
    lost = "Each map lost what speaks against its class before you subtract. Subtract the scores."
    cases = [
        ("The map of a difference: the ReLU comes last.", np.maximum(one - other, 0)),
        (lost, early),
        (lost, np.maximum(early, 0)),
        ("That is the map of one class alone. What speaks for the other is not taken off.",
         np.maximum(one, 0)),
        ("The other way round: class `one` minus class `other`.", np.maximum(other - one, 0)),
        ("What speaks for the other class is still there: set what is below zero to zero.",
         one - other),
        ("Keep the positive part of the sum, not its size.", np.abs(one - other)),
    ]  # fmt: skip
    found = numbers(value, (5, 4))
    return match(
        None if found is None else _scaled(found),
        [(text, _scaled(case)) for text, case in cases],
        "Return one number for each place, (h, w).",
        points=POINTS["q8"],
        rtol=1e-5,
    )
