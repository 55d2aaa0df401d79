"""A class on a real Dask cluster of two processes: the same table, also when one is killed."""

from __future__ import annotations

import os
import signal
import threading
import time

import distributed
import pytest
from distributed import Client, LocalCluster

from tools import made_up_submissions as made
from xaikit.__main__ import main
from xaikit.course.grading import _dask
from xaikit.course.grading._submissions import find_submissions
from xaikit.course.labs._source import read_source

pytestmark = pytest.mark.slow
COPIES = 3


def local_cluster(workers, **options):
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        **options,
    )


@pytest.fixture(scope="module")
def cluster():
    with local_cluster(2) as cluster, Client(cluster, set_as_default=False) as client:
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


def test_what_takes_its_workers_down_is_handed_over_without_marks(folder, monkeypatch):
    """As a machine does that runs out of memory: the worker is gone, again and again.

    There are more workers than it takes down, so that none needs to come back: a nanny does
    not restart a worker that ends before the nanny has noticed its start.
    """

    def fatal(submission, *_):
        if submission.student == "nobody":
            os.kill(os.getpid(), signal.SIGKILL)
        return submission.student

    monkeypatch.setattr(_dask, "grade_on_worker", fatal)
    some = [s for s in find_submissions(folder).submissions if s.student[-1] in "y0"]
    with local_cluster(3, scheduler_kwargs={"allowed_failures": 0}) as cluster:
        backend = _dask.on_dask(cluster.scheduler_address, "l03_shapley", "x", 5, "auto")
        got = {submission.student: result for submission, result in backend(some)}
    assert got.pop("nobody") is None
    assert got == {name: name for name in got}
    assert len(got) == len(made.CLASS)


def test_a_result_that_is_lost_with_its_worker_is_worked_out_again(cluster, folder, monkeypatch):
    fetch, killed = _dask._fetch, []

    def too_late(future):
        with monkeypatch.context() as patch:
            if killed:
                return fetch(future)
            (holder,) = cluster.who_has([future])[future.key]
            killed.append(cluster.run(os.getpid)[holder])
            os.kill(killed[0], signal.SIGKILL)
            while holder in cluster.nthreads():
                time.sleep(0.01)
            # Too short for the work to be done again meanwhile.
            patch.setattr(_dask, "_FETCH", 0.001)
            return fetch(future)

    monkeypatch.setattr(_dask, "_fetch", too_late)
    monkeypatch.setattr(_dask, "grade_on_worker", lambda submission, *_: submission.student)
    some = find_submissions(folder).submissions[:3]
    backend = _dask.on_dask(cluster.scheduler.address, "l03_shapley", "x", 5, "auto")
    got = {submission.student: result for submission, result in backend(some)}
    assert killed
    assert got == {submission.student: submission.student for submission in some}


def test_a_cluster_without_workers_ends_in_words_and_what_it_graded_is_kept(
    folder, here, tmp_path, monkeypatch, capsys
):
    """As when each worker is lost for good: the same command later grades only the rest."""
    out, codes = tmp_path / "grades.csv", []
    journal = tmp_path / "grades.journal.jsonl"
    early, late = made.CLASS[0].name, made.CLASS[1].name
    (tmp_path / "two").mkdir()
    for path in [*folder.glob(f"{early} *"), *folder.glob(f"{late} *")]:
        (tmp_path / "two" / path.name).write_bytes(path.read_bytes())

    def only_the_early(submission, *batch):
        from xaikit.course.grading._dask import grade_on_worker

        if submission.student.startswith(early):
            return grade_on_worker(submission, *batch)
        # The work of others waits for ever, but holds up nobody.
        distributed.secede()
        return threading.Event().wait()

    def run(cluster):
        address = cluster.scheduler_address
        options = ("--scheduler", address, "--no-workers-timeout", "1")
        codes.append(grade(tmp_path / "two", out, "--backend", "dask", *options))

    with local_cluster(1) as cluster:
        with monkeypatch.context() as patch:
            patch.setattr(_dask, "grade_on_worker", only_the_early)
            thread = threading.Thread(target=run, args=[cluster], daemon=True)
            thread.start()
            while not journal.exists() or journal.read_bytes().count(b"\n") < COPIES:
                assert thread.is_alive()
                thread.join(0.01)
            cluster.scale(0)
            thread.join(240)
            assert not thread.is_alive(), "the command waits for workers that never come"
        assert codes == [1]
        said = capsys.readouterr().err
        assert f"{cluster.scheduler_address} has had no worker for 1 s" in said
        assert f"not graded yet: {late} 0.ipynb, {late} 1.ipynb, {late} 2.ipynb. Start" in said
        assert "What was graded is kept" in said
        assert not out.exists()

        cluster.scale(1)
        cluster.wait_for_workers(1)
        run(cluster)
    assert codes == [1, 0]
    assert "3 of 6 were graded before" in capsys.readouterr().err
    header, *rows = here.splitlines(keepends=True)
    names = tuple(f'"{name} '.encode() for name in (early, late))
    assert out.read_bytes() == header + b"".join(row for row in rows if row.startswith(names))


def test_a_scheduler_that_is_lost_ends_in_words(folder, monkeypatch):
    monkeypatch.setattr(_dask, "_CONNECT", 3)  # how long the client looks for it again, too
    some, ended = find_submissions(folder).submissions[:2], []

    def run(address):
        backend = _dask.on_dask(address, "l03_shapley", "x", 5, "auto")
        with pytest.raises(_dask.ClusterLost) as lost:
            list(backend(some))
        ended.append(str(lost.value))

    with local_cluster(0) as cluster:
        thread = threading.Thread(target=run, args=[cluster.scheduler_address], daemon=True)
        thread.start()
        while not cluster.scheduler.tasks:
            assert thread.is_alive()
            thread.join(0.01)
    thread.join(240)
    assert not thread.is_alive(), "the command waits for a scheduler that is gone"
    assert "scheduler" in ended[0]
    assert "the same command goes on from there" in ended[0]


def test_no_scheduler_is_an_error_in_words(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(_dask, "_CONNECT", 1)
    options = ("--backend", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert grade(folder, tmp_path / "grades.csv", *options) == 1
    assert "error: " in capsys.readouterr().err
