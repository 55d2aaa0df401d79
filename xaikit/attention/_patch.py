"""Inner vectors of one run put into another: which part of a model carries what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from xaikit.attention._heads import checked_heads
from xaikit.attention._run import Head, checked, checked_rows, graph, rows_a_batch, run, tensor
from xaikit.core.checks import FloatArray
from xaikit.models.adapters.keras.structure import all_layers
from xaikit.models.adapters.keras.tracing import replaced
from xaikit.models.describe import describe
from xaikit.models.target import choose_output, numeric_output

Mask = npt.NDArray[np.bool_]


class _Site(NamedTuple):
    """What is patched together: heads, and by a layer's name the positions (n, t)."""

    heads: tuple[Head, ...] = ()
    positions: Mapping[str, Mask] = {}


class _Kept(NamedTuple):
    """What a run computed: each attention layer's heads, and the outputs of named layers."""

    heads: list[Any]
    layers: dict[str, Any]


def patched(
    model: Any,
    X: Any,
    source: Any,
    *,
    heads: Collection[Head] = (),
    positions: Mapping[str, Any] | None = None,
) -> FloatArray:
    """Return a model's outputs for rows while some inner vectors are those of other rows.

    Parameters
    ----------
    model : keras.Model
        With MultiHeadAttention layers, as for `without_heads`.
    X : array-like of shape (n, ...)
        Rows as the model takes them; for texts the numbers of the words, (n, t).
    source : array-like of shape (n, ...)
        For each row the one that the vectors come from, with its words in the same places.
    heads : collection of (layer, head)
        Heads whose outputs are replaced at every position, both counted from 0, layers
        in the order in which they run.
    positions : mapping of str to array-like of bool, optional
        By the name of a layer, at which positions its output is replaced: (n, t), (t,),
        or True for all. Such a layer runs once and gives one vector for each position,
        (n, t, width).

    Returns
    -------
    ndarray of shape (n, k)
        The outputs, on the model's own scale.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError
        When `model` is no Keras model, X or `source` holds the wrong kind of numbers,
        `heads` no pairs of whole numbers, or `positions` something else than booleans.
    ValueError
        When the model has no such layer or head, X or `source` does not fit the model or
        the other, or a named layer gives no vector for each position.

    Notes
    -----
    The model runs on `source` and what the named parts compute is kept; then it runs on X,
    where they give this instead, and everything after them goes on from there. What is
    padding is said by X alone. The model is left as it was.

    With all positions of one layer replaced that everything passes through, the outputs
    are those of `source`; with none, those of X.

    Vig, J. et al. (2020), Investigating gender bias in language models using causal
    mediation analysis, NeurIPS 33, https://arxiv.org/abs/2004.12265. Meng, K. et al. (2022),
    Locating and editing factual associations in GPT, NeurIPS 35,
    https://arxiv.org/abs/2202.05262.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import attention
    >>> model = attention.transformer(9, 4, random_state=0)
    >>> X, source = [[5, 2, 7, 0]], [[5, 3, 7, 0]]
    >>> everything = attention.patched(model, X, source, positions={"positions": True})
    >>> bool(abs(everything - attention.patched(model, source, source)).max() < 1e-12)
    True
    """
    pairs = _checked_pairs(model, X, source)
    chosen = {} if positions is None else positions
    if not isinstance(chosen, Mapping):
        raise TypeError(
            f"positions must map names of layers to booleans; got {type(chosen).__name__}."
        )
    site = _Site(checked_heads(heads), {name: _mask(chosen[name], pairs[0]) for name in chosen})
    found = _outputs(model, *pairs, lambda kept: [site], tuple(chosen))
    return found[:, 0]


def patch_effect(
    model: Any,
    X: Any,
    source: Any,
    *,
    layers: Sequence[str] | None = None,
    output: int | None = None,
    output_space: str = "prediction",
) -> FloatArray:
    """Return how the output changes when one inner vector is taken from another row.

    Parameters
    ----------
    model : keras.Model
        As for `patched`; where heads are patched, with as many in each attention layer.
    X : array-like of shape (n, ...)
        Rows as the model takes them.
    source : array-like of shape (n, ...)
        For each row the one that the vectors come from.
    layers : sequence of str, optional
        Names of layers whose output is replaced at one position at a time. Left out,
        the output of one head is replaced at a time, at all positions.
    output : int, optional
        The column of the output; left out, the only one, or the second of two classes.
    output_space : {"prediction", "probability", "score", "log-odds"}
        The scale of the change, as in `explain`; all but the first need a model that
        ends in a softmax or a sigmoid.

    Returns
    -------
    ndarray of shape (n, layers, heads), or (n, len(layers), t)
        Output with the vector of `source` in place minus the output for X. 0 says that
        nothing changed; the difference of the two rows' outputs says that this one
        vector carries all that the output needs of their difference.

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    TypeError, ValueError
        As `patched` does, and for an output or a scale that the model does not have.

    Notes
    -----
    The effects need not sum to anything: two vectors that say the same may each change
    nothing alone. Whether X is the row with a word and `source` that without it, or the
    other way round, are two questions: what is enough to bring an answer about, and what
    is needed to keep it. A vector of a row that nobody would write asks the model about
    something it has never met. Zhang, F. and Nanda, N. (2024), Towards best practices of
    activation patching in language models, ICLR, https://arxiv.org/abs/2309.16042,
    compare such choices; they advise rows that differ in a word, and log-odds over
    probabilities, which hardly move near 0 and 1.

    Taught in: deep/attention.

    Examples
    --------
    >>> from xaikit import attention
    >>> model = attention.transformer(9, 4, random_state=0)
    >>> X, source = [[5, 2, 7, 0]], [[5, 3, 7, 0]]
    >>> attention.patch_effect(model, X, source).shape
    (1, 2, 2)
    >>> stream = ["positions", "network_1_added", "network_2_added"]
    >>> effect = attention.patch_effect(model, X, source, layers=stream)
    >>> (effect[0] != 0).astype(int).tolist()  # at first it is in the changed word alone
    [[0, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]]
    """
    rows, others = _checked_pairs(model, X, source)
    if isinstance(layers, str) or not (layers is None or isinstance(layers, Sequence)):
        raise TypeError(f"layers must be a list of names of layers; got {layers!r}.")
    column = choose_output(describe(model), output_space, output, rows[:1]).column
    names = () if layers is None else tuple(layers)
    shape: list[tuple[int, ...]] = []

    def sites(kept: _Kept) -> list[_Site]:
        shape[:] = [_grid(kept, layers)]
        if layers is None:
            return [_Site(), *(_Site(heads=((int(a), int(b)),)) for a, b in np.ndindex(*shape[0]))]
        alone = np.eye(shape[0][1], dtype=bool)
        return [_Site(), *(_Site(positions={name: one}) for name in names for one in alone)]

    found = _outputs(model, rows, others, sites, names, output_space)[..., column or 0]
    effect: FloatArray = (found[:, 1:] - found[:, :1]).reshape(len(rows), *shape[0])
    return effect


def _grid(kept: _Kept, layers: Sequence[str] | None) -> tuple[int, int]:
    """Return the shape of what is patched one at a time: layers, and heads or positions."""
    if layers is None:
        numbers = {int(each.shape[2]) for each in kept.heads}
        if len(numbers) > 1:
            each = ", ".join(str(one.shape[2]) for one in kept.heads)
            raise ValueError(
                f"model must have the same number of heads in all attention layers; got {each}."
            )
        return len(kept.heads), numbers.pop()
    if not layers:
        raise ValueError("layers must name at least one layer; got none.")
    lengths = {int(kept.layers[name].shape[1]) for name in layers}
    if len(lengths) > 1:
        raise ValueError(f"layers must have the same number of positions; got {sorted(lengths)}.")
    return len(layers), lengths.pop()


def _outputs(
    model: Any,
    rows: npt.NDArray[Any],
    source: npt.NDArray[Any],
    sites: Callable[[_Kept], list[_Site]],
    names: tuple[str, ...],
    space: str | None = None,
) -> FloatArray:
    """Return the outputs (n, sites, k), with what belongs to each site taken from `source`."""
    places = _named(model, names)
    size = rows_a_batch(model, run(model, tensor(model, rows[:1])).attended)
    parts = []
    for i in range(0, len(rows), size):
        batch = slice(i, i + size)
        kept = _recorded(model, places, tensor(model, source[batch]))
        own = tensor(model, rows[batch])
        found = []
        for site in sites(kept):
            here = {k: m[batch] if m.ndim == 2 else m for k, m in site.positions.items()}
            outputs = _run_patched(model, places, own, kept, site._replace(positions=here), space)
            answer = numeric_output(outputs, len(own))
            found.append(answer if answer.ndim == 2 else answer[:, None])
        parts.append(np.stack(found, axis=1))
    return np.concatenate(parts)


def _recorded(model: Any, places: Mapping[str, Any], rows: Any) -> _Kept:
    """Run the model on rows and keep what its heads and the named layers gave."""
    kept = _Kept([], {})

    def keep_heads(number: int, output: Any) -> Any:
        kept.heads.append(output)
        return output

    def keep(name: str, output: Any) -> Any:
        if graph() is not None:
            raise ValueError(f"a patched layer must run as Python code; got {name!r}, compiled.")
        if name in kept.layers:
            raise ValueError(f"a patched layer must run once; got {name!r}, which runs again.")
        if len(getattr(output, "shape", ())) != 3:
            raise ValueError(
                "a patched layer must give one vector for each position, (n, t, width); got "
                f"{tuple(getattr(output, 'shape', ()))} from {name!r}."
            )
        kept.layers[name] = output
        return output

    with _editing(places, keep):
        run(model, rows, edit=keep_heads)
    idle = [name for name in places if name not in kept.layers]
    if idle:
        raise ValueError(f"a patched layer must run with the model; got {idle[0]!r}, unused.")
    return kept


def _run_patched(
    model: Any, places: Mapping[str, Any], rows: Any, kept: _Kept, site: _Site, space: str | None
) -> Any:
    import keras

    def put_heads(number: int, output: Any) -> Any:
        mine = [head for layer, head in site.heads if layer == number]
        if not mine:
            return output
        chosen = np.isin(np.arange(output.shape[2]), mine)
        return keras.ops.where(chosen[:, None], kept.heads[number], output)

    def put(name: str, output: Any) -> Any:
        if name not in site.positions:
            return output
        mask = _broadcast(site.positions[name], output.shape[:2], name)
        # A new tensor: the kept one carries the padding of its own row.
        return keras.ops.where(mask[..., None], kept.layers[name], output)

    with _editing(places, put):
        return run(model, rows, edit=put_heads, named=site.heads, space=space).outputs


@contextmanager
def _editing(places: Mapping[str, Any], edit: Callable[[str, Any], Any]) -> Iterator[None]:
    """Let what the named layers give go through a function, for as long as a run takes."""
    thread = threading.get_ident()

    def through(name: str, own: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            result = own(*args, **options)
            # What other threads do with the model meanwhile is not ours.
            return edit(name, result) if threading.get_ident() == thread else result

        return call

    with ExitStack() as stack:
        for name, layer in places.items():
            stack.enter_context(replaced(layer, "call", through(name, layer.call)))
        yield


def _named(model: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the layers of these names."""
    found: dict[str, list[Any]] = {}
    for layer in dict.fromkeys(all_layers(model)):
        found.setdefault(layer.name, []).append(layer)
    for name in names:
        if len(found.get(name, [])) != 1:
            raise ValueError(
                f"a patched layer must be one of {', '.join(map(repr, found))} of "
                f"{model.name!r}, and the only one of its name; got {name!r}."
            )
    return {name: found[name][0] for name in names}


def _checked_pairs(model: Any, X: Any, source: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    checked(model)
    rows, others = checked_rows(model, X), checked_rows(model, source, "source")
    if others.shape != rows.shape:
        raise ValueError(f"source must have the shape of X, {rows.shape}; got {others.shape}.")
    return rows, others


def _mask(given: Any, rows: npt.NDArray[Any]) -> Mask:
    mask = np.asarray(given)
    if mask.dtype != bool:
        raise TypeError(f"positions must be booleans, True for replaced; got {mask.dtype}.")
    if mask.ndim > 2 or (mask.ndim == 2 and len(mask) != len(rows)):
        raise ValueError(
            f"positions must be of shape ({len(rows)}, t) or (t,), or True; got {mask.shape}."
        )
    return mask


def _broadcast(mask: Mask, shape: Any, name: str) -> Mask:
    wanted = tuple(shape)
    if mask.ndim and mask.shape[-1] != wanted[-1]:
        raise ValueError(
            f"positions must be {wanted[-1]} booleans a row for {name!r}; got {mask.shape}."
        )
    return np.broadcast_to(mask, wanted)
