"""What the benchmarks compute beside the times themselves."""

import json
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import measure, runs, scaling, table
from benchmarks.measure import OverTheLimit, Pair

pytestmark = pytest.mark.slow


def seconds(pair):
    """Return what is told of a pair, with the clock's own figures left out."""
    return {k: v for k, v in measure.in_turn(pair).items() if k not in ("ours", "peer", "ratio")}


def test_both_sides_are_called_in_turn_after_a_first_call_each():
    calls = []
    pair = Pair(lambda: calls.append("ours") or 1.0, lambda: calls.append("peer") or 1.5, 2)
    found = measure.in_turn(pair)
    assert calls == ["ours", "peer"] * 3
    assert found["difference"] == 0.5
    assert found["ratio"] is not None


def test_a_pair_called_once_is_not_warmed_up():
    calls = []
    measure.in_turn(Pair(lambda: calls.append("ours") or 0, lambda: calls.append("peer") or 0, 1))
    assert calls == ["ours", "peer"]


def test_without_the_peer_there_is_neither_ratio_nor_difference():
    found = measure.in_turn(Pair(lambda: 1.0, None, 2, note=lambda a, b: f"{a} and {b}"))
    assert found["ours"] >= 0
    assert (found["peer"], found["ratio"], found["difference"]) == (None, None, None)
    assert found["note"] == "peer not installed; 1.0 and None"
    assert (
        measure.in_turn(Pair(lambda: 1.0, None, alone="there is none"))["note"] == "there is none"
    )


def test_answers_that_may_differ_are_not_subtracted():
    assert seconds(Pair(lambda: 1.0, lambda: 2.0, 1, differ=None)) == {
        "difference": None,
        "note": "",
    }


def test_the_largest_difference_takes_either_sign():
    assert measure.largest_difference([[1, 2], [3, 4]], [[1, 2.5], [6, 4]]) == 3
    assert measure.largest_difference([[5]], [[1]]) == 4


def test_shapes_that_differ_are_an_error_and_not_broadcast():
    with pytest.raises(ValueError, match=r"\(2,\) and \(2, 1\)"):
        measure.largest_difference(np.zeros(2), np.zeros((2, 1)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of others")
@pytest.mark.parametrize("whose", ["own", "of a child"])
def test_peak_memory_holds_what_was_held(whose, repository):
    fill = "import time; a = bytearray(b'x' * 150_000_000); print('held', flush=True)"
    own = "exec(fill); del a"
    child = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', fill + "
        "'; import sys; sys.stdin.read()'], stdin=-1, stdout=-1); p.stdout.readline()"
    )
    code = f"fill = {fill!r}; {own if whose == 'own' else child}\n"
    code += "from benchmarks.measure import peak_memory; print(peak_memory())\n"
    code += "" if whose == "own" else "p.kill(); p.wait()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert 150_000_000 / 2**20 < float(done.stdout.split()[-1]) < 600


@pytest.mark.skipif(sys.platform != "linux", reason="the fault is of Linux's getrusage")
def test_peak_memory_is_not_that_of_the_process_that_began_it(repository):
    held = bytearray(b"x" * 400_000_000)
    code = "from benchmarks.measure import peak_memory; print(peak_memory())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < len(held) / 2**20 / 2


def test_a_child_that_takes_too_long_is_ended():
    with pytest.raises(OverTheLimit, match=r"over the limit of 0\.05 s"):
        measure.in_child("cell", "linear", "100", "8", limit=0.05)


def test_a_child_that_fails_says_why():
    with pytest.raises(RuntimeError, match="what must be 'in-turn', 'memory' or 'cell'"):
        measure.in_child("nothing")


def test_a_method_says_where_it_does_not_go():
    found = scaling.cell("exact_shapley", 100, 30)
    assert found == {
        "seconds": None,
        "MiB": None,
        "note": "not feasible: takes at most 16 features",
    }


@pytest.mark.parametrize("method", ["linear", "tree_shap", "occlusion"])
def test_a_cell_has_seconds_and_memory(method):
    found = scaling.cell(method, 20, 3)
    assert found["seconds"] > 0
    assert found["MiB"] > 10
    assert found["note"] == ""


def test_sizes_beyond_one_that_was_over_the_limit_are_not_tried():
    asked = []

    def measured(_, method, rows, features, *, limit):
        asked.append((features, rows))
        if features == "30" and rows == "1000":
            raise OverTheLimit
        return {"seconds": 1.0, "MiB": 1.0, "note": ""}

    cells = list(scaling.table(["lime"], (100, 1000, 10_000), (8, 30), 60, measured))
    assert asked == [("8", "100"), ("8", "1000"), ("8", "10000"), ("30", "100"), ("30", "1000")]
    assert [c["note"] for c in cells[-2:]] == ["over the limit of 60 s"] * 2
    assert [c["seconds"] for c in cells] == [1.0] * 4 + [None] * 2


def test_growth_is_the_power_of_the_size():
    cells = [
        {"method": "m", "features": d, "rows": n, "seconds": 3e-6 * n * d**2, "MiB": 1.0}
        for d in (8, 30, 100)
        for n in (100, 1000, 10_000)
    ]
    cells[-1]["seconds"] = None
    cells.append({"method": "once", "features": 8, "rows": 100, "seconds": 1.0, "MiB": 1.0})
    found = scaling.growth(cells)
    assert {f["method"] for f in found} == {"m"}
    rows = {f["features"]: f for f in found if f["along"] == "rows"}
    features = {f["rows"]: f for f in found if f["along"] == "features"}
    assert [rows[d]["sizes"] for d in (8, 30, 100)] == [3, 3, 2]
    assert [rows[d]["slope"] for d in rows] == pytest.approx([1, 1, 1])
    assert [features[n]["slope"] for n in features] == pytest.approx([2, 2, 2])


def test_a_table_stands_in_columns():
    text = table.as_text([{"a": "x", "b": 1.23456}, {"a": "long", "b": None}], ("a", "b"))
    assert text == "a     b\nx     1.23\nlong  -"
    assert table.shown(123456.7) == "123457"


@pytest.fixture
def run():
    peer = {"what": "w", "ours": 1.23456, "peer": 4.0, "ratio": 4.0, "difference": 0.0}
    cell = {"method": "m", "features": 8, "rows": 100, "seconds": 2.0, "MiB": 100.0}
    return {
        "made": runs.made(),
        "peers": [peer | {"ours MiB": 90.0}],
        "scaling": [cell],
        "growth": [],
    }


def test_a_run_is_read_as_it_was_written_to_three_digits(run, tmp_path):
    path = tmp_path / "below" / "run.json"
    runs.write(run, path)
    assert runs.read(path)["peers"][0]["ours"] == 1.23
    assert runs.read(path) == runs.rounded(run)


def test_a_run_says_nothing_of_whose_machine_it_was(run):
    assert set(run["made"]) == {"date", "machine", "cores", "load", "python", "versions"}


def test_two_runs_are_matched_by_what_was_measured(run, tmp_path, capsys):
    later = json.loads(json.dumps(run))
    later["scaling"][0]["seconds"] = 6.0
    later["scaling"].append({"method": "new", "features": 8, "rows": 100, "seconds": 1.0})
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for each, path in zip((run, later), paths, strict=True):
        runs.write(each, path)
    command.main(["--compare", *map(str, paths)])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["m", "8", "100", "2", "6", "3", "100", "100", "1"] in lines
    assert ["new", "8", "100", "-", "1", "-", "-", "-", "-"] in lines


def test_half_a_run_is_not_kept():
    with pytest.raises(SystemExit):
        command.main(["--keep", "--only", "peers"])


def test_the_kept_run_has_what_the_book_shows():
    kept = runs.read(runs.KEPT)
    sizes = {(c["method"], c["features"], c["rows"]) for c in kept["scaling"]}
    assert len(sizes) == len(scaling.METHODS) * len(scaling.FEATURES) * len(scaling.ROWS)
    for cell in kept["scaling"]:
        assert (cell["seconds"] is None) == bool(cell["note"])
    anew = scaling.growth(kept["scaling"])
    slopes = [[line.pop("slope") for line in lines] for lines in (anew, kept["growth"])]
    assert anew == kept["growth"]
    # The seconds are kept to three digits: half a per cent at either end of the line.
    assert slopes[0] == pytest.approx(slopes[1], abs=0.01)
    assert runs.KEPT.stat().st_size < 20_000
