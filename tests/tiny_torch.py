"""The networks of `tiny_networks`, in PyTorch: the same numbers, channels first."""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

LIBRARY = "torch"
KINDS = ("sequential", "functional", "nested")


class Own(nn.Module):
    """Layers called one after the other in a class of one's own."""

    def __init__(self, layers):
        super().__init__()
        for name, layer in layers.items():
            self.add_module(name, layer)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


class Nested(nn.Module):
    """A module in a module, which hands on what it is given by its name."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x)


class Apply(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def assembled(layers, kind="sequential"):
    if not isinstance(layers, dict):
        layers = {f"layer{i}": layer for i, layer in enumerate(layers)}
    if kind == "functional":
        return Own(layers)
    whole = nn.Sequential(OrderedDict(layers))
    return Nested(whole) if kind == "nested" else whole


def set_to(parameter, value):
    with torch.no_grad():
        parameter.copy_(torch.as_tensor(np.array(value, dtype=float)))


def pictures(array):
    """Images whose channels are last, in the layout of the library."""
    return np.ascontiguousarray(np.moveaxis(array, -1, 1))


def channels_last(array):
    return np.moveaxis(array, 1, -1)


def ask(model, X):
    with torch.no_grad():
        first = next(model.parameters())
        return model(torch.tensor(X).to(first.dtype)).numpy().astype(float)


def dense(weights, bias=None):
    weights = np.asarray(weights, dtype=float)
    layer = nn.Linear(*weights.shape, bias=bias is not None, dtype=torch.float64)
    set_to(layer.weight, weights.T)
    if bias is not None:
        set_to(layer.bias, bias)
    return layer


def linear(weights, *, kind="sequential"):
    """One layer without bias; weights (..., k) for rows of shape (...), as they are given."""
    weights = np.asarray(weights, dtype=float)
    layers = [nn.Flatten()] if weights.ndim > 2 else []
    return assembled([*layers, dense(weights.reshape(-1, weights.shape[-1]))], kind)


def paper_network(order):
    shift, last = ([0, 0], [-1]) if order == "inside" else ([-1, 0], [0])
    first, second = dense(np.eye(2), shift), dense([[1], [-1]], last)
    relu = nn.ReLU(inplace=True)
    return assembled([relu, first, nn.ReLU(inplace=True), second, nn.ReLU()])


def drawn(layers, seed=0):
    """Draw every weight from a normal distribution of spread 0.3, with a seed of its own."""
    rng = np.random.default_rng(seed)
    for layer in layers:
        for parameter in layer.parameters():
            set_to(parameter, 0.3 * rng.normal(size=tuple(parameter.shape)))
    return layers


class _Normal:
    """Draws its weights as the Keras networks beside these do, where torch would evenly."""

    def reset_parameters(self):
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.3)


class Conv2d(_Normal, nn.Conv2d):
    pass


class Linear(_Normal, nn.Linear):
    pass


def cnn(shape=(12, 8, 1), n_classes=3, *, kind="sequential", seed=0):
    layers = {
        "first": Conv2d(shape[-1], 4, 3),
        "relu": nn.ReLU(inplace=True),
        "last": Conv2d(4, 6, 3),
        "relu2": nn.ReLU(inplace=True),
        "pool": nn.AdaptiveAvgPool2d(1),
        "flat": nn.Flatten(),
        "classes": Linear(6, n_classes),
        "softmax": nn.Softmax(dim=1),
    }
    drawn(list(layers.values()), seed)
    return assembled(layers, kind)


def conv_net(shape, kernel, weights, bias=None, *, end="pool", softmax=False, kind="sequential"):
    """A convolution (height, width, in, out), a ReLU, the mean or all of its maps, and a layer."""
    height, width, n_in, n_out = kernel.shape
    conv = nn.Conv2d(n_in, n_out, (height, width), bias=bias is not None, dtype=torch.float64)
    set_to(conv.weight, kernel.transpose(3, 2, 0, 1))
    if bias is not None:
        set_to(conv.bias, bias)
    weights = np.asarray(weights, dtype=float)
    layers = {"conv": conv, "relu": nn.ReLU(inplace=True)}
    if end == "pool":
        layers["pool"] = nn.AdaptiveAvgPool2d(1)
    else:
        # Flattened, a map's places stand together here.
        sides = shape[0] - height + 1, shape[1] - width + 1
        weights = weights.reshape(*sides, n_out, -1).transpose(2, 0, 1, 3).reshape(weights.shape)
    layers |= {"flat": nn.Flatten(), "dense": dense(weights)}
    if softmax:
        layers["softmax"] = nn.Softmax(dim=1)
    return assembled(layers, kind)


def smooth_cnn():
    """A convolution and four classes without kinks, of images of 5 × 4."""
    conv, last = nn.Conv2d(1, 3, 3).double(), nn.Linear(18, 4).double()
    drawn([conv, last])
    return assembled([conv, nn.Tanh(), nn.Flatten(), last, nn.Softmax(dim=-1)])


class MeanOfWords(nn.Module):
    """The mean of the vectors of the words that are there, two layers, a sigmoid."""

    def __init__(self, vocabulary, mask_zero):
        super().__init__()
        self.words = nn.Embedding(vocabulary, 3, padding_idx=0)
        self.hidden, self.score = nn.Linear(3, 4), nn.Linear(4, 1)
        self.mask_zero = mask_zero

    def forward(self, x):
        keep = torch.ones_like(x) if not self.mask_zero else x != 0
        mean = (self.words(x) * keep[..., None]).sum(1) / keep.sum(1, keepdim=True)
        return torch.sigmoid(self.score(torch.tanh(self.hidden(mean))))


def of_words(vocabulary=7, *, mask_zero=True, seed=0):
    return drawn([MeanOfWords(vocabulary, mask_zero)], seed)[0]


def parts_of_words(model):
    """The vectors of all words, and weights and bias of the two layers after them."""
    layers = [model.hidden, model.score]
    pairs = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in layers]
    return model.words.weight.detach().numpy(), *pairs


def squares(weights):
    return assembled([Apply(torch.square), dense(weights).float()])


def steep(weight, bias):
    return assembled([dense([[weight]], [bias]), nn.Sigmoid()])


def cliff():
    return Apply(lambda x: torch.where(x > 0.5, 1.0 + 0.0 * x, 0.0 * x))


def trained(X, y):
    """A network of `cnn` that has learned to tell the pictures X apart."""
    model = cnn(X.shape[1:])
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    images, classes = torch.tensor(pictures(X), dtype=torch.float32), torch.tensor(y)
    for _ in range(20):
        for i in range(0, len(X), 16):
            optimiser.zero_grad()
            chances = model(images[i : i + 16])
            nn.functional.nll_loss(chances.log(), classes[i : i + 16]).backward()
            optimiser.step()
    return model


def weights(model):
    return [parameter.detach().numpy().copy() for parameter in model.parameters()]


class Transposed(nn.Module):
    """Channels last in the rows, moved to the front inside."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return torch.softmax(self.inner((x.permute(0, 3, 1, 2) - 0.1) / 2), dim=1)


def _images(channels, softmax=True):
    layers = {
        "first": nn.Conv2d(channels, 4, 3),
        "tanh": nn.Tanh(),
        "last": nn.Conv2d(4, 5, 3),
        "tanh2": nn.Tanh(),
        "pool": nn.AdaptiveAvgPool2d(1),
        "flat": nn.Flatten(),
        "classes": nn.Linear(5, 3),
    }
    if softmax:
        layers["softmax"] = nn.Softmax(dim=1)
    drawn(list(layers.values()))
    return assembled(layers).double()


def _table():
    return assembled(
        [*drawn([nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)]), nn.Softmax(dim=1)]
    ).double()


RNG = np.random.default_rng(0)
# Networks of every kind of row, for the contract.
NETWORKS = {
    "a table": (_table, RNG.normal(size=(4, 5))),
    "images": (lambda: _images(1), RNG.normal(size=(4, 1, 12, 8))),
    "as many channels as rows": (lambda: _images(9), RNG.normal(size=(4, 9, 9, 9))),
    "channels last": (lambda: Transposed(_images(2, False)), RNG.normal(size=(4, 9, 7, 2))),
    "a cube, channels last": (lambda: Transposed(_images(7, False)), RNG.normal(size=(4, 7, 7, 7))),
    "words": (of_words, np.array([[1, 2, 3, 0, 0], [6, 5, 4, 3, 2]])),
    "one output": (lambda: linear(np.ones((3, 1))), RNG.normal(size=(4, 3))),
}
