"""What the maps of small networks show over ten trainings: for deep/saliency.

For each seed four networks are trained on data of their own: two on scans with a mark (it tells
the class, or not), one on scans of twice the size, and one on shapes, which the randomisation
check, the noise levels of SmoothGrad and the insertion and deletion curves are tried on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import xaikit as xk

N_SEEDS, N_MAPS = 10, 10
NOISES = (0.0, 0.1, 0.5, 1.0)
METHODS: dict[str, dict[str, Any]] = {
    "gradient": {},
    "smoothgrad": {"random_state": 0},
    "gradient_x_input": {},
    "integrated_gradients": {"n_steps": 48},
    "grad_cam": {},
    "occlusion": {},
}
Explainer = Callable[[Any], xk.Explanation]


def trained(data: Any, seed: int, epochs: int, n_classes: int = 2) -> Any:
    """Train the chapter's network from weights of its own."""
    network = xk.networks.cnn(data.X.shape[1:], n_classes, random_state=seed)
    return xk.networks.fit(network, data.X, data.y, epochs=epochs, random_state=seed)


def accuracy(network: Any, data: Any) -> float:
    """Return the share of images that a network gets right."""
    return float((network(data.X).numpy().argmax(axis=1) == data.y).mean())


def share(e: xk.Explanation, place: Any) -> float:
    """Return the mean share of absolute attribution inside a place."""
    return round(xk.evaluate.localisation(e, place).mass.mean, 4)


def explain_ill(network: Any, scans: Any, method: str) -> xk.Explanation:
    """Explain the log-odds of "ill"."""
    return xk.explain(
        network, scans, method=method, output=1, output_space="log-odds", **METHODS[method]
    )


def scans_of(seed: int) -> dict[str, Any]:
    """Train on scans whose mark tells the class, or not, and see which maps tell the two apart."""
    hospital: dict[str, Any] = {"random_state": 1000 + seed}
    same = xk.datasets.planted_watermark(200, leak=True, **hospital)
    other = xk.datasets.planted_watermark(200, leak=False, **hospital)
    ill = np.flatnonzero(same.y == 1)[:N_MAPS]
    scans, mark = same.X[ill], same.truth.parts["watermark"][ill]
    shape = same.truth.parts["object"][ill]

    leaked = xk.datasets.planted_watermark(800, leak=True, random_state=seed)
    fair = xk.datasets.planted_watermark(1000, leak=False, random_state=seed)
    fresh = xk.networks.cnn((32, 32, 1), 2, random_state=seed)
    networks = {"A": trained(leaked, seed, 6), "B": trained(fair, seed, 10), "fresh": fresh}
    found: dict[str, Any] = {"edges": share(xk.evaluate.edges(scans), mark)}
    for name, network in networks.items():
        maps = {method: explain_ill(network, scans, method) for method in METHODS}
        found[name] = {
            "same": accuracy(network, same),
            "other": accuracy(network, other),
            "mark": {method: share(e, mark) for method, e in maps.items()},
            "shape": {method: share(e, shape) for method, e in maps.items()},
        }
        if name == "A":
            cam = xk.evaluate.localisation(maps["grad_cam"], mark)
            found["small"] = {"mass": cam.mass.mean, "pointing": cam.pointing.mean}

    small = xk.datasets.planted_watermark(300, leak=True, size=64, random_state=seed)
    network = trained(small, seed, 5)
    same = xk.datasets.planted_watermark(60, leak=True, size=64, **hospital)
    other = xk.datasets.planted_watermark(200, leak=False, size=64, **hospital)
    ill = np.flatnonzero(same.y == 1)[:N_MAPS]
    e = explain_ill(network, same.X[ill], "grad_cam")
    cam = xk.evaluate.localisation(e, same.truth.parts["watermark"][ill])
    found["large"] = {
        "mass": cam.mass.mean,
        "pointing": cam.pointing.mean,
        "same": accuracy(network, same),
        "other": accuracy(network, other),
    }
    return found


def shapes_of(seed: int) -> dict[str, Any]:
    """Train on shapes, forget, add noise, and draw curves."""
    network = trained(xk.datasets.planted_shapes(800, random_state=seed), seed, 10, 3)
    fresh = xk.networks.cnn((32, 32, 1), 3, random_state=100 + seed)
    shown = xk.datasets.planted_shapes(60, random_state=1000 + seed)
    rows = np.flatnonzero(shown.y == 1)[:N_MAPS]
    squares, place = shown.X[rows], shown.truth.mask[rows]

    def of(method: str, **options: Any) -> Explainer:
        return lambda model: xk.explain(
            model, squares, method=method, output=1, output_space="score", **options
        )

    edges = xk.evaluate.edges(of("gradient")(network))
    draws = np.random.default_rng(seed)

    def noise(_: Any) -> xk.Explanation:
        return replace(edges, values=draws.standard_normal(edges.values.shape))

    explainers = {method: of(method, **options) for method, options in METHODS.items()}
    controls: dict[str, Explainer] = {"edges": lambda _: edges, "noise": noise}
    forgotten = {}
    for name, explain in (explainers | controls).items():
        check = xk.evaluate.randomisation(network, explain, random_state=seed)
        forgotten[name] = {
            "sizes": round(check.score, 4),
            "signed": round(float(check.signed[-1].mean()), 4),
        }

    smoothed = {}
    for level in NOISES:
        explain = of("smoothgrad", noise=level, random_state=0) if level else of("gradient")
        smoothed[f"{level:g}"] = share(explain(network), place)

    judged = {
        name: (explainers | controls)[name](network)
        for name in ("integrated_gradients", "grad_cam", "edges", "noise")
    }
    curves = {
        kind: {
            name: round(float(getattr(xk.evaluate, kind)(network, e, baseline="mean").area), 3)
            for name, e in judged.items()
        }
        for kind in ("deletion", "insertion")
    }
    times_input = explainers["gradient_x_input"]
    return {
        "accuracy": accuracy(network, shown),
        "forgotten": forgotten,
        "smoothed": smoothed,
        "curves": curves,
        "on_shape": {
            "trained": share(times_input(network), place),
            "fresh": share(times_input(fresh), place),
        },
    }


def eights() -> dict[str, int]:
    """Count the eights that one blank bar of 9 × 2 pixels turns into another digit."""
    mnist, reader = xk.datasets.mnist(), xk.networks.mnist_cnn()
    unseen = np.random.default_rng(0).permutation(5000)[4000:]
    images = mnist.X[unseen][mnist.y[unseen] == 8][..., None].astype("float32")
    images = images[reader(images).numpy().argmax(axis=1) == 8]
    turned = []
    for image in images:
        barred = np.repeat(image[None], 10 * 13, axis=0)
        for k, (top, left) in enumerate(np.ndindex(10, 13)):
            barred[k, 2 * top : 2 * top + 9, 2 * left : 2 * left + 2] = 0
        turned.append(bool((reader(barred).numpy().argmax(axis=1) != 8).any()))
    return {"eights": len(images), "turned": int(sum(turned))}


def run() -> dict[str, Any]:
    """Return what each seed showed, and how often an eight turns into another digit."""
    return {
        "eights": eights(),
        "scans": [scans_of(seed) for seed in range(N_SEEDS)],
        "shapes": [shapes_of(seed) for seed in range(N_SEEDS)],
    }
