"""Networks with a planted shortcut, trained ten times: accuracy, maps, and the check of weights."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

import xaikit as xk

N_SEEDS = 10
N_EXPLAINED = 40

Array: TypeAlias = NDArray[np.float64]


def _train(data: xk.datasets.Dataset, seed: int) -> Any:
    net = xk.networks.cnn((16, 16, 1), 2, random_state=seed)
    return xk.networks.fit(net, data.X, data.y, epochs=6, random_state=seed)


def readers(seed: int) -> dict[str, dict[str, Any]]:
    """Return three trained networks, each with new data that keep the shortcut or lack it."""
    watermark = partial(xk.datasets.planted_watermark, size=16)
    corner = partial(xk.datasets.planted_corner, size=16)
    reviews = xk.datasets.reviews
    text = reviews(800, correlation=0.95, random_state=seed)
    reader = xk.attention.transformer(
        len(text.vocabulary), text.X.shape[1], n_layers=1, random_state=seed
    )
    new = 100 + seed
    return {
        "watermark": {
            "net": _train(watermark(400, random_state=seed), seed),
            "with": watermark(200, leak=True, random_state=new),
            "without": watermark(200, leak=False, random_state=new),
        },
        "cue": {
            "net": _train(corner(400, random_state=seed), seed),
            "with": corner(200, agreement=0.95, random_state=new),
            "without": corner(200, agreement=0.5, random_state=new),
        },
        "shop": {
            "net": xk.attention.fit(reader, text, epochs=8, random_state=seed),
            "with": reviews(300, correlation=0.95, random_state=new),
            "without": reviews(300, correlation=0.5, random_state=new),
        },
    }


def accuracy(net: Any, data: xk.datasets.Dataset) -> float:
    """Return the share of right classes."""
    return float((np.asarray(net(data.X)).argmax(axis=1) == data.y).mean())


def widened(masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the masks with a margin of two pixels."""
    wide: NDArray[np.bool_] = binary_dilation(masks, np.ones((1, 3, 3)), iterations=2)
    return wide


def _all_on(place: int, n: int) -> Array:
    """Return n rows of a truth of which only the place is known."""
    return np.repeat(np.eye(3)[[place]], n, axis=0)


def _place_cell(size: Any, read: Any, decides: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the attribution on what the model reads, on what decides, and elsewhere."""
    size = size / size.sum(axis=1, keepdims=True)
    first, second = (size * read).sum(axis=1), (size * decides).sum(axis=1)
    given = np.column_stack([first, second, 1 - first - second])
    return {"features": [*names, "elsewhere"], "given": given}


def _picture_cell(
    net: Any, data: xk.datasets.Dataset, part: str, options: dict[str, Any]
) -> dict[str, Any]:
    masks = data.truth.parts  # type: ignore[union-attr]
    rows = np.flatnonzero((data.y == 1) & masks[part].any(axis=(1, 2)))[:N_EXPLAINED]
    e = xk.explain(net, data.X[rows], output=1, output_space="score", **options)
    read = widened(masks[part][rows])
    decides = widened(masks["object"][rows]) & ~read
    size = np.abs(e.values).sum(axis=-1)
    flat = [a.reshape(len(rows), -1) for a in (size, read, decides)]
    cell = _place_cell(flat[0], flat[1], flat[2], (part, "object"))
    return cell | {"model": _all_on(0, len(rows)), "world": _all_on(1, len(rows))}


def _word_cell(net: Any, data: xk.datasets.Dataset) -> dict[str, Any]:
    looks = xk.attention.mean_attention(xk.attention.weights(net, data.X))
    parts = data.truth.parts  # type: ignore[union-attr]
    cell = _place_cell(
        looks.mean(axis=1) * (data.X > 0),
        parts["distractor"],
        parts["sentiment"] | parts["negation"],
        ("shop", "verdict"),
    )
    # The network uses both, and nobody planted in which shares: any split is right.
    both = cell["given"] * [1, 1, 0]
    return cell | {
        "model": both / both.sum(axis=1, keepdims=True),
        "world": _all_on(1, len(both)),
    }


def opened(nets: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the cells of pictures and words in the big table, by method and fault."""
    found = {}
    maps: dict[str, dict[str, Any]] = {
        "grad_cam (images)": {"method": "grad_cam"},
        "occlusion (images)": {"method": "occlusion", "patch_size": 4, "stride": 2},
    }
    for name, options in maps.items():
        for part, fault in {"watermark": "leak", "cue": "spurious cue"}.items():
            net, data = nets[part]["net"], nets[part]["with"]
            found[name, fault] = _picture_cell(net, data, part, options)
    shop = nets["shop"]
    found["attention (words)", "spurious cue"] = _word_cell(shop["net"], shop["with"])
    return found


def randomised(net: Any, seed: int) -> dict[str, dict[str, float]]:
    """Return what the gradient, noise and edges reach in the randomisation check."""
    pictures = xk.datasets.planted_watermark(20, size=16, random_state=100 + seed)
    static = np.random.default_rng(seed)  # one generator: other noise at each call

    def gradient(model: Any) -> xk.Explanation:
        return xk.explain(model, pictures.X, method="gradient", output=1)

    def noise(model: Any) -> xk.Explanation:
        e = gradient(model)
        return replace(e, values=static.normal(size=e.values.shape))

    def edges(model: Any) -> xk.Explanation:
        return xk.evaluate.edges(gradient(model))

    found = {}
    for draw in (gradient, noise, edges):
        check = xk.evaluate.randomisation(net, draw, random_state=seed)
        place = xk.evaluate.localisation(draw(net), pictures, part="watermark")
        found[draw.__name__] = {
            "passed": bool(check.passed),
            "similarity": round(float(check.similarity[-1].mean()), 4),
            "on_mark": round(float(place.mass.values.mean()), 4),
            "chance": round(float(place.chance.mean()), 4),
        }
    return found


def one(seed: int) -> dict[str, Any]:
    """Return the accuracies, the cells and the randomisation check of one training."""
    nets = readers(seed)
    cells = opened(nets)
    return {
        "errors": [
            # The rows are shares already.
            [*key, truth, round(float(np.abs(cell["given"] - cell[truth]).sum(1).mean() / 2), 6)]
            for key, cell in cells.items()
            for truth in ("model", "world")
        ],
        "given": {
            " | ".join(key): cell["given"].mean(axis=0).round(4).tolist()
            for key, cell in cells.items()
        },
        "accuracy": {
            name: {k: round(accuracy(part["net"], part[k]), 4) for k in ("with", "without")}
            for name, part in nets.items()
        },
        "randomised": randomised(nets["watermark"]["net"], seed),
    }


def run() -> dict[str, Any]:
    """Return the results of all trainings."""
    return {"seeds": [one(seed) for seed in range(N_SEEDS)]}
