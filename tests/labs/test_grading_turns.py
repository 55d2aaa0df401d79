"""Who is alone is alone, and nobody waits for ever."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from xaikit.course.grading._turns import Turns


def test_nobody_runs_beside_one_that_is_alone():
    turns, inside, seen = Turns(), [], []

    def together(number):
        with turns.together():
            inside.append(number)
            time.sleep(1e-4)
            seen.append(("together", "alone" in inside))
            inside.remove(number)

    def alone(number):
        with turns.alone():
            seen.append(("alone", bool(inside)))
            inside.append("alone")
            inside.remove("alone")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: (alone if n % 5 == 0 else together)(n), range(500)))
    assert len(seen) == 500
    assert not any(beside for _, beside in seen)
    assert sum(kind == "alone" for kind, _ in seen) == 100


def test_an_error_ends_a_turn():
    turns = Turns()
    for turn in (turns.alone, turns.together, turns.alone):
        try:
            with turn():
                raise KeyError
        except KeyError:
            pass
    with turns.alone():
        pass
