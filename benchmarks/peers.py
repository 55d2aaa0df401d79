"""Every comparison with a peer, by name, and the table of all of them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from benchmarks import ale, counterfactual, exact_shapley, integrated_gradients, lime, tree_shap
from benchmarks.measure import OVER, OverTheLimit, Pair, in_child

# What each makes ready and runs, by what it is; nothing is built before it is asked for.
PAIRS: dict[str, Callable[[], Pair]] = {
    name: prepare
    for module in (exact_shapley, lime, tree_shap, integrated_gradients, ale, counterfactual)
    for name, prepare in module.pairs()
}
# Of each process that measures a pair; it may have to call both sides several times.
SECONDS = 240.0


def table(names: Iterable[str] = PAIRS, limit: float = SECONDS) -> Iterator[dict[str, Any]]:
    """Measure every pair: times in turn in one process, memory in one process a side."""
    return (row(name, limit) for name in names)


def row(name: str, limit: float) -> dict[str, Any]:
    """Return one row; what takes longer than the limit says so in its note."""
    empty = dict.fromkeys(("ours", "peer", "ratio", "difference"))
    try:
        found = empty | in_child("in-turn", name, limit=limit)
    except OverTheLimit:
        found = empty | {"note": f"{OVER} of {limit:g} s"}
    absent = found["ours"] is not None and found["peer"] is None
    return {
        "what": name,
        **found,
        "ours MiB": memory(name, "ours", limit),
        "peer MiB": None if absent else memory(name, "peer", limit),
    }


def memory(name: str, side: str, limit: float) -> float | None:
    try:
        return float(in_child("memory", name, side, limit=limit))
    except OverTheLimit:
        return None
