"""What is made of modules of every kind: what they take, how they end, what is said."""

import cloudpickle
import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from tiny_torch import Apply, cnn, dense, drawn, of_words
from torch import nn

import xaikit as xk
from xaikit.models import network as contract
from xaikit.models.describe import describe

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(30, 5))
IMAGES = RNG.normal(size=(4, 2, 9, 7))
WORDS = RNG.integers(1, 7, (4, 5))


def of(model, X=TABLE):
    return describe(model, X).network


def scores(k=3):
    return drawn([nn.Linear(5, k)])[0]


class Ends(nn.Module):
    """Scores, and a function of torch at the end of forward."""

    def __init__(self, end, k=3):
        super().__init__()
        self.scores, self.end = scores(k), end

    def forward(self, x):
        return self.end(self.scores(x))


SOFTMAX = {
    "a layer": lambda: nn.Sequential(scores(), nn.Softmax(dim=1)),
    "within": lambda: nn.Sequential(nn.Sequential(scores(), nn.Softmax(dim=-1)), nn.Identity()),
    "F.softmax": lambda: Ends(lambda s: F.softmax(s, dim=1)),
    "torch.softmax": lambda: Ends(lambda s: torch.softmax(s, 1)),
    "a method": lambda: Ends(lambda s: s.softmax(-1)),
}


@pytest.mark.parametrize("how", SOFTMAX)
def test_a_softmax_is_seen_wherever_it_is(how):
    model = SOFTMAX[how]()
    network = of(model)
    assert network.spaces == ("probability", "score", "log-odds", "prediction")
    proba = network.outputs(TABLE, "probability")
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_array_equal(network.outputs(TABLE, "prediction"), proba)
    with torch.no_grad():
        own = scores()(torch.tensor(TABLE, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(network.outputs(TABLE, "score"), own, rtol=1e-5)
    odds = np.log(proba) - np.log1p(-proba)
    np.testing.assert_allclose(network.outputs(TABLE, "log-odds"), odds, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("end", [nn.LogSoftmax(dim=1), lambda s: F.log_softmax(s, 1)])
def test_logarithms_of_probabilities_are_no_probabilities(end):
    network = of(Ends(end))
    assert network.spaces[0] == "probability"
    proba = network.outputs(TABLE, "probability")
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.exp(network.outputs(TABLE, "prediction")), proba, rtol=1e-5)
    e = xk.explain(Ends(end), TABLE, method="gradient", output=0, output_space="score")
    np.testing.assert_allclose(e.values[0], scores().weight[0].detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize(
    "end", [nn.Sigmoid(), torch.sigmoid, F.sigmoid, lambda s: torch.sigmoid(s).squeeze(1)]
)
def test_one_sigmoid(end):
    model = Ends(end, 1)
    described = describe(model, TABLE)
    assert described.classes.tolist() == [0, 1]
    e = xk.explain(model, TABLE, method="gradient")
    assert e.output_space == "probability"
    np.testing.assert_allclose(
        describe(model, TABLE).network.outputs(TABLE, "score")[:, 0],
        np.log(e.predictions / (1 - e.predictions)),
        rtol=1e-4, atol=1e-5,
    )  # fmt: skip


NO_PROBABILITY = {
    "scores": lambda s: s,
    "a softmax over the rows": lambda s: F.softmax(s, dim=0),
    "a softmax that is halved": lambda s: F.softmax(s, dim=1) / 2,
    "changed in place": lambda s: F.softmax(s, dim=1).mul_(0.5),
    "one of several": lambda s: F.softmax(s, dim=1)[:, 1],
    "a softmax in the middle": lambda s: F.softmax(s, dim=1) @ torch.ones(3, 2),
    "a gate": lambda s: torch.sigmoid(s) * s,
}


@pytest.mark.parametrize("how", NO_PROBABILITY)
def test_nothing_is_called_a_probability_that_is_none(how):
    model = Ends(NO_PROBABILITY[how])
    if how == "a softmax over the rows":
        with pytest.raises(ValueError, match="model must answer each row by itself"):
            of(model)
        return
    assert of(model).spaces == ("prediction",)
    with pytest.raises(ValueError, match="does not end in a softmax or sigmoid"):
        xk.explain(model, TABLE, method="gradient", output=0, output_space="probability")


@pytest.mark.parametrize("method", ["exact_shapley", "kernel_shap", "lime", "occlusion", "auto"])
def test_methods_of_tables_take_a_module(method):
    model = nn.Sequential(dense(np.arange(10.0).reshape(5, 2)))
    e = xk.explain(model, TABLE, method=method, output=1, random_state=0)
    if method != "lime":
        want = np.arange(1.0, 10, 2) * (TABLE - TABLE.mean(axis=0))
        np.testing.assert_allclose(e.values, want, atol=1e-9)
    assert e.output_space == "prediction"


def test_the_other_functions_take_a_module():
    model = nn.Sequential(dense([[1.0], [-2.0], [0.0], [0.0], [0.0]], [0.5]), nn.Sigmoid())
    found = xk.counterfactual(model, TABLE[0], background=TABLE, random_state=0)
    assert found.row is not None
    distance = xk.boundary.distance(
        model, TABLE[:3], background=TABLE, threshold=0.5, random_state=0
    )
    assert len(distance) == 3
    curve = xk.effects.ale(model, TABLE, "x1")
    assert len(curve.values) > 1
    e = xk.explain(model, TABLE, method="gradient_x_input")
    xk.evaluate.deletion(model, e, background=TABLE)


def test_a_frame_and_a_tensor_are_rows_too():
    model = scores()
    want = xk.explain(model, TABLE, method="gradient", output=0)
    frame = pd.DataFrame(TABLE, columns=list("abcde"))
    e = xk.explain(model, frame, method="gradient", output=0)
    np.testing.assert_array_equal(e.values, want.values)
    assert e.feature_names == tuple("abcde")
    tensor = xk.explain(model, torch.tensor(TABLE), method="gradient", output=0)
    np.testing.assert_array_equal(tensor.values, want.values)


def test_pictures_go_with_their_channels():
    model = cnn((9, 7, 2))
    e = xk.explain(model, IMAGES, method="gradient", output=0)
    curves = [
        xk.evaluate.deletion(m, d, baseline=b, patch_size=(3, 2), n_steps=6)
        for m, d, b in [
            (model, e, [0.5, -1.0]),
            (Last(model), xk.explain(Last(model), LAST, method="gradient", output=0), [0.5, -1.0]),
        ]
    ]
    np.testing.assert_allclose(curves[0].predictions, curves[1].predictions, rtol=1e-4)


LAST = np.moveaxis(IMAGES, 1, -1)


class Last(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.permute(0, 3, 1, 2).contiguous())


@pytest.mark.parametrize("method", ["grad_cam", "occlusion", "gradient"])
def test_channels_first_and_last_are_told_apart(method):
    first = xk.explain(cnn((9, 7, 2)), IMAGES, method=method, output=1)
    last = xk.explain(Last(cnn((9, 7, 2))), LAST, method=method, output=1)
    np.testing.assert_allclose(np.moveaxis(last.values, -1, 1), first.values, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(last.predictions, first.predictions, rtol=1e-5)


def test_sequences_and_volumes():
    rows = RNG.normal(size=(3, 2, 20))
    model = nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    assert (of(model, rows).channels, of(model, rows).shape) == ("first", (2, None))
    e = xk.explain(model, rows, method="grad_cam", output=0)
    np.testing.assert_array_equal(e.values[:, 0], e.values[:, 1])
    cubes = RNG.normal(size=(3, 2, 6, 5, 4))
    model = nn.Sequential(nn.Conv3d(2, 4, 2), nn.ReLU(), nn.AdaptiveAvgPool3d(1), nn.Flatten())
    assert xk.explain(model, cubes, method="grad_cam", output=0).values.shape == cubes.shape


class Steps(nn.Module):
    """A recurrent layer over steps, and scores from the last of them."""

    def __init__(self, batch_first=True):
        super().__init__()
        self.lstm, self.last = nn.LSTM(3, 4, batch_first=batch_first), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.lstm(x)[0][:, -1])


def test_steps_have_their_features_last():
    steps = RNG.normal(size=(4, 6, 3))
    assert (of(Steps(), steps).channels, of(Steps(), steps).shape) == ("last", (None, 3))
    e = xk.explain(Steps(), steps, method="integrated_gradients", output=0)
    assert np.abs(e.residual).max() < 1e-2 * np.abs(e.predictions).max()
    with pytest.raises(ValueError, match=r"each row by itself.*batch_first=False"):
        xk.explain(
            Steps(batch_first=False), RNG.normal(size=(6, 6, 3)), method="gradient", output=0
        )


def test_statistics_of_a_batch_are_refused():
    norm = nn.BatchNorm2d(2, track_running_stats=False)
    with pytest.raises(ValueError, match="model must answer each row by itself"):
        of(nn.Sequential(norm, nn.Flatten()), IMAGES)


def test_padding_that_the_module_reads_has_a_gradient():
    words = np.array([[1, 2, 3, 0, 0]])
    masks, reads = (
        xk.explain(of_words(mask_zero=mask), words, method="gradient").values
        for mask in (True, False)
    )
    assert (masks[0, 3:] == 0).all()
    assert (reads > 0).all()


class Category(nn.Module):
    """A table whose first column is a category that is looked up."""

    def __init__(self):
        super().__init__()
        self.vectors, self.last = nn.Embedding(4, 3), nn.Linear(5, 1)

    def forward(self, x):
        return self.last(torch.cat([self.vectors(x[:, 0].long()), x[:, 1:]], dim=1))


def test_a_category_of_a_table_is_no_text():
    rows = np.column_stack([RNG.integers(0, 4, 30), RNG.normal(size=(30, 2))])
    assert of(Category(), rows).inputs == "table"
    assert of(Category(), np.round(rows).clip(0)).inputs == "table"
    xk.explain(Category(), rows, method="exact_shapley")
    with pytest.raises(ValueError, match="takes numbers of a row as whole ones"):
        xk.explain(Category(), rows, method="gradient")


class Positions(nn.Module):
    """Words and their places, looked up in two Embeddings, before a transformer."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(7, 4), nn.Embedding(5, 4)
        self.layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
        self.last = nn.Linear(4, 2)

    def forward(self, x):
        vectors = self.words(x) + self.places(torch.arange(x.shape[1], device=x.device))
        return torch.softmax(self.last(self.layer(vectors).mean(dim=1)), dim=1)


def test_words_before_a_transformer():
    model = Positions()
    network = of(model, WORDS)
    assert (network.inputs, network.vocabulary, network.facts.readers) == ("tokens", 7, ("words",))
    # Rows that are the places themselves are no trap.
    assert of(model, np.array([[0, 1, 2, 3, 4]])).facts.readers == ("words",)
    e = xk.explain(model, WORDS, method="integrated_gradients")
    assert np.abs(e.residual).max() < 2e-3
    with pytest.raises(ValueError, match="X must hold words from 0 to 6"):
        xk.explain(model, WORDS + 3, method="gradient")
    with pytest.raises(TypeError, match="words by their whole numbers; got float64"):
        xk.explain(model, WORDS * 1.0, method="gradient")


def test_a_bag_of_words_has_no_vectors_of_its_own():
    model = nn.Sequential(nn.EmbeddingBag(7, 3), nn.Linear(3, 2))
    assert xk.explain(model, WORDS, method="occlusion", output=0).values.shape == WORDS.shape
    with pytest.raises(ValueError, match=r"must have one Embedding.*Use method='occlusion'"):
        xk.explain(model, WORDS, method="gradient", output=0)


@pytest.mark.parametrize("method", ["gradient", "integrated_gradients", "occlusion", "grad_cam"])
def test_batches_do_not_change_the_numbers(method, monkeypatch):
    model = cnn((9, 7, 2))
    want = xk.explain(model, IMAGES, method=method, output=1).values
    whole = of(model, IMAGES)
    monkeypatch.setattr(contract, "BUDGET", 2 * whole.facts.bytes_a_row)
    assert of(model, IMAGES).batch_size == 2
    found = xk.explain(model, IMAGES, method=method, output=1).values
    np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-8)


def test_what_a_module_holds_on_its_way_bounds_the_batch():
    small, large = (
        nn.Sequential(nn.Conv2d(2, k, 3, padding=1), nn.ReLU(), nn.Flatten()) for k in (1, 100)
    )
    few, many = (of(model, IMAGES).facts.bytes_a_row for model in (small, large))
    # Float32; each result, its gradient, and as much again.
    assert many >= 4 * 4 * 100 * 9 * 7 * 3
    assert many > 20 * few


class TwoInputs(nn.Module):
    def forward(self, image, table):
        return image.sum(1) + table.sum(1)


class Dict(nn.Module):
    def forward(self, x):
        return {"logits": x}


@pytest.mark.parametrize(
    ("make", "X", "error", "said"),
    [
        (TwoInputs, TABLE, ValueError, r"one input; got TwoInputs, whose forward takes image, tab"),
        (Dict, TABLE, ValueError, "return a tensor of shape .*; got a dict from Dict"),
        (lambda: Apply(lambda x: (x, x)), TABLE, ValueError, "got a tuple from Apply"),
        (lambda: nn.Conv2d(2, 3, 3), IMAGES, ValueError, r"got \(1, 3, 7, 5\) for 1 rows from Con"),
        (lambda: nn.LazyLinear(2), TABLE, ValueError, "must have all its weights"),
        (lambda: nn.Linear, TABLE, TypeError, "not a class; got Linear"),
        (lambda: torch.ones(3), TABLE, TypeError, "must be a torch.nn.Module.*got Tensor"),
        (lambda: nn.Linear(4, 2), TABLE, ValueError, r"X must have shape \(n, 4\), as .*\(30, 5\)"),
        (lambda: nn.Linear(5, 2), TABLE[0], ValueError, r"For one row pass X\[None\]"),
        (lambda: cnn((9, 7, 1)), IMAGES[:, 0], ValueError, r"\(n, 1, any, any\).*X\[:, None\]"),
        (lambda: cnn((9, 7, 2)), IMAGES[0], ValueError, r"\(n, 2, any, any\).*X\[None\]"),
        (lambda: cnn((9, 7, 2)), (9 * IMAGES).astype(int), TypeError, "X must hold floats, scaled"),
        (
            lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), IMAGES, ValueError,
            r"rows that the model takes; got shape \(4, 2, 9, 7\), of which Sequential says: mat1",
        ),
        (lambda: nn.Linear(5, 2), pd.DataFrame({"a": ["x"]}), TypeError, "X must hold numbers"),
        (lambda: Apply(lambda x: x.detach()), TABLE, ValueError, "must have a gradient"),
        (lambda: Apply(lambda x: x.detach().argmax(1) * 1.0), TABLE, ValueError, "a gradient"),
    ],
)  # fmt: skip
def test_what_is_said(make, X, error, said):
    with pytest.raises(error, match=said):
        xk.explain(make(), X, method="gradient", output=0)


@pytest.mark.parametrize(
    ("layer", "error", "said"),
    [
        ("third", ValueError, "layer must be one of 'softmax', 'classes'.*got 'third'"),
        ("classes", ValueError, r"layer must have an output of maps.*'classes' with \(4, 3\)"),
        (3, TypeError, "layer must be the name of a layer; got 3"),
        ("", ValueError, "layer must be one of"),
    ],
)
def test_what_is_said_of_layers(layer, error, said):
    with pytest.raises(error, match=said):
        xk.explain(cnn((9, 7, 2)), IMAGES, method="grad_cam", output=0, layer=layer)


def test_a_layer_that_is_called_twice_is_refused():
    relu, conv = nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1)
    model = nn.Sequential(conv, relu, conv, relu, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    with pytest.raises(ValueError, match="which it calls 2 times"):
        xk.explain(model, IMAGES, method="grad_cam", output=0)


def test_a_convolution_over_one_place_is_passed_over():
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Conv2d(3, 2, 1), nn.Flatten()
    )
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    e = xk.explain(model, IMAGES, method="grad_cam", output=0)
    assert "the layer '0', which is the last convolution" in e.why


@pytest.mark.parametrize("how", ["whole", "in place", "a part"])
def test_a_compiled_module_is_the_module(how):
    want = xk.explain(cnn((9, 7, 2)), IMAGES, method="grad_cam", output=1)
    model = cnn((9, 7, 2))
    if how == "whole":
        model = torch.compile(model, backend="eager")
    elif how == "in place":
        model.compile(backend="eager")
    else:
        model.last.compile(backend="eager")
    found = xk.explain(model, IMAGES, method="grad_cam", output=1)
    np.testing.assert_array_equal(found.values, want.values)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
@pytest.mark.parametrize("how", [torch.jit.script, lambda m: torch.jit.trace(m, torch.ones(1, 5))])
def test_a_scripted_module_is_refused(how):
    with pytest.raises(ValueError, match=r"not one of torch.jit.*Explain the module that it was"):
        xk.explain(how(nn.Linear(5, 2)), TABLE, method="gradient", output=0)


def test_a_squeezed_output_of_one_row():
    model = Ends(lambda s: s.squeeze(), 1)
    one = xk.explain(model, TABLE[:1], method="gradient")
    many = xk.explain(model, TABLE, method="gradient")
    np.testing.assert_allclose(one.values, many.values[:1], rtol=1e-6)


def test_a_described_module_goes_to_other_processes():
    model = nn.Sequential(scores(), nn.Softmax(dim=1))
    described = describe(model, TABLE)
    copy = cloudpickle.loads(cloudpickle.dumps(described))
    for space in described.scales:
        ours, theirs = (each.scales[space].function(TABLE) for each in (described, copy))
        np.testing.assert_array_equal(ours, theirs)


def redrawn(model):
    made = describe(model).redrawn(np.random.default_rng(0))
    before = {name: value.clone() for name, value in made.model.state_dict().items()}
    for layer in range(len(made.layers)):
        made.draw(layer)
    return made, before, made.model.state_dict()


def test_every_weight_is_drawn_anew():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.size = nn.Parameter(torch.full((5, 40), 0.7))
            self.attention = nn.MultiheadAttention(40, 2, batch_first=True)
            self.norm, self.tied = nn.BatchNorm1d(40), nn.Linear(40, 40)
            self.again = nn.utils.parametrizations.weight_norm(nn.Linear(40, 40))
            self.again2 = nn.Linear(40, 40, bias=False)
            self.again2.weight = self.tied.weight

        def forward(self, x):
            return x @ self.size

    model = Own()
    model.norm.running_mean.fill_(3.0)
    made, before, after = redrawn(model)
    kept = [name for name in before if torch.equal(before[name], after[name])]
    # What begins as constants of one axis is that again, as it was not trained here.
    constant = {"norm.weight", "norm.bias", "norm.running_var", "norm.num_batches_tracked"}
    constant |= {"attention.in_proj_bias"}
    assert set(kept) <= constant
    # By no layer's own draw: normal numbers of the trained size.
    assert after["size"].square().mean().sqrt() == pytest.approx(0.7, rel=0.2)
    assert abs(float(after["size"].mean())) < 0.2
    assert (after["norm.running_mean"] == 0).all()
    assert torch.equal(after["again2.weight"], after["tied.weight"])
    assert made.layers[-1] == "Own"
    assert "again2" not in made.layers


def test_what_cannot_be_copied_or_has_no_weights_is_refused():
    with pytest.raises(ValueError, match="model must have layers with weights; got none in 'ReLU'"):
        describe(nn.ReLU()).redrawn(np.random.default_rng(0))
    model = nn.Linear(2, 2)
    model.seen = model(torch.ones(1, 2))
    with pytest.raises(ValueError, match=r"one that copy.deepcopy can copy; got Linear"):
        describe(model).redrawn(np.random.default_rng(0))
