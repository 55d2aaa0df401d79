"""Who is alone is alone, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

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


@pytest.mark.parametrize("kind", ["alone", "together"])
def test_an_error_ends_a_turn(kind):
    turns = Turns()
    with pytest.raises(KeyError), getattr(turns, kind)():
        raise KeyError
    # A turn that went on would keep this one waiting; only its thread is held then.
    came = threading.Event()

    def alone():
        with turns.alone():
            came.set()

    threading.Thread(target=alone, daemon=True).start()
    assert came.wait(timeout=60)
