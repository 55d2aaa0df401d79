"""Attention of Keras models: its weights, what flows through them, what each part carries.

Weights say where a model looked. What it did with what it saw is another question;
`head_importance` and `patch_effect` are two ways to ask it.
"""

from xaikit.attention._heads import head_importance, without_heads
from xaikit.attention._patch import patch_effect, patched
from xaikit.attention._rollout import last_layer, mean_attention, rollout
from xaikit.attention._transformer import fit, keras_layers, transformer
from xaikit.attention._weights import weights

__all__ = [
    "fit",
    "head_importance",
    "keras_layers",
    "last_layer",
    "mean_attention",
    "patch_effect",
    "patched",
    "rollout",
    "transformer",
    "weights",
    "without_heads",
]
