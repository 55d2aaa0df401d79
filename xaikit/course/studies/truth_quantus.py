"""Two measures by Quantus, to be compared at each build with ours computed anew: for trust/truth.

Quantus (LGPL-3.0) and PyTorch are not among the course's packages. To run this again, put
Quantus 0.6.0, cachetools and PyTorch on the interpreter's path; only numbers are kept of them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import xaikit as xk

N_ROWS, N_DRAWN = 20, 10_000


def case() -> tuple[Any, NDArray[np.float64], dict[str, xk.Explanation]]:
    """Return a formula with a product, the row of zeros, and two explanations of twenty rows."""
    data = xk.datasets.planted_interaction(400, random_state=0)
    formula = data.truth.function  # type: ignore[union-attr]
    rows = data.X.to_numpy()[:N_ROWS]
    nothing = np.zeros((1, rows.shape[1]))
    explained = {
        name: xk.explain(formula, rows, method=name, background=nothing)
        for name in ("exact_shapley", "occlusion")
    }
    return formula, nothing, explained


def run() -> dict[str, Any]:
    """Return Quantus's deletion curves, their areas, and its faithfulness correlations."""
    from importlib.metadata import version

    import quantus  # type: ignore[import-not-found]
    import torch

    class Formula(torch.nn.Module):  # type: ignore[misc]
        """The same formula for rows of shape (n, 1, d), with one output."""

        def forward(self, x: Any) -> Any:
            x = x.flatten(1)
            out = x[:, 0] + x[:, 1] + 2 * x[:, 0] * x[:, 1] + x[:, 2]
            return out[:, None]

    formula, _, explained = case()
    zero = {"disable_warnings": True, "perturb_baseline": 0.0}
    measures = {
        "curves": quantus.PixelFlipping(**zero),
        # Left to itself it fills in "black", the smallest value of each row.
        "black curves": quantus.PixelFlipping(disable_warnings=True),
        "areas": quantus.PixelFlipping(return_auc_per_sample=True, **zero),
        "correlations": quantus.FaithfulnessCorrelation(
            nr_runs=N_DRAWN, subset_size=2, normalise=False, **zero
        ),
    }
    found: dict[str, Any] = {"quantus": version("quantus"), "torch": version("torch")}
    if not hasattr(np, "trapz"):  # Quantus 0.6.0 asks for it by the name that NumPy 2.4 dropped
        np.trapz = np.trapezoid  # type: ignore[attr-defined]  # noqa: NPY201
    before = np.random.get_state()  # noqa: NPY002  Quantus draws from the global generator
    np.random.seed(0)  # noqa: NPY002
    for what, measure in measures.items():
        found[what] = {}
        for name, e in explained.items():
            rows = np.asarray(e.data, dtype=np.float64)
            given = torch.tensor(rows[:, None], dtype=torch.float32)
            if not np.allclose(Formula()(given).numpy()[:, 0], formula(rows), atol=1e-5):
                raise AssertionError("the module must compute the formula")
            scores = measure(
                Formula().eval(),
                rows[:, None].astype(np.float32),
                np.zeros(len(rows), dtype=int),
                a_batch=e.values[:, None].astype(np.float32),
                softmax=False,
            )
            found[what][name] = np.asarray(scores, dtype=np.float64).round(6).tolist()
    np.random.set_state(before)  # noqa: NPY002
    return found
