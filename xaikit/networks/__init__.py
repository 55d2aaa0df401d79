"""Small networks to learn on, and one for photographs, loaded so that no file runs."""

from xaikit.networks._cnn import cnn
from xaikit.networks._crop import centre_crop
from xaikit.networks._efficientnet import efficientnet_lite0, imagenet_classes
from xaikit.networks._fit import fit
from xaikit.networks._functional import functional
from xaikit.networks._load import load
from xaikit.networks._minilm import SentenceEncoder, minilm
from xaikit.networks._ready import mnist_cnn

__all__ = [
    "SentenceEncoder",
    "centre_crop",
    "cnn",
    "efficientnet_lite0",
    "fit",
    "functional",
    "imagenet_classes",
    "load",
    "minilm",
    "mnist_cnn",
]
