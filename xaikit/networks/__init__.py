"""Small networks to learn on, trained the same from the same seed, and loaded safely."""

from xaikit.networks._cnn import cnn
from xaikit.networks._fit import fit
from xaikit.networks._functional import functional
from xaikit.networks._load import load
from xaikit.networks._minilm import SentenceEncoder, minilm
from xaikit.networks._ready import mnist_cnn

__all__ = [
    "SentenceEncoder",
    "cnn",
    "fit",
    "functional",
    "load",
    "minilm",
    "mnist_cnn",
]
