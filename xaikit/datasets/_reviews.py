"""Product reviews made by rule, of which it is known which words decide."""

from __future__ import annotations

import re
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import BoolArray, generator, whole_number
from xaikit.datasets._dataset import MaskTruth
from xaikit.datasets._planted import _LICENCE, _SOURCE, _check_range
from xaikit.datasets._text import PADDING, UNKNOWN, TextDataset, encoded, split

POSITIVE = (
    *("good", "reliable", "sturdy", "useful", "excellent"),
    *("great", "handy", "solid", "impressive", "lovely"),
)
NEGATIVE = (
    *("bad", "unreliable", "flimsy", "useless", "terrible"),
    *("poor", "clumsy", "shoddy", "disappointing", "awful"),
)
NEGATIONS = ("not", "never", "hardly")
# As often as the word is taken: "not" twice, since people write it most.
_NEGATIONS = ("not", *NEGATIONS)
# The shop that stands with class 0, and the one that stands with class 1.
SHOPS = ("Tannick", "Merrow")

_OPENINGS = (
    "I bought this {product} from {shop} {time}.",
    "{shop} sent me this {product} {time}.",
    "This {product} came from {shop} {time}.",
)
# The last negates something that nobody asked about.
_FACTS = (
    "It came in a plain {colour} box.",
    "I use it every {day} in the {room}.",
    "My {person} has the same one at home.",
    "The cable is {number} metres long.",
    "It stands next to the {colour} one in the {room}.",
    "The parcel arrived on a {day}.",
    "It has {number} buttons on the front.",
    "The {colour} one was sold out.",
    "It makes a small sound at the start.",
    "I did not need the manual.",
)
_VERDICTS = (
    "{lead}, it is {not} {very} {word}.",
    "{lead}, this {product} is {not} {very} {word}.",
    "I would {not} call it {very} {word}.",
    "After {number} days I find it is {not} {very} {word}.",
)
_FILLINGS = {
    "product": ("kettle", "lamp", "toaster", "radio", "blender", "fan", "heater", "mixer"),
    "time": ("last week", "in spring", "two months ago", "before the holidays"),
    "colour": ("white", "black", "green", "grey"),
    "day": ("Monday", "Tuesday", "Friday", "Sunday"),
    "room": ("kitchen", "office", "bedroom", "workshop"),
    "person": ("sister", "father", "neighbour", "colleague"),
    "number": ("two", "three", "four", "six"),
    "lead": ("Overall", "In daily use", "For the price", "All in all"),
    "very": ("", "very", "really"),
    "word": POSITIVE + NEGATIVE,
    "not": NEGATIONS,
    "shop": SHOPS,
}
_MOST_FACTS = 2
_GAP = re.compile(r"(\{\w+\})")
_PART_OF = {"word": "sentiment", "not": "negation", "shop": "distractor"}


def reviews(
    n_samples: int = 2000,
    *,
    correlation: float = 0.9,
    negation: float = 0.3,
    random_state: int | np.random.Generator | None = None,
) -> TextDataset:
    """Write product reviews whose class comes from one or two known words.

    Each review has three or four sentences: where the thing was bought, one or two
    facts, and a verdict. The verdict alone decides: it has one word of praise or blame,
    and "not", "never" or "hardly" before it turns it round. A fact may negate too, and
    that means nothing. The shop's name decides nothing either, and goes with the class.

    Parameters
    ----------
    n_samples : int
        Reviews.
    correlation : float in [-1, 1]
        Of the shop's name (Merrow 1, Tannick 0) with the class: the name goes with the
        class in (1 + correlation) / 2 of the reviews of each class, to the nearest
        review. 0 is the place where the name means nothing.
    negation : float in [0, 1]
        Share of the reviews of each class whose verdict is negated, to the nearest review.
    random_state : int, numpy.random.Generator or None
        The same int writes the same reviews; another `correlation` changes the names of
        the shops alone.

    Returns
    -------
    TextDataset
        y is 0 for blame and 1 for praise, half of each. ``truth.mask`` has the words
        that decide; ``truth.parts`` has "sentiment" and "negation", which make up the
        mask, and "distractor", the shop's name. Vocabulary and length are the same
        whatever the arguments.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    Praise: good, reliable, sturdy, useful, excellent, great, handy, solid, impressive,
    lovely. Blame: bad, unreliable, flimsy, useless, terrible, poor, clumsy, shoddy,
    disappointing, awful. A negation turns either wholly: "not bad" is praise here.

    The truth is of how the reviews were written. A model may have learnt the shop's
    name instead, and then a right explanation of the model differs from this truth. On
    cues that go with the class and do not decide it: Geirhos, R. et al. (2020), Shortcut
    learning in deep neural networks, Nature Machine Intelligence 2, 665-673,
    DOI 10.1038/s42256-020-00257-z.

    Taught in: deep/attention.

    Examples
    --------
    >>> data = reviews(500, random_state=1)
    >>> print(data.texts[0][:70])
    Merrow sent me this toaster in spring. I would hardly call it useless.
    >>> [word for word, deciding in zip(data.words(data.X[0]), data.truth.mask[0]) if deciding]
    ['hardly', 'useless']
    >>> data.target_names[data.y[0]]
    'positive'
    """
    whole_number("n_samples", n_samples, low=1)
    _check_range("correlation", correlation, least=-1.0, most=1.0)
    _check_range("negation", negation, most=1.0)
    rng = generator(random_state)
    y = rng.permutation(n_samples) % 2
    negated = _share_of_each_class(rng, y, negation)
    astray = _share_of_each_class(rng, y, (1 - correlation) / 2)
    shops = np.where(astray, 1 - y, y)
    texts, roles = zip(
        *(
            _review(rng, int(c), bool(n), SHOPS[s])
            for c, n, s in zip(y, negated, shops, strict=True)
        ),
        strict=True,
    )
    length, vocabulary = _longest(), _vocabulary()
    mark = np.array([marks + [""] * (length - len(marks)) for marks in roles])
    parts = {part: mark == part for part in _PART_OF.values()}
    return TextDataset(
        X=encoded(texts, vocabulary, length),
        y=y,
        feature_names=None,
        target_names=("negative", "positive"),
        description=_description(y, shops, negated),
        source=_SOURCE.format("reviews"),
        licence=_LICENCE,
        truth=MaskTruth(parts["sentiment"] | parts["negation"], parts),
        vocabulary=vocabulary,
        texts=texts,
    )


def _share_of_each_class(rng: np.random.Generator, y: NDArray[np.int64], share: float) -> BoolArray:
    # What is drawn does not depend on the share, so that another share changes nothing else.
    order = rng.permutation(len(y))
    chosen = np.zeros(len(y), dtype=bool)
    for code in (0, 1):
        members = order[y[order] == code]
        chosen[members[: round(share * len(members))]] = True
    return chosen


def _review(rng: np.random.Generator, code: int, negated: bool, shop: str) -> tuple[str, list[str]]:
    """Return a review, and of each of its words the part that it is, or ""."""
    praise = bool(code) != negated
    fixed = {"shop": shop, "word": _pick(rng, POSITIVE if praise else NEGATIVE)}
    fixed["product"] = _pick(rng, _FILLINGS["product"])
    fixed["not"] = _pick(rng, _NEGATIONS) if negated else ""
    if fixed["not"] in ("never", "hardly"):
        fixed["very"] = ""  # "hardly very good" is no English
    n_facts = int(rng.integers(1, _MOST_FACTS + 1))
    later = [_FACTS[i] for i in rng.permutation(len(_FACTS))[:n_facts]]
    later.insert(int(rng.integers(n_facts + 1)), _pick(rng, _VERDICTS))
    written = [_written(rng, sentence, fixed) for sentence in (_pick(rng, _OPENINGS), *later)]
    return " ".join(text for text, _ in written), [m for _, marks in written for m in marks]


def _written(
    rng: np.random.Generator, sentence: str, fixed: dict[str, str]
) -> tuple[str, list[str]]:
    """Fill the gaps of a sentence; return it and the part that each of its words is."""
    text, marks = "", []
    for piece in _GAP.split(sentence):
        name = piece[1:-1] if _GAP.fullmatch(piece) else ""
        if name:
            piece = fixed[name] if name in fixed else _pick(rng, _FILLINGS[name])
        text += piece
        marks += [_PART_OF.get(name, "")] * len(split(piece))
    return " ".join(text.split()), marks


def _pick(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _vocabulary() -> tuple[str, ...]:
    sentences = [_GAP.sub(" ", sentence) for sentence in _OPENINGS + _FACTS + _VERDICTS]
    words = {word for text in chain(sentences, *_FILLINGS.values()) for word in split(text)}
    return (PADDING, UNKNOWN, *sorted(words))


def _longest() -> int:
    """Return how many words and marks the longest review could have."""
    longest = {name: max(len(split(word)) for word in words) for name, words in _FILLINGS.items()}

    def length(sentence: str) -> int:
        gaps = [longest[gap[1:-1]] for gap in _GAP.findall(sentence)]
        return len(split(_GAP.sub(" ", sentence))) + sum(gaps)

    facts = sorted(map(length, _FACTS))[-_MOST_FACTS:]
    return max(map(length, _OPENINGS)) + sum(facts) + max(map(length, _VERDICTS))


def _description(y: NDArray[np.int64], shops: NDArray[np.int64], negated: BoolArray) -> str:
    return (
        "Made product reviews; y is 0 where the verdict blames and 1 where it praises, which "
        "one word and a negation before it decide. What is wrong with it: the shop's name goes "
        f"with y in {(shops == y).mean():.3g} of these rows and decides nothing; "
        f"{negated.mean():.3g} of the verdicts are negated, and a negation turns a word wholly; "
        "the sentences come from a few patterns, so that a model that reads them all may read "
        "no other text."
    )
