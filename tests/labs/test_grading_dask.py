"""A class on a real Dask cluster of two processes: the same table, also when one is killed."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from distributed import Client, LocalCluster

from tools import made_up_submissions as made
from xaikit.__main__ import main
from xaikit.course.grading import _dask
from xaikit.course.grading._submissions import find_submissions
from xaikit.course.labs._source import read_source

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("grading")]
COPIES = 3


@pytest.fixture(scope="module")
def cluster():
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(2)
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Thirty notebooks and one file that is none, and the table that one machine makes of them."""
    folder = tmp_path_factory.mktemp("class")
    source = read_source(made.LAB)
    for student in made.CLASS:
        content = made.notebook(source, student)
        for copy in range(COPIES):
            (folder / f"{student.name} {copy}.ipynb").write_bytes(content)
    (folder / "nobody.ipynb").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def here(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("here") / "grades.csv"
    assert grade(folder, out) == 2
    return out.read_bytes()


def grade(folder, out, *options):
    return main(["grade", str(folder), "--lab", "l03", "--seed", "5", "--out", str(out), *options])


def test_what_the_comparison_stands_on(here):
    assert here.count(b",ok,") == COPIES * len(made.CLASS)


def test_a_worker_killed_in_mid_batch_loses_nothing(cluster, folder, here, tmp_path):
    out, codes = tmp_path / "grades.csv", []
    address = cluster.scheduler.address
    workers = set(cluster.run(os.getpid).values())
    assert len(workers) == 2

    def run():
        codes.append(grade(folder, out, "--backend", "dask", "--scheduler", address))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    journal = tmp_path / "grades.journal.jsonl"

    def lines():
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    while lines() < 4:
        assert thread.is_alive()
        thread.join(0.01)
    killed = min(workers)
    os.kill(killed, signal.SIGKILL)
    so_far = lines()
    thread.join(240)
    assert not thread.is_alive(), "submissions were lost with the worker"
    assert codes == [2]
    assert so_far < COPIES * len(made.CLASS) - 4  # work was left when it died
    assert killed not in set(cluster.run(os.getpid).values())
    assert out.read_bytes() == here


def test_a_worker_with_another_version_of_the_lab_is_refused(cluster, folder):
    backend = _dask.on_dask(cluster.scheduler.address, "l03_shapley", "ffffff", 5, "auto")
    with pytest.raises(_dask.WrongLab, match="the workers must have l03_shapley in version ffffff"):
        list(backend(find_submissions(folder).submissions[:2]))


def test_what_takes_its_workers_down_is_handed_over_without_marks(cluster, folder, monkeypatch):
    """As a machine does that runs out of memory: the worker is gone, again and again."""

    def fatal(submission, *_):
        if submission.student == "nobody":
            os.kill(os.getpid(), signal.SIGKILL)
        return submission.student

    monkeypatch.setattr(_dask, "grade_on_worker", fatal)
    some = [s for s in find_submissions(folder).submissions if s.student[-1] in "y0"]
    backend = _dask.on_dask(cluster.scheduler.address, "l03_shapley", "x", 5, "auto")
    got = {submission.student: result for submission, result in backend(some)}
    assert got.pop("nobody") is None
    assert got == {name: name for name in got}
    assert len(got) == len(made.CLASS)


def test_no_scheduler_is_an_error_in_words(folder, tmp_path, capsys):
    options = ("--backend", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert grade(folder, tmp_path / "grades.csv", *options) == 1
    assert "error: " in capsys.readouterr().err
