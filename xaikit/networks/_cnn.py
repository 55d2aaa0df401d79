"""A small convolutional network, the same from the same seed."""

from __future__ import annotations

from typing import Any

from xaikit.core.checks import generator, one_of, require, whole_number

_FILTERS = (16, 32, 32)
# Halved no further: a Grad-CAM map is as coarse as the last convolution's.
_SMALLEST_MAP = 7


def cnn(
    input_shape: tuple[int, int, int],
    n_classes: int,
    *,
    random_state: Any,
    kind: str = "functional",
) -> Any:
    """Build a small convolutional network that ends in a softmax, with drawn weights.

    Three 3 × 3 convolutions with ReLU, of 16, 32 and 32 filters, the first two followed
    by a maximum over 2 × 2 pixels; the maximum of each last map; a dense softmax.

    Parameters
    ----------
    input_shape : tuple of three int
        Height, width and channels of an image.
    n_classes : int
        Classes; one output each, so two for two.
    random_state : int, numpy.random.Generator or None
        What the weights are drawn from; the same int draws the same.
    kind : {"functional", "sequential"}
        How the Keras model is made. Both compute the same from the same seed.

    Returns
    -------
    keras.Model
        Not trained and not compiled; `fit` does both.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError, ValueError
        If an argument is of the wrong type or out of range.

    Notes
    -----
    Halving stops where the last convolution's map, named "last_convolution", would fall
    below 7 pixels on its shorter side.

    A class has a score that is a weighted sum of the maxima of those maps, so a network
    of this kind has to find one place for each feature and its gradient goes there; the
    mean in place of the maximum spreads both over the picture. Either way Grad-CAM of
    the score weighs the maps as the last layer does: up to a constant and the clipping
    at zero it is the class activation map of Zhou, B. et al. (2016), Learning deep
    features for discriminative localization, CVPR, 2921–2929,
    DOI 10.1109/CVPR.2016.319.

    Taught in: deep/saliency.

    Examples
    --------
    >>> model = cnn((28, 28, 1), 10, random_state=0)
    >>> model.count_params(), model.get_layer("last_convolution").output.shape
    (14378, (None, 7, 7, 32))
    """
    shape = _checked_shape(input_shape)
    whole_number("n_classes", n_classes, low=2)
    one_of("kind", kind, ("functional", "sequential"))
    rng = generator(random_state)
    require("tensorflow", extra="deep")
    import keras

    layers = _layers(keras, shape, n_classes, [int(s) for s in rng.integers(2**31, size=4)])
    image = keras.Input(shape, name="image")
    if kind == "sequential":
        return keras.Sequential([image, *layers], name="cnn")
    output = image
    for layer in layers:
        output = layer(output)
    return keras.Model(image, output, name="cnn")


def _layers(keras: Any, shape: tuple[int, int, int], n_classes: int, seeds: list[int]) -> list[Any]:
    # Every initialiser has a seed of its own: without one it takes Keras' global seed.
    names = ("first_convolution", "second_convolution", "last_convolution")
    side, found = min(shape[:2]), []
    for i, (name, filters) in enumerate(zip(names, _FILTERS, strict=True)):
        found.append(
            keras.layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer=keras.initializers.HeUniform(seed=seeds[i]),
                name=name,
            )
        )
        if i < len(names) - 1 and side // 2 >= _SMALLEST_MAP:
            found.append(keras.layers.MaxPooling2D(2, name=f"half_{i + 1}"))
            side //= 2
    return [
        *found,
        keras.layers.GlobalMaxPooling2D(name="maximum_of_maps"),
        keras.layers.Dense(
            n_classes,
            activation="softmax",
            kernel_initializer=keras.initializers.GlorotUniform(seed=seeds[-1]),
            name="classes",
        ),
    ]


def _checked_shape(value: Any) -> tuple[int, int, int]:
    if not isinstance(value, tuple | list) or len(value) != 3:
        raise ValueError(f"input_shape must be (height, width, channels); got {value!r}.")
    names = ("height", "width", "channels")
    height, width, channels = (
        whole_number(f"input_shape's {name}", size, low=1)
        for name, size in zip(names, value, strict=True)
    )
    return height, width, channels
