"""Loading a network runs nothing that its file says."""

import json
import os
import pickle
import zipfile

import h5py
import keras
import numpy as np
import pytest

from xaikit import networks

pytestmark = pytest.mark.slow  # networks are built, saved and trained

SHAPE = (8, 8, 1)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "small.keras"
    networks.cnn(SHAPE, 2, random_state=0, kind="sequential").save(path)
    return path


def rewritten(path, change):
    """Write a .keras file anew with its members changed: name -> bytes."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def described(path, change):
    """Change the description of the layers in a .keras file."""

    def members(found):
        description = json.loads(found["config.json"])
        change(description)
        found["config.json"] = json.dumps(description).encode()

    return rewritten(path, members)


def layer(description, number=1):
    return description["config"]["layers"][number]


@pytest.mark.parametrize("kind", ["sequential", "functional"])
def test_what_was_saved_is_loaded(tmp_path, kind):
    model = networks.cnn(SHAPE, 3, random_state=1, kind=kind)
    X, y = np.random.default_rng(0).random((20, *SHAPE)), np.arange(20) % 3
    networks.fit(model, X, y, epochs=1, random_state=0)
    model.save(tmp_path / "trained.keras")
    loaded = networks.load(tmp_path / "trained.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_the_transformer_is_loaded_too(tmp_path):
    attention = pytest.importorskip("xaikit.attention")
    model = attention.transformer(9, 4, random_state=0)
    model.save(tmp_path / "reader.keras")
    words = np.array([[1, 2, 3, 0]])
    found = networks.load(str(tmp_path / "reader.keras"))
    np.testing.assert_array_equal(found.predict(words, verbose=0), model.predict(words, verbose=0))


def test_a_lambda_layer_is_refused_before_it_runs(tmp_path):
    path, trace = tmp_path / "lambda.keras", tmp_path / "trace"
    touch = f"touch {trace}"
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Lambda(lambda x: (os.system(touch), x)[1])]
    )
    trace.unlink()  # it ran here, while the model was built
    model.save(path)
    with pytest.raises(ValueError, match="path must hold no lambda layer"):
        networks.load(path)
    assert not trace.exists()


NAMED = {
    "a function of os": ("os", "system", None),
    "a function of builtins": ("builtins", "function", "function"),
    "an import": ("antigravity", "Dense", None),
    "a download": ("keras.utils", "get_file", None),
    "a saved model in a layer": ("keras.layers", "TFSMLayer", None),
    "a layer of another framework": ("keras.layers", "TorchModuleWrapper", None),
    "a layer that reads a file": ("keras.layers", "StringLookup", None),
    "a layer registered by a stranger": ("keras.layers", "Dense", "mine>Dense"),
    "a class of ours that is no layer": ("xaikit.networks._load", "Path", "xaikit>Path"),
    "a function among the operations": ("keras.src.ops.numpy", "vectorize", None),
    "no module": (None, "Dense", None),
    "a module that is no text": (["os"], "system", None),
}


@pytest.mark.parametrize("case", NAMED)
def test_what_is_not_listed_is_refused(saved, case):
    module, what, registered = NAMED[case]

    def name_it(description):
        layer(description).update(module=module, class_name=what, registered_name=registered)

    with pytest.raises(ValueError, match=r"path must hold plain Keras layers only; 'small.keras'"):
        networks.load(described(saved, name_it))


def test_it_is_refused_wherever_it_stands(saved):
    def deep(description):
        layer(description)["config"]["kernel_initializer"]["config"]["seed"] = {
            "class_name": "get_file", "module": "keras.utils", "config": {},
        }  # fmt: skip

    with pytest.raises(ValueError, match=r"names 'get_file' of 'keras\.utils'"):
        networks.load(described(saved, deep))


MEMBERS = {
    "a way out": {"../../evil.py": b"x"},
    "an absolute way out": {"/tmp/evil.py": b"x"},
    "a pickle beside": {"model.pkl": pickle.dumps(1)},
    "assets": {"assets/vocabulary.txt": b"x"},
}


@pytest.mark.parametrize("case", MEMBERS)
def test_odd_members_are_refused(saved, case):
    with pytest.raises(ValueError, match=r"and nothing else; 'small\.keras' holds"):
        networks.load(rewritten(saved, lambda members: members.update(MEMBERS[case])))


def test_a_bomb_is_refused_before_it_unfolds(saved):
    bomb = rewritten(saved, lambda members: members.update({"config.json": b" " * 2**23}))
    assert bomb.stat().st_size < 2**20
    with pytest.raises(ValueError, match=r"at most 4,194,304 bytes in config\.json"):
        networks.load(bomb)


def test_a_description_that_nests_too_deep_is_refused(saved):
    deep = b"[" * 200_000 + b"]" * 200_000
    with pytest.raises(ValueError, match="description in JSON"):
        networks.load(rewritten(saved, lambda members: members.update({"config.json": deep})))


def _external(path, tmp_path):
    (tmp_path / "secret").write_bytes(np.arange(8.0).tobytes())
    with h5py.File(path, "w") as file:
        file.create_dataset("w", (8,), "f8", external=[(str(tmp_path / "secret"), 0, 64)])


def _linked(path, tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["w"] = np.arange(8.0)
    with h5py.File(path, "w") as file:
        file["layers"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/w")


@pytest.mark.parametrize("make", [_external, _linked])
def test_weights_from_other_files_are_refused(saved, tmp_path, make):
    make(tmp_path / "weights.h5", tmp_path)
    content = (tmp_path / "weights.h5").read_bytes()
    with pytest.raises(ValueError, match="path must hold its own weights"):
        networks.load(
            rewritten(saved, lambda members: members.update({"model.weights.h5": content}))
        )


def _unwritten(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("w", (2**40,), "f4", chunks=(2**10,))


def _words(path):
    with h5py.File(path, "w") as file:
        file["w"] = [b"os", b"system"]


@pytest.mark.parametrize("make", [_unwritten, _words])
def test_weights_that_are_no_numbers_or_too_many_are_refused(saved, tmp_path, make):
    make(tmp_path / "weights.h5")
    content = (tmp_path / "weights.h5").read_bytes()
    assert len(content) < 2**20
    with pytest.raises(ValueError, match=r"path must hold weights that are numbers, of at most"):
        networks.load(
            rewritten(saved, lambda members: members.update({"model.weights.h5": content}))
        )


def test_what_is_no_keras_file_is_refused(tmp_path):
    (tmp_path / "text.keras").write_text("no zip")
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({}))
    (tmp_path / "old.h5").write_bytes(b"\x89HDF")
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(ValueError, match=r"which is a zip; 'text\.keras' is none"):
        networks.load(tmp_path / "text.keras")
    for name in ("model.pkl", "old.h5", "folder.keras"):
        with pytest.raises(ValueError, match=r"path must be a \.keras file"):
            networks.load(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="there is no"):
        networks.load(tmp_path / "absent.keras")


def test_damaged_weights_are_told(saved):
    def cut(members):
        members["model.weights.h5"] = members["model.weights.h5"][:500]

    with pytest.raises(ValueError, match=r"path must hold weights in HDF5"):
        networks.load(rewritten(saved, cut))


def test_weights_of_another_network_are_told(saved, tmp_path):
    other = tmp_path / "other.keras"
    networks.cnn(SHAPE, 5, random_state=0).save(other)
    with zipfile.ZipFile(other) as archive:
        weights = archive.read("model.weights.h5")
    with pytest.raises(ValueError, match=r"Keras cannot read 'small\.keras'"):
        networks.load(
            rewritten(saved, lambda members: members.update({"model.weights.h5": weights}))
        )
