"""Whether an explanation changes when the network that it explains forgets what it learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from xaikit.core.checks import FloatArray, generator, one_of
from xaikit.core.explanation import Explanation
from xaikit.evaluate._agreement import rank_correlation
from xaikit.evaluate._scores import read_only
from xaikit.models.describe import describe

# Where two maps share half the variance of their ranks, 0.7² being about a half.
THRESHOLD = 0.7
Order = Literal["cascading", "independent"]


@dataclass(frozen=True, eq=False, repr=False)
class Randomisation:
    """How much of an explanation is left when layers of the network are drawn anew.

    Parameters
    ----------
    layers : tuple of str
        The layers in the order in which they were drawn anew, from the top.
    similarity : ndarray of shape (layers, n)
        After each layer, the rank correlation of each row's |values| with those of the
        trained network, from −1 to 1; **lower is better**.
    signed : ndarray of shape (layers, n)
        The same of the signed values.
    order : {"cascading", "independent"}
        Whether the layers drawn before stay so, or each was alone.
    threshold : float
        What the mean similarity may be at most.

    Notes
    -----
    Taught in: trust/truth.

    Examples
    --------
    >>> import numpy as np
    >>> check = Randomisation(
    ...     ("dense", "conv"), np.array([[0.9], [0.2]]), np.array([[0.8], [0.1]]),
    ...     "cascading", 0.7)
    >>> check
    randomisation check passed: after all 2 layers (cascading) the maps of 1 row agree to 0.2
      with those of the trained network (rank correlation of |values|, at most 0.7 to pass)
    >>> check.passed
    True
    """

    layers: tuple[str, ...]
    similarity: FloatArray
    signed: FloatArray
    order: Order
    threshold: float

    def __post_init__(self) -> None:
        for name in ("similarity", "signed"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def score(self) -> float:
        """The mean similarity that is judged, after all layers or, drawn alone, over them."""
        judged = self.similarity[-1] if self.order == "cascading" else self.similarity
        return float(judged.mean())

    @property
    def passed(self) -> bool:
        """Whether the score is at most the threshold."""
        return self.score <= self.threshold

    def __len__(self) -> int:
        return int(self.similarity.shape[1])

    def __repr__(self) -> str:
        verdict = "passed" if self.passed else "FAILED"
        rows = "1 row" if len(self) == 1 else f"{len(self)} rows"
        n = "1 layer" if len(self.layers) == 1 else f"{len(self.layers)} layers"
        when = {
            "cascading": f"after all {n} (cascading)",
            "independent": f"over {n}, each alone (independent),",
        }
        return (
            f"randomisation check {verdict}: {when[self.order]} the maps of {rows} agree to "
            f"{self.score:.3g}\n  with those of the trained network (rank correlation of "
            f"|values|, at most {self.threshold:g} to pass)"
        )


def randomisation(
    model: Any,
    explain: Callable[[Any], Explanation],
    *,
    order: Order = "cascading",
    random_state: int | np.random.Generator | None = None,
) -> Randomisation:
    """Draw the weights of a network anew, layer by layer, and see whether its maps change.

    An explanation of what a network has learned cannot stay when all of that is gone.

    Parameters
    ----------
    model : keras.Model or torch.nn.Module
        Of Keras a Sequential or functional model, models within it too. It is copied, and
        not changed.
    explain : callable
        ``explain(network) -> Explanation`` of the same rows at each call, such as
        ``lambda m: xk.explain(m, X, method="gradient", output=3)``. It is called with a
        copy of `model`, once as trained and once for each layer.
    order : {"cascading", "independent"}
        From the top, each layer with weights in turn: added to those drawn before, or
        alone, the others as trained.
    random_state : int, numpy.random.Generator or None
        The same int draws the same weights. An `explain` that draws takes its own.

    Returns
    -------
    Randomisation
        The similarity to the maps of the trained network, layer by layer, from −1 to 1;
        **lower is better**. It is `passed` when the mean similarity of |values| is at
        most 0.7: after the last layer when cascading, over all layers when independent.

    Raises
    ------
    TypeError
        When `model` is no network of Keras or PyTorch, or `explain` is not callable or returns no
        Explanation.
    ValueError
        When the network cannot be copied or has no weights, or `explain` returns other
        rows than before.

    Notes
    -----
    The model-parameter randomisation test of [1]_, by Spearman's rank correlation. A
    layer gets the weights that its initialisers draw (in PyTorch its ``reset_parameters``),
    as before a training, and normalisation its first statistics; kernels that no
    initialiser draws get normal numbers of the size of the trained ones. The top of a
    PyTorch module is the layer that it was given last.

    The threshold is ours, as the paper sets none: at 0.7 the forgetful network still
    gives half the variance of the ranks (0.7² ≈ ½). It is not nearer to 0 because any
    network answers an edge more than an even ground: on the small networks that this is
    tested on, |gradients| agree with those of random weights to up to 0.5. Two convolutions
    of PyTorch, drawn anew as its layers draw themselves, came to between 0.02 and 0.74:
    near the threshold one seed says little, so try several.

    What it cannot see: whether the maps are right; noise passes, if it is drawn at each
    call. Values multiplied by the input keep its zeros, which alone keeps ranks alike:
    read a failure of `gradient_x_input` on pictures with an empty ground in that light.
    An explanation that is zero throughout counts as changed.

    Taught in: trust/truth.

    References
    ----------
    .. [1] Adebayo, J. et al. (2018). Sanity checks for saliency maps. NeurIPS.
       https://doi.org/10.48550/arXiv.1810.03292

    Examples
    --------
    >>> import keras
    >>> import xaikit as xk
    >>> X = np.random.default_rng(0).random((3, 6, 6, 1))
    >>> layers = [keras.layers.Flatten(), keras.layers.Dense(1)]
    >>> model = keras.Sequential([keras.Input((6, 6, 1)), *layers])
    >>> randomisation(model, lambda m: xk.evaluate.edges(X), random_state=0).passed
    False
    """
    one_of("order", order, ("cascading", "independent"))
    if not callable(explain):
        raise TypeError(f"explain must be callable, explain(network); got {explain!r}.")
    rng = generator(random_state)
    redraw = describe(model).redrawn
    if redraw is None:
        raise TypeError(
            "model must be a network of Keras or PyTorch, whose weights can be drawn anew; got "
            f"{type(model).__name__}."
        )
    redrawn = redraw(rng)
    trained = _explained(explain, redrawn.model)
    similarity, signed = [], []
    for layer in range(len(redrawn.layers)):
        redrawn.draw(layer)
        changed = _explained(explain, redrawn.model)
        similarity.append(_alike(_sizes(trained), _sizes(changed)))
        signed.append(_alike(trained, changed))
        if order == "independent":
            redrawn.restore(layer)
    return Randomisation(
        layers=redrawn.layers,
        similarity=np.stack(similarity),
        signed=np.stack(signed),
        order=order,
        threshold=THRESHOLD,
    )


def _explained(explain: Callable[[Any], Explanation], model: Any) -> Explanation:
    e = explain(model)
    if not isinstance(e, Explanation):
        raise TypeError(f"explain must return an xaikit.Explanation; got {type(e).__name__}.")
    return e


def _sizes(e: Explanation) -> Explanation:
    return replace(e, values=np.abs(e.values))


def _alike(trained: Explanation, changed: Explanation) -> FloatArray:
    try:
        return rank_correlation(trained, changed).values
    except ValueError as error:
        raise ValueError(
            f"explain must explain the same rows, of two pixels or more, at each call; {error}"
        ) from error
