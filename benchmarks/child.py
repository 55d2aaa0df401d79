"""One measurement, in a process of its own: ``python -m benchmarks.child``, which prints JSON.

in-turn PAIR          seconds of both sides, and how far their answers differ
memory PAIR SIDE      peak memory in MiB of one side ("ours" or "peer")
cell METHOD ROWS FEATURES     seconds and peak memory of a method
"""

import json
import sys

from benchmarks import measure, peers, scaling


def main(what: str, *arguments: str) -> object:
    """Return what was measured."""
    if what == "in-turn":
        return measure.in_turn(peers.PAIRS[arguments[0]]())
    if what == "memory":
        name, side = arguments
        getattr(peers.PAIRS[name](), side)()
        return measure.peak_memory()
    if what == "cell":
        method, rows, features = arguments
        return scaling.cell(method, int(rows), int(features))
    raise ValueError(f"what must be 'in-turn', 'memory' or 'cell'; got {what!r}.")


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
