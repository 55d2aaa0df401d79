"""Probes and judges of the lab on saliency maps.

A probe runs beside the learner's code and sends plain JSON; a judge sees only that reply
and the seed, from which it draws the same inputs anew and works out what must hold.
Neither needs TensorFlow; the notebook does.
"""

from itertools import combinations

import numpy as np

from xaikit.labs import Case, close, match_each, numbers, plain, unread

POINTS = {"q1": 2, "q2": 2, "q3": 3, "q4": 3, "q5": 2, "q6": 4, "q7": 3, "q8": 2}
# The pictures of question 6 are some 350 KB of text.
LIMITS = {"seconds": 240, "memory_mb": 6144, "output_kb": 4096}
H, W = 4, 7
N = 32


def _asked(value, n):
    """The small case and the n replies to the hidden inputs, from the reply of a probe."""
    answer = value if isinstance(value, dict) else {}
    replies = answer.get("asked")
    found = replies if isinstance(replies, list) and len(replies) == n else [None] * n
    return answer.get("small"), found


def _verdict(replies, asked, otherwise, points):
    """Give the hint of the case that a function agrees with on all hidden inputs.

    `asked` holds for each input its name, the tolerance and the cases: hint and answer, the
    right one first.
    """
    hits = []
    for reply, (_, rtol, cases) in zip(replies, asked, strict=True):
        shape = np.shape(cases[0][1])
        got = numbers(reply, shape)
        if got is None:
            return 0, unread(reply, shape)
        hits.append([close(got, answer, rtol=rtol) for _, answer in cases])
    for j, (hint, _) in enumerate(asked[0][2]):
        if all(hit[j] for hit in hits):
            return (points if j == 0 else 0), hint
    right = [name for hit, (name, _, _) in zip(hits, asked, strict=True) if hit[0]]
    wrong = [name for hit, (name, _, _) in zip(hits, asked, strict=True) if not hit[0]]
    if right:
        return 0, f"Right for {' and '.join(right)}, but not for {' and '.join(wrong)}. {otherwise}"
    return 0, otherwise


def _three_axes(pictures):
    pictures = np.asarray(pictures, dtype=float)
    if pictures.ndim != 3:
        raise ValueError(f"takes pictures (n, h, w); got an array of shape {pictures.shape}")
    return pictures


class _Network:
    """A wavy network of h × w pictures, whose gradient and integral can be written down.

    f = Σ a · sin(4x + p) + (Σ b · x)² / 2. On the way from the baseline the gradient bends
    more than once, so that no rule with few points is exact by luck.
    """

    def __init__(self, seed, scale=1.0):
        rng = np.random.default_rng(seed)
        self.a, self.b = scale * rng.normal(size=(H, W)), np.sqrt(scale) * rng.normal(size=(H, W))
        self.p = rng.uniform(0, 6, (H, W))
        self.image, self.baseline = rng.uniform(size=(2, H, W))

    def __call__(self, pictures):
        pictures = _three_axes(pictures)
        waves = (self.a * np.sin(4 * pictures + self.p)).sum(axis=(1, 2))
        return waves + 0.5 * (self.b * pictures).sum(axis=(1, 2)) ** 2

    def gradient(self, pictures):
        pictures = _three_axes(pictures)
        linear = (pictures * self.b).sum(axis=(1, 2))[:, None, None]
        return 4 * self.a * np.cos(4 * pictures + self.p) + linear * self.b

    def central(self, step):
        """The central difference at the image, in closed form."""
        waves = self.a * np.cos(4 * self.image + self.p) * np.sin(4 * step) / step
        return waves + (self.b * self.image).sum() * self.b

    def integral(self):
        """Integrated gradients from the baseline, in closed form."""
        ends = np.stack([self.image, self.baseline])
        waves = self.a * (np.sin(4 * ends[0] + self.p) - np.sin(4 * ends[1] + self.p))
        return waves + (ends[0] - ends[1]) * self.b * (self.b * ends).sum(axis=(1, 2)).mean()


# Question 1: the step, the size of the outputs, and how a learner is told which it was.
_STEPS = [
    (0.1, 1.0, "a step of 0.1"),
    (0.3, 1.0, "a step of 0.3"),
    (0.2, 1e-6, "outputs of a millionth"),
]


def _left_cubed(pictures):
    pictures = _three_axes(pictures)
    return pictures[:, 0, 0] ** 3 - 2 * pictures[:, 0, 1]


def q1_probe(ns, seed):
    small = plain(ns["slope"](_left_cubed, np.array([[2.0, 5.0]]), 2.0))
    asked, kept = [], True
    for k, (step, scale, _) in enumerate(_STEPS):
        f = _Network([seed, 1, k], scale)
        image = f.image.copy()
        asked.append(plain(ns["slope"](f, image, step)))
        kept = kept and bool(np.allclose(image, f.image))
    return {"small": small, "asked": asked, "kept": kept}


def _one_sided(f, step):
    one_pixel = step * np.eye(f.image.size).reshape(-1, H, W)
    return ((f(f.image + one_pixel) - f(f.image[None])) / step).reshape(H, W)


def q1_judge(value, seed):
    small, replies = _asked(value, len(_STEPS))
    case = Case("slope(f, [[2, 5]], 2), with f = left³ − 2 · right", small, [[16, -2]])
    asked, own_step = [], []
    for k, (step, scale, name) in enumerate(_STEPS):
        f = _Network([seed, 1, k], scale)
        right = f.central(step)
        up, down = _one_sided(f, step), _one_sided(f, -step)
        own_step.append(f.gradient(f.image[None])[0])
        cases = [
            ("Right: the errors of the two sides cancel as far as they can.", right),
            ("Twice too large: the two pictures lie 2 · step apart.", 2 * right),
            ("Divided by 2 and multiplied by `step`: put brackets, `/ (2 * step)`.",
             step**2 * right),
            ("Not divided by the distance between the two pictures, 2 · step.", 2 * step * right),
            ("That is a step to one side only, and its error does not cancel.", up),
            ("That is a step to one side only, and its error does not cancel.", down),
            ("The map lies on its side: keep rows rows and columns columns.",
             right.ravel().reshape(W, H).T),
            ("The sign is lost. A pixel can lower the output.", np.abs(right)),
            ("The sizes are right, the signs are turned round: raised minus lowered.", -right),
            ("That is gradient × input. Here the slope alone is asked for.", right * f.image),
        ]  # fmt: skip
        asked.append((name, 1e-5, cases))
    points, hint = _verdict(replies, asked, "Raise and lower one pixel at a time.", POINTS["q1"])
    read = [numbers(reply, (H, W)) for reply in replies]
    if all(got is not None for got in read):
        if not value.get("kept"):
            return 0, "Your function changes `image` itself. Move a pixel in a copy.", case
        if all(
            np.abs(got - slope).max() < 0.01 * np.abs(slope).max()
            for got, slope in zip(read, own_step, strict=True)
        ):
            return 0, "A fine slope, but with a step of its own. Go as far as `step` says.", case
    return points, hint, case


_PIXEL = {
    "3x at 0.5, gradient × input": (1.5, "The slope of 3x, times the pixel."),
    "min(x, 1) at 2, gradient": (0.0, "It is flat there, however much it rose before."),
    "min(x, 1) at 2, IG from 0": (1.0, "They add up to f(2) − f(0)."),
    "min(x, 1) at 1.5, slope with step 1": (
        0.25,
        "The lower picture lies on the rise, the upper one on the flat part.",
    ),
    "x² at 3, IG from 1": (8.0, "They add up to f(3) − f(1)."),
    "1 − x at 0.5, IG from 1": (
        0.5,
        "The pixel got darker on the way, and the slope is negative too.",
    ),
}


def q2_probe(ns, seed):
    return plain(ns["predicted"])


def q2_judge(value, seed):
    if not isinstance(value, dict):
        return 0, "Keep the table: a number for each of the six names."
    truths = {
        name: (truth, hint if numbers(value.get(name), ()) is not None else "No number yet.")
        for name, (truth, hint) in _PIXEL.items()
    }
    # The same number for all is right once in six, and that earns nothing.
    return match_each(
        value,
        truths,
        "A gradient asks about the next small step, IG about the way.",
        points=POINTS["q2"],
        atol=0.005,
        spare=4,
    )


# Question 3: steps, size of the outputs, tolerance, name.
_WAYS = [
    (4, 1.0, 1e-5, "4 steps"),
    (7, 1e-6, 1e-5, "7 steps"),
    (1000, 1.0, 1e-3, "1,000 steps"),
]


def _cubes(pictures):
    return 3 * _three_axes(pictures) ** 2


def q3_probe(ns, seed):
    ask = ns["integrated"]
    small = plain(ask(_cubes, np.array([[2.0, 1.0]]), np.array([[0.0, 1.0]]), 2))
    asked = []
    for k, (n_steps, scale, _, _) in enumerate(_WAYS):
        f = _Network([seed, 3, k], scale)
        asked.append(plain(ask(f.gradient, f.image.copy(), f.baseline.copy(), n_steps)))
    return {"small": small, "asked": asked}


def _ways(f, n):
    """What integrated gradients come to, by the right rule and by those people write."""
    image, baseline, away = f.image, f.baseline, f.image - f.baseline

    def mean(shares, start=baseline):
        shares = np.asarray(shares, dtype=float)[:, None, None]
        return f.gradient(start + shares * (image - start)).mean(axis=0)

    steps = np.arange(n) / n
    middles = steps + 0.5 / n
    way = mean(middles)
    # With many steps the exact integral is what counts, however it was reached.
    right = f.integral() if n == 1000 else away * way
    return [
        ("Right: averaged over the way, times the distance. The values add up to "
         "f(image) − f(baseline), the nearer the more steps.", right),
        ("The mean gradient says how steep the way was. Multiply by how far each pixel came.",
         way),
        ("The way starts from black. It starts from the baseline.",
         image * mean(middles, 0 * image)),
        ("The way is right. The distance is not: it is counted from the baseline, not from black.",
         image * way),
        ("The gradient was taken at the picture alone. Average it along the way.",
         away * mean([1.0])),
        ("The gradient was taken in the middle of the way alone; it may bend before and after. "
         "Average over all `n_steps` midpoints.", away * mean([0.5])),
        ("That is the mean of the gradients at the two ends; between them it bends. Go along "
         "the way.", away * mean([0.0, 1.0])),
        ("n_steps times too large: average the gradients.", n * away * way),
        ("The gradient is taken at the start of each step. Take it half a step later.",
         away * mean(steps)),
        ("The gradient is taken at the end of each step. Take it half a step earlier.",
         away * mean(steps + 1 / n)),
        ("The points run from one end to the other, ends included. Midpoints leave half a step "
         "free at either end.", away * mean(np.linspace(0, 1, n))),
        ("The points run from one end to the other, ends included. Midpoints leave half a step "
         "free at either end.", away * mean(np.linspace(0, 1, n + 1))),
        ("That is the trapezium rule. Here the gradient is taken in the middle of each step.",
         away * (mean(steps) + mean(steps + 1 / n)) / 2),
        ("The wrong way round: image minus baseline.", -away * way),
        ("The size alone: a pixel can lower the output.", np.abs(away * way)),
    ]  # fmt: skip


def q3_judge(value, seed):
    small, replies = _asked(value, len(_WAYS))
    asked = [
        (name, rtol, _ways(_Network([seed, 3, k], scale), n_steps))
        for k, (n_steps, scale, rtol, name) in enumerate(_WAYS)
    ]
    otherwise = (
        "Use the midpoints of `n_steps` equal steps, average the gradients there, and multiply "
        "by image − baseline."
    )
    case = Case(
        "integrated(gradient, [[2, 1]], [[0, 1]], 2), with gradient = 3 · pictures²",
        small,
        [[7.5, 0]],
    )
    points, hint = _verdict(replies, asked, otherwise, POINTS["q3"])
    exact = [_Network([seed, 3, k], scale).integral() for k, (_, scale, _, _) in enumerate(_WAYS)]
    got = [numbers(reply, (H, W)) for reply in replies]
    named = {text for text, _ in asked[0][2]}
    if hint not in named and all(
        g is not None and np.abs(g - e).max() < 0.02 * np.abs(e).max()
        for g, e in zip(got, exact, strict=True)
    ):
        return 0, "A fine integral, but not by the midpoints of `n_steps` equal steps.", case
    return points, hint, case


_FAULTS = {
    "clipped": "negative gradients are thrown away before the mean is taken",
    "by place": "maps and gradients are multiplied place by place, where each filter has one "
    "weight, its mean gradient",
    "size": "what speaks against the class shows up as if it spoke for it",
}


def _cam(maps, gradients, faults=()):
    """Grad-CAM with some of the colleague's faults."""
    gradients = np.maximum(gradients, 0) if "clipped" in faults else gradients
    if "by place" in faults:
        total = (maps * gradients).sum(axis=2)
    else:
        total = maps @ gradients.mean(axis=(0, 1))
    return np.abs(total) if "size" in faults else np.maximum(total, 0)


def _convolution(seed, k):
    """Maps and gradients of both signs, with more filters than places, and fewer."""
    shape = ((2, 5, 3, 4), (2, 2, 3, 9))[k]
    maps, gradients = np.random.default_rng([seed, 4, k]).normal(size=shape)
    return maps, (1.0, 1e-6)[k] * gradients


_SMALL_MAPS = np.array([[[1.0, 2.0], [3.0, 0.0]]])
_SMALL_GRADIENTS = np.array([[[2.0, -1.0], [0.0, -3.0]]])


def q4_probe(ns, seed):
    small = plain(ns["grad_cam"](_SMALL_MAPS.copy(), _SMALL_GRADIENTS.copy()))
    asked = [_convolution(seed, k) for k in (0, 1)]
    replies = [plain(ns["grad_cam"](maps.copy(), gradients)) for maps, gradients in asked]
    return {"small": small, "asked": replies}


def q4_judge(value, seed):
    small, replies = _asked(value, 2)
    case = Case(
        "grad_cam([[[1, 2], [3, 0]]], [[[2, -1], [0, -3]]]), two places, two filters",
        small,
        [[0, 3]],
    )
    asked = [_convolution(seed, k) for k in (0, 1)]
    read = [numbers(r, maps.shape[:2]) for r, (maps, _) in zip(replies, asked, strict=True)]
    for n_left in (1, 2, 3):
        for left in combinations(_FAULTS, n_left):
            pairs = zip(read, asked, strict=True)
            # A factor is no fault of these: places or filters may be added up or averaged.
            if all(
                got is not None and close(_scaled(got), _scaled(_cam(*x, left)), rtol=1e-5)
                for got, x in pairs
            ):
                mended = ("Nothing is", "One fault of three is", "Two faults of three are")
                said = "; ".join(_FAULTS[fault] for fault in left)
                return 3 - n_left, f"{mended[3 - n_left]} mended. Left: {said}.", case
    factor = "Right but for a factor"
    cases = [
        [
            ("Each filter has its mean gradient as its weight, signs and all, and the sum alone "
             "is cut at zero.", _cam(maps, gradients)),
            ("What speaks against the class is still there: set what is below zero to zero.",
             maps @ gradients.mean(axis=(0, 1))),
            ("Filters that speak against the class were left out. The weights keep their sign; "
             "the sum alone is cut at zero.",
             np.maximum(maps @ np.maximum(gradients.mean(axis=(0, 1)), 0), 0)),
            (f"{factor}: a weight is the mean gradient, not the sum.",
             _cam(maps, gradients) * maps.shape[0] * maps.shape[1]),
            (f"{factor}: the filters are added up, not averaged.",
             _cam(maps, gradients) / maps.shape[2]),
            (f"{factor}: it is scaled by itself. Leave the numbers as they are; two maps could "
             "not be compared.",
             _cam(maps, gradients) / max(_cam(maps, gradients).max(), 1e-300)),
            ("The signs are turned round.", _cam(maps, -gradients)),
        ]
        for maps, gradients in asked
    ]  # fmt: skip
    named = [(name, 1e-5, c) for name, c in zip(("4 filters", "9 filters"), cases, strict=True)]
    otherwise = "First the mean gradient of each filter, then the weighted sum, then the cut."
    points, hint = _verdict(replies, named, otherwise, POINTS["q4"])
    return (2 if hint.startswith(factor) else points), hint, case


def q5_probe(ns, seed):
    return plain(ns["unseen"]())


_MATRIX = "It needs 6 to 64 rows and columns."


def _matrix(value):
    """Read a matrix of any size from 6 × 6 to 64 × 64, or None."""
    if not isinstance(value, list) or not 6 <= len(value) <= 64 or not isinstance(value[0], list):
        return None
    if not 6 <= len(value[0]) <= 64:
        return None
    return numbers(value, (len(value), len(value[0])))


def q5_judge(value, seed):
    if value is None:
        return 0, unread(None, None)
    if not isinstance(value, list) or len(value) != 3:
        return 0, "Return three arrays: `image`, `weights`, `inside`."
    for name, reply in zip(("image", "weights", "inside"), value, strict=True):
        if _matrix(reply) is None:
            return 0, f"`{name}`: " + (unread(reply, None, _MATRIX) or _MATRIX)
    image, weights, inside = (_matrix(reply) for reply in value)
    if not image.shape == weights.shape == inside.shape:
        return 0, "The three arrays must have one shape."
    if not np.isin(inside, [0, 1]).all():
        return 0, "`inside` is a mask: True in the object, False elsewhere."
    inside = inside == 1
    black, white = (float((weights * (image - start))[inside].sum()) for start in (0.0, 1.0))
    case = Case(
        "integrated gradients of your object, from black and from white",
        {"black": black, "white": white},
        "<0 from black, 1 or more in size from white>",
    )
    fault = _seen(image, weights, inside, abs(white))
    if fault:
        return 0, fault, case
    said = f"Nothing from black, {white:.3g} from white: a baseline is a choice of question."
    return POINTS["q5"], said, case


def _seen(image, weights, inside, white):
    """What is wrong with a picture that should hide its object, or an empty text."""
    if (image < 0).any() or (image > 1).any():
        return "The image has values from 0 to 1."
    if inside.sum() < 4 or inside.mean() > 0.5:
        return f"The object has {inside.sum()} pixels: at least 4, at most half of the picture."
    if (weights[~inside] != 0).any():
        return "The model reads something outside the object: no weight there."
    if (weights[inside] == 0).any():
        return "The model does not read all of the object: none of the weights inside is zero."
    if np.abs((weights * image)[inside]).max() > 1e-9 * white:
        return (
            "The model reads the object and nothing else. But from the black baseline still "
            "something is seen: weight · (value − 0) is not zero."
        )
    if white < 1:
        return (
            f"From black nothing is seen. From white the object gets {white:.3g} in all, in size; "
            "let it be at least 1, so that it decides."
        )
    if image[~inside].min() < 0.2:
        return (
            "Nobody could tell the object from what is round it: outside, no pixel darker than 0.2."
        )
    return ""


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


def _shown_moles(swap):
    """Moles in no order, the same for every seed: no verdict hangs on a draw."""
    pictures, ragged = _moles(N, [6, swap])
    order = np.random.default_rng([61, swap]).permutation(N)
    pictures, ragged = pictures[order].round(4), ragged[order]
    return pictures, ragged, 1 - ragged if swap else ragged


def q6_probe(ns, seed):
    reply = {"kept": True}
    for name, swap in (("taught", False), ("tested", True)):
        pictures, _, asked = _shown_moles(swap)
        given = pictures.copy()
        reply[name] = plain(ns["lay_ruler"](given, asked.copy()))
        reply["kept"] = reply["kept"] and bool(np.array_equal(given, pictures))
    pictures, _, asked = _shown_moles(True)
    reply["alone"] = [
        plain(ns["lay_ruler"](pictures[[i]].copy(), asked[[i]].copy())) for i in range(4)
    ]
    return reply


def _marked(reply, n):
    """The pictures and the mask that a call of `lay_ruler` returned, or None and why."""
    if reply is None:
        return None, unread(None, None)
    if not isinstance(reply, list) or len(reply) != 2:
        return None, "Return two things: the pictures, and the mask."
    pictures, mask = numbers(reply[0], (n, 16, 16)), numbers(reply[1], (16, 16))
    if pictures is None:
        return None, "The pictures: " + unread(reply[0], (n, 16, 16))
    if mask is None or not np.isin(mask, [0, 1]).all():
        return None, "The mask has 16 × 16 entries, True where the mark is, False elsewhere."
    return (pictures, mask == 1), ""


def q6_judge(value, seed):
    answer = value if isinstance(value, dict) else {}
    (taught, fault), (tested, other) = (
        _marked(answer.get(name), N) for name in ("taught", "tested")
    )
    if taught is None or tested is None:
        return 0, fault or other
    (taught, mask), (tested, mask_again) = taught, tested
    if not np.array_equal(mask, mask_again):
        return 0, "The mask differs from call to call. The ruler always lies in the same place."
    fooled, inside = _follows(taught, tested, mask)
    largest = max(np.abs(m - _shown_moles(s)[0]).max() for m, s in ((taught, 0), (tested, 1)))
    case = Case(
        "lay_ruler(pictures, ragged), and a model that learns from it",
        {
            "pixels": int(mask.sum()),
            "largest change": float(largest),
            "round ones called ragged": float(fooled),
            "saliency on the mark": float(inside),
        },
        "<at most 8; at most 0.5; at least 0.9; above 0.5>",
    )
    if not answer.get("kept"):
        return 0, "Your function draws on the pictures that it was given. Draw on a copy.", case
    for marked, swap in ((taught, False), (tested, True)):
        fault = _misplaced(marked, mask, swap)
        if fault:
            return 0, fault, case
    for i, reply in enumerate(answer.get("alone") or []):
        alone, fault = _marked(reply, 1)
        if alone is None:
            return 0, f"Asked about one picture alone: {fault}", case
        if np.abs(alone[0][0] - tested[i]).max() > 1e-6:
            said = "A picture alone gets another mark than among others. Each gets its own."
            return 0, said, case
    so_far = (
        f"{fooled:.0%} of the marked round moles are called ragged, and {inside:.0%} of the "
        "saliency lies on the mark. "
    )
    if fooled < 0.9 or inside <= 0.5:
        faint = "The mark is where it should be, but fainter than the mole: make it stronger. "
        return 0, faint + so_far, case
    proved = "The map raised the suspicion; moving the mark proved it."
    return POINTS["q6"], so_far + proved, case


def _misplaced(marked, mask, swap):
    """Which rule for the mark is broken, or an empty text."""
    pictures, _, asked = _shown_moles(swap)
    change = np.abs(marked - pictures)
    if not 1 <= mask.sum() <= 8:
        return f"The mask covers {mask.sum():.0f} pixels; at most 8 are allowed, and at least one."
    if change[:, ~mask].max() > 1e-6:
        return "Something is changed outside the mask."
    if change.max() <= 1e-6:
        return (
            "Nothing is changed. (`found[rows][:, mask] = …` changes a copy of a copy: use one "
            "pair of brackets, or a loop over the pictures.)"
        )
    if change[asked == 0].max() > 1e-6:
        if change[asked == 1].max() <= 1e-6:
            return "The mark lies on the wrong class: on those with `ragged == 0`."
        if change[asked == 1].reshape((asked == 1).sum(), -1).max(axis=1).min() <= 1e-6:
            return "Some of either class are marked. Go by `ragged`, not by the place in the table."
        return "Pictures with `ragged == 0` are marked too, so that the mark tells nothing."
    if marked.min() < 0 or marked.max() > 1:
        return "Values leave the range from 0 to 1. `np.clip` brings them back."
    if change.max() > 0.5 + 1e-6:
        return f"A value changes by {change.max():.2f}; at most 0.5 is allowed."
    return ""


def _follows(taught, tested, mask):
    """How far a model of class means, taught with the mark, goes by it."""
    _, ragged, _ = _shown_moles(False)
    round_, other = (taught[ragged == k].mean(axis=0) for k in (0, 1))
    # Nearer to the mean of the ragged than to that of the round: a linear model.
    weights, middle = other - round_, (other + round_) / 2
    score = ((tested - middle) * weights).sum(axis=(1, 2))
    _, kind, _ = _shown_moles(True)
    saliency = np.abs(weights * (tested - middle))
    return np.mean(score[kind == 0] > 0), saliency[:, mask].sum() / max(saliency.sum(), 1e-12)


_SMALL_PAIR = [np.array([[1.0, -2.0], [0.0, 1.0]]), np.array([[4.0, 1.0], [-1.0, 0.0]])]
_NAMES = ["slope of the score", "integrated gradients"]


def _signed_maps(seed):
    """A small pair whose second map is the larger; and one whose first is, below zero."""
    first, second = np.random.default_rng([seed, 7]).uniform(-0.5, 0.5, (2, 4, 5))
    first[1, 2], first[3, 0], second[0, 3], second[2, 1] = -1.0, 0.7, 0.6, -0.2
    return [_SMALL_PAIR, [3e-3 * first, 1e-3 * second]]


def q7_probe(ns, seed):
    return [_drawn(ns["draw"], maps) for maps in _signed_maps(seed)]


def _drawn(draw, maps):
    """What a drawing of two maps holds: for each Axes its numbers, scale, colours and words."""
    import matplotlib.pyplot as plt

    before = set(plt.get_fignums())
    figure, axes = plt.subplots(1, 2)
    try:
        draw(axes, [m.copy() for m in maps], list(_NAMES))
        return [_read_axes(ax) for ax in axes]
    finally:
        plt.close(figure)
        for number in set(plt.get_fignums()) - before:
            plt.close(number)


def _read_axes(ax):
    coloured = [a for a in (*ax.images, *ax.collections) if a.get_array() is not None]
    if not coloured:
        return {"title": ax.get_title()}
    image = coloured[-1]
    numbers_drawn = np.ma.filled(np.ma.masked_invalid(image.get_array()), 0.0)
    if hasattr(image, "get_extent"):
        left, right, bottom, top = image.get_extent()
        corners = [(left, top), (right, bottom)]
        if image.origin == "lower":
            corners = [(left, bottom), (right, top)]
    else:
        grid = image.get_coordinates()
        corners = [grid[0, 0], grid[-1, -1]]
        numbers_drawn = numbers_drawn.reshape(len(grid) - 1, -1)
    first, last = ax.transData.transform(corners)
    if first[1] < last[1]:  # the first row is drawn below the others
        numbers_drawn = numbers_drawn[::-1]
    low, high = image.get_clim()
    limit = max(abs(low), abs(high))
    colours = image.to_rgba(np.array([-limit, 0.0, limit]))[:, :3]
    return {
        "map": plain(numbers_drawn),
        "limits": plain([float(low), float(high)]),
        "colours": plain(colours.round(4)),
        "title": ax.get_title() or ax.get_title("left") or ax.get_title("right"),
        "bar": image.colorbar is not None,
    }


def q7_judge(value, seed):
    replies = value if isinstance(value, list) and len(value) == 2 else [None, None]
    small = replies[0] if isinstance(replies[0], list) else []
    limits = [part.get("limits") for part in small if isinstance(part, dict)]
    case = Case(
        "draw(axes, [[[1, -2], [0, 1]], [[4, 1], [-1, 0]]], names): the limits of the colours",
        limits,
        [[-4, 4], [-4, 4]],
    )
    drawings = []
    for reply, maps in zip(replies, _signed_maps(seed), strict=True):
        drawing, fault = _drawing(reply, maps)
        if drawing is None:
            return 0, fault, case
        drawings.append(drawing)
    faults = [_scale_fault(drawings, seed), _colour_fault(drawings), _word_fault(drawings)]
    points = POINTS["q7"] - sum(map(bool, faults))
    if points == POINTS["q7"]:
        said = "Two maps on one scale: what looks stronger is stronger, and signs can be seen."
        return points, said, case
    right = [n for n, f in zip(("scale", "colours", "words"), faults, strict=True) if not f]
    so_far = f"The maps are drawn as they are. Right besides: {', '.join(right) or 'nothing yet'}."
    return points, "\n".join([so_far, *filter(None, faults)]), case


def _drawing(reply, maps):
    """Both Axes of a drawing, if each holds its map and holds it upright; or None and why."""
    if not isinstance(reply, list) or len(reply) != 2:
        return None, "Draw on the two Axes that your function is given."
    for part, m, name in zip(reply, maps, ("first", "second"), strict=True):
        if not isinstance(part, dict) or "map" not in part:
            return None, f"There is no map on the {name} Axes: `axes[...].imshow(...)`."
        got, limits = numbers(part["map"], m.shape), numbers(part.get("limits"), (2,))
        if got is None or limits is None or numbers(part.get("colours"), (3, 3)) is None:
            return None, (
                f"The {name} Axes holds something else than the numbers of its map. Give `imshow` "
                "the map itself and a `cmap`."
            )
        if not close(got, m, rtol=1e-5):
            return None, _other_map(got, m, maps, name)
    return reply, ""


def _other_map(got, right, maps, name):
    """Say what is drawn instead of a map."""
    if close(got, right[::-1], rtol=1e-5):
        return f"The map on the {name} Axes stands on its head: its first row belongs on top."
    if close(got, np.abs(right), rtol=1e-5):
        return f"On the {name} Axes the sign is lost: draw the map itself, not its size."
    if any(close(got, m, rtol=1e-5) for m in maps):
        return f"The {name} Axes holds the other map."
    largest = np.abs(right).max()
    if close(got * largest / max(np.abs(got).max(), 1e-300), right, rtol=1e-5):
        return f"The map on the {name} Axes is scaled by itself. Draw its own numbers."
    return f"The numbers on the {name} Axes are not those of its map."


def _scale_fault(drawings, seed):
    for drawing, maps in zip(drawings, _signed_maps(seed), strict=True):
        largest = max(np.abs(m).max() for m in maps)
        (low, high), (low_2, high_2) = (numbers(part["limits"], (2,)) for part in drawing)
        if not close([low, high], [low_2, high_2], rtol=1e-5):
            return "Each map has a scale of its own, so a pale place in one can be a strong one."
        if not close(-low, high, rtol=1e-5):
            return "Zero is not in the middle of the scale: let it run from −limit to limit."
        if high < largest * (1 - 1e-6):
            return "The largest size lies beyond the scale. Mind both maps, and both signs."
        if high > 1.2 * largest:
            return "The scale is wider than 1.2 times the largest size of both: the maps look pale."
    return ""


def _colour_fault(drawings):
    minus, zero, plus = numbers(drawings[0][0]["colours"], (3, 3))
    light = [float(colour @ [0.2126, 0.7152, 0.0722]) for colour in (minus, zero, plus)]
    if np.abs(minus - plus).max() < 0.3:
        return "Plus and minus have nearly the same colour: take a palette with two ends."
    if not (light[1] > max(light[0], light[2]) + 0.1 or light[1] < min(light[0], light[2]) - 0.1):
        return (
            "Zero does not stand out. A diverging palette, such as 'PuOr_r', is paler (or darker) "
            "in the middle than at both ends."
        )
    return ""


def _word_fault(drawings):
    for drawing in drawings:
        titles = [str(part.get("title")) for part in drawing]
        if any(name not in title for name, title in zip(_NAMES, titles, strict=True)):
            return "Give each Axes the name of its map as its title."
        if not any(part.get("bar") is True for part in drawing):
            return "Without a colour bar nobody can tell what number a colour stands for."
    return ""


# Question 8: which class, and not which other.
_PAIRS = [(2, 0), (0, 1), (1, 2)]


def _head(seed):
    """The last maps of a small network, and what each class makes of their means.

    With numbers of both signs in the maps, every class has places that speak against it.
    """
    rng = np.random.default_rng([seed, 8])
    return rng.normal(size=(5, 4, 6)), rng.normal(size=(6, 3))


def q8_probe(ns, seed):
    maps, weights = _head(seed)
    small = plain(ns["rather"](_SMALL_MAPS.copy(), np.eye(2), 0, 1))
    asked = [plain(ns["rather"](maps.copy(), weights.copy(), *pair)) for pair in _PAIRS]
    return {"small": small, "asked": asked}


def _scaled(found):
    """Divide by the sum of the sizes, as a factor does not matter."""
    total = np.abs(found).sum()
    return found / total if total > 0 else found


def q8_judge(value, seed):
    small, replies = _asked(value, len(_PAIRS))
    case = Case(
        "rather([[[1, 2], [3, 0]]], [[1, 0], [0, 1]], 0, 1), two places, two filters",
        small,
        "<[[0, 3]], or that times a positive number>",
    )
    maps, weights = _head(seed)
    read = [numbers(reply, (5, 4)) for reply in replies]
    lost = "Each map lost what speaks against its class before you subtract. Subtract the scores."
    asked = []
    for pair in _PAIRS:
        one, other = (maps @ weights[:, c] for c in pair)
        cam, cam_2 = np.maximum(one, 0), np.maximum(other, 0)
        own = cam / cam.max() - cam_2 / cam_2.max()
        cases = [
            ("The map of a difference: the ReLU comes last.", np.maximum(one - other, 0)),
            (lost, cam - cam_2),
            (lost, np.maximum(cam - cam_2, 0)),
            ("Each map is scaled by itself before you subtract; the two scores are on one scale.",
             own),
            ("Each map is scaled by itself before you subtract; the two scores are on one scale.",
             np.maximum(own, 0)),
            ("That is the map of one class alone. What speaks for the other is not taken off.",
             cam),
            ("The other way round: class `one` minus class `other`.", np.maximum(other - one, 0)),
            ("What speaks for the other class is still there: set what is below zero to zero.",
             one - other),
            ("Keep the positive part of the sum, not its size.", np.abs(one - other)),
            ("The weights are cut at zero. They keep their sign; the sum alone is cut.",
             np.maximum(maps @ np.maximum(weights[:, pair[0]] - weights[:, pair[1]], 0), 0)),
        ]  # fmt: skip
        name = f"class {pair[0]} and not {pair[1]}"
        asked.append((name, 1e-5, [(text, _scaled(answer)) for text, answer in cases]))
    scaled = [
        reply if got is None else _scaled(got).tolist()
        for reply, got in zip(replies, read, strict=True)
    ]
    otherwise = "Weights of the difference, then the weighted sum of the maps, then the ReLU."
    return *_verdict(scaled, asked, otherwise, POINTS["q8"]), case
