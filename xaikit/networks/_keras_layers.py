"""The transformer's own Keras layers, registered so that a saved model is read again.

This module imports Keras; nothing imports it before a network is built or read.
"""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="xaikit")
class Positions(keras.layers.Layer):  # type: ignore[misc]  # Keras publishes no types
    """Add to each word's vector the learnt vector of its place.

    Parameters
    ----------
    seed : int
        What the vectors are drawn from.
    **options
        Those of every layer.
    """

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the table of vectors, one for each place."""
        self.table = self.add_weight(
            shape=tuple(input_shape[1:]),
            initializer=keras.initializers.RandomUniform(-0.15, 0.15, seed=self.seed),
            name="table",
        )

    def call(self, words: Any) -> Any:
        """Return the words' vectors with those of their places added."""
        return words + self.table

    def get_config(self) -> dict[str, Any]:
        """Return what the layer is made from."""
        return {**super().get_config(), "seed": self.seed}


@keras.saving.register_keras_serializable(package="xaikit")
class MeanOfWords(keras.layers.Layer):  # type: ignore[misc]
    """Return the mean vector of the real words; zeros for a text without any.

    Keras' own mean over a masked sequence divides by nought there.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def call(self, words: Any, mask: Any = None) -> Any:
        """Return the means (n, width)."""
        if mask is None:
            return keras.ops.mean(words, axis=1)
        real = keras.ops.cast(mask, words.dtype)[:, :, None]
        count = keras.ops.maximum(keras.ops.sum(real, axis=1), 1)
        return keras.ops.sum(words * real, axis=1) / count

    def compute_mask(self, words: Any, mask: Any = None) -> None:
        """Return no mask: the words are one vector now."""
        return


def own_layers() -> dict[str, Any]:
    """Return these layers by the names under which Keras has them."""
    return {f"xaikit>{layer.__name__}": layer for layer in (MeanOfWords, Positions)}
