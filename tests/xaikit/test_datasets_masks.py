"""A mask truth holds places, says what it holds, and is not taken for attributions."""

import pickle

import numpy as np
import pytest

import xaikit as xk
from xaikit import datasets, evaluate

MASK = np.zeros((2, 3, 4), dtype=bool)


def images(truth):
    return datasets.Dataset(
        X=np.zeros((2, 3, 4, 1)),
        y=np.array([0, 1]),
        feature_names=None,
        target_names=("a", "b"),
        description="",
        source="",
        licence="",
        truth=truth,
    )


def test_the_masks_are_kept_and_cannot_be_written():
    truth = datasets.MaskTruth(MASK, {"object": MASK, "cue": ~MASK})
    assert list(truth.parts) == ["object", "cue"]
    assert truth.parts["cue"].all()
    for mask in (truth.mask, truth.parts["cue"]):
        with pytest.raises(ValueError, match="read-only"):
            mask[0, 0, 0] = True
    assert MASK.flags.writeable


def test_a_mask_truth_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(datasets.MaskTruth(MASK, {"cue": ~MASK})))
    np.testing.assert_array_equal(sent.parts["cue"], ~MASK)


def test_a_sequence_has_a_mask_of_its_tokens():
    truth = datasets.MaskTruth(np.zeros((1, 5), dtype=bool))
    assert repr(truth) == "MaskTruth(1 row of (5,), parts: none)"


@pytest.mark.parametrize(
    ("mask", "parts", "error", "words"),
    [
        (MASK.astype(int), {}, TypeError, "mask must be.*True and False; got int64"),
        ([[True]], {}, TypeError, "mask must be.*got list"),
        (MASK[0, 0], {}, ValueError, r"mask must be of shape.*got \(4,\)"),
        (MASK[..., None], {}, ValueError, r"without channels; got \(2, 3, 4, 1\)"),
        (MASK, [MASK], TypeError, "parts must be a mapping.*got list"),
        (MASK, {"cue": MASK[:1]}, ValueError, r"parts\['cue'\].*\(2, 3, 4\).*got \(1, 3, 4\)"),
        (MASK, {"cue": MASK * 1.0}, TypeError, r"parts\['cue'\].*got float64"),
    ],
)
def test_what_is_no_mask_is_refused(mask, parts, error, words):
    with pytest.raises(error, match=words):
        datasets.MaskTruth(mask, parts)


@pytest.mark.parametrize("whole", [False, True])
def test_the_error_of_attributions_is_not_measured_against_a_mask(whole):
    table = datasets.planted_linear(n_samples=60, random_state=0)
    e = xk.explain(table.truth.function, table.X)
    truth = datasets.MaskTruth(MASK)
    with pytest.raises(TypeError, match=r"MaskTruth.*evaluate\.localisation"):
        evaluate.error(e, images(truth) if whole else truth)


def test_a_dataset_says_what_its_rows_are():
    assert repr(images(None)) == "Dataset(2 images of 3 × 4 pixels, outcome: 0 = a, 1 = b)"
    one = datasets.Dataset(np.zeros((1, 3, 4, 3)), [0], None, ("a",), "", "", "")
    assert repr(one) == "Dataset(1 image of 3 × 4 pixels, outcome: a)"
    tokens = datasets.Dataset(np.zeros((2, 7), dtype=int), [0, 1], None, ("a", "b"), "", "", "")
    assert repr(tokens) == "Dataset(2 sequences of 7 tokens, outcome: 0 = a, 1 = b)"
