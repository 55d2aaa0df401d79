"""The reviews are decided by the words that are said to decide them, and by no others."""

import numpy as np
import pytest

from xaikit import datasets
from xaikit.datasets._reviews import NEGATIONS, NEGATIVE, POSITIVE, SHOPS

OPPOSITE = dict(zip(POSITIVE + NEGATIVE, NEGATIVE + POSITIVE, strict=True))


@pytest.fixture(scope="module")
def data():
    return datasets.reviews(400, random_state=0)


def label(words):
    """The class from nothing but the deciding words."""
    praise = [word in POSITIVE for word in words if word in OPPOSITE]
    assert len(praise) == 1
    return int(praise[0] != (sum(word in NEGATIONS for word in words) % 2 == 1))


def label_read(words):
    """The class as a reader finds it: the negations in the sentence that praises or blames."""
    (verdict,) = (s for s in " ".join(words).split(".") if OPPOSITE.keys() & set(s.split()))
    return label(verdict.split())


def test_the_class_comes_from_the_deciding_words_alone(data):
    for row, mask, y in zip(data.X, data.truth.mask, data.y, strict=True):
        assert label(data.words(row[mask])) == y


def test_a_reader_of_the_whole_text_finds_the_class(data):
    assert [label_read(data.words(row)) for row in data.X] == data.y.tolist()


def test_words_outside_the_mask_never_change_the_class(data):
    """Any of them becomes any word that is neither a verdict's nor an end of a sentence."""
    rng = np.random.default_rng(0)
    deciding = {*OPPOSITE, *NEGATIONS, ".", "[pad]"}
    others = [i for i, word in enumerate(data.vocabulary) if word not in deciding]
    stop = data.vocabulary.index(".")
    for row, mask, y in zip(data.X, data.truth.mask, data.y, strict=True):
        free = ~mask & (row > 0) & (row != stop)
        changed = np.where(free, rng.choice(others, size=len(row)), row)
        assert label_read(data.words(changed)) == y


def test_changing_a_deciding_word_changes_the_class(data):
    number = {word: i for i, word in enumerate(data.vocabulary)}
    parts = data.truth.parts
    for i, (row, y) in enumerate(zip(data.X, data.y, strict=True)):
        (place,) = np.flatnonzero(parts["sentiment"][i])
        turned = row.copy()
        turned[place] = number[OPPOSITE[data.vocabulary[row[place]]]]
        assert label_read(data.words(turned)) == 1 - y
        without = row[~parts["negation"][i]]
        assert label_read(data.words(without)) == (1 - y if parts["negation"][i].any() else y)


def test_each_part_marks_its_words(data):
    words = np.array(data.vocabulary)[data.X]
    parts = data.truth.parts
    assert set(parts) == {"sentiment", "negation", "distractor"}
    np.testing.assert_array_equal(data.truth.mask, parts["sentiment"] | parts["negation"])
    np.testing.assert_array_equal(parts["sentiment"], np.isin(words, POSITIVE + NEGATIVE))
    np.testing.assert_array_equal(
        parts["distractor"], np.isin(words, [shop.lower() for shop in SHOPS])
    )
    assert (parts["sentiment"].sum(axis=1) == 1).all()
    assert (parts["distractor"].sum(axis=1) == 1).all()
    assert set(words[parts["negation"]]) == set(NEGATIONS)
    # Some negations decide nothing, so that the word alone does not tell.
    assert (np.isin(words, NEGATIONS) & ~parts["negation"]).any(axis=1).mean() > 0.1


@pytest.mark.parametrize("correlation", [-1.0, 0.0, 0.5, 0.9, 1.0])
def test_the_shop_goes_with_the_class_as_asked(correlation):
    data = datasets.reviews(2000, correlation=correlation, random_state=0)
    shop = (np.isin(data.X, data.vocabulary.index("merrow"))).any(axis=1)
    assert np.corrcoef(shop, data.y)[0, 1] == pytest.approx(correlation, abs=1e-9)
    assert data.y.mean() == 0.5


@pytest.mark.parametrize("negation", [0.0, 0.3, 1.0])
def test_as_many_are_negated_as_asked_in_both_classes(negation):
    data = datasets.reviews(200, negation=negation, random_state=0)
    negated = data.truth.parts["negation"].any(axis=1)
    for code in (0, 1):
        assert negated[data.y == code].mean() == pytest.approx(negation)


def test_another_correlation_changes_the_shops_alone():
    here, elsewhere = (datasets.reviews(300, correlation=c, random_state=0) for c in (0.9, 0.0))
    differs = here.X != elsewhere.X
    assert differs.any()
    assert not (differs & ~here.truth.parts["distractor"]).any()
    np.testing.assert_array_equal(here.y, elsewhere.y)
    np.testing.assert_array_equal(here.truth.mask, elsewhere.truth.mask)


def test_texts_and_numbers_are_the_same(data):
    np.testing.assert_array_equal(data.encode(data.texts), data.X)
    again = [" ".join(data.words(row)) for row in data.X]
    np.testing.assert_array_equal(data.encode(again), data.X)
    assert data.vocabulary[:2] == ("[pad]", "[unknown]")
    assert 1 not in data.X
    used = set(np.unique(np.concatenate([data.X, datasets.reviews(random_state=1).X])))
    assert used == set(range(len(data.vocabulary))) - {1}


def test_padding_stands_at_the_end_and_unknown_words_are_said(data):
    padding = data.X == 0
    assert (np.diff(padding.astype(int), axis=1) >= 0).all()
    assert not (data.truth.mask & padding).any()
    (row,) = data.encode(["Gorgeous LAMP!"])
    assert data.words(row) == ["[unknown]", "lamp", "[unknown]"]
    assert data.words([0, row[1], 0]) == ["[pad]", "lamp"]
    assert data.words(np.zeros(3, dtype=int)) == data.words([]) == []
    assert data.encode([]).shape == (0, data.X.shape[1])


def test_length_and_vocabulary_do_not_depend_on_the_draw(data):
    for n, options in [(1, {}), (50, {"correlation": -1.0}), (3, {"negation": 1.0})]:
        other = datasets.reviews(n, random_state=5, **options)
        assert other.vocabulary == data.vocabulary
        assert other.X.shape == (n, data.X.shape[1])
    assert (datasets.reviews(random_state=1).X > 0).sum(axis=1).max() <= data.X.shape[1]


def test_the_texts_read_as_english(data):
    for text in data.texts:
        sentences = text.split(". ")
        assert 3 <= len(sentences) <= 4
        assert all(sentence[0].isupper() for sentence in sentences)
        assert text.endswith(".")
        assert not {"  ", " .", " ,", "{", "}"} & {text[i : i + 2] for i in range(len(text))}
        assert "hardly very" not in text
        assert "never really" not in text
        # One review is of one thing.
        things = {"kettle", "lamp", "toaster", "radio", "blender", "fan", "heater", "mixer"}
        assert len(things & set(text.lower().replace(".", "").split())) == 1


def test_a_seed_writes_the_same_reviews_and_leaves_numpy_alone(data):
    state = np.random.get_state()[1].copy()  # noqa: NPY002  # the global state is what is tested
    again, other = (datasets.reviews(400, random_state=seed) for seed in (0, 1))
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002  # must not move
    assert again.texts == data.texts
    assert other.texts != data.texts
    assert datasets.reviews(400, random_state=np.random.default_rng(0)).texts == data.texts


def test_a_text_set_tells_of_itself(data):
    assert repr(data) == (
        "TextDataset(400 texts of up to 41 words, vocabulary of "
        f"{len(data.vocabulary)}, outcome: 0 = negative, 1 = positive)"
    )
    assert isinstance(data, datasets.Dataset)
    assert data.feature_names is None
    assert "reviews" in data.source
