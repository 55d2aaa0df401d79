"""Rows in pieces: all of them, in order, with a bar only where and when it is wanted."""

import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import effective_n_jobs, parallel_config
from sklearn.ensemble import RandomForestClassifier

import xaikit as xk
from xaikit.core import parallel
from xaikit.core.parallel import _piece, spread

X = np.random.default_rng(0).normal(size=(60, 3))


@given(
    n=st.integers(1, 10_000),
    workers=st.integers(1, 64),
    least=st.integers(1, 500),
    most=st.integers(1, 5000),
)
def test_pieces_fit_in_memory_and_keep_every_worker_at_work(n, workers, least, most):
    size = _piece(n, workers, least, most)
    assert 1 <= size <= most
    assert size <= -(-n // workers)
    # Never smaller than it must be: the share of a worker is in a few pieces.
    assert size >= min(most, least, -(-n // workers))
    assert -(-n // size) <= max(20 * workers, -(-n // most), -(-n // min(least, most)) + workers)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 200), least=st.integers(1, 50), most=st.integers(1, 50))
def test_every_row_once_and_in_order(n, least, most):
    rows, marks = np.arange(2 * n).reshape(n, 2), np.arange(n) * 10
    done = spread(
        lambda *piece: piece, rows, marks, n_jobs=None, progress=False, least=least, most=most
    )
    assert max(len(piece) for piece, _ in done) <= most
    np.testing.assert_array_equal(np.concatenate([piece for piece, _ in done]), rows)
    np.testing.assert_array_equal(np.concatenate([its for _, its in done]), marks)


def test_an_error_comes_through_with_and_without_a_bar():
    def work(piece):
        raise RuntimeError(f"at {piece[0]}")

    for progress in (False, True):
        with pytest.raises(RuntimeError, match="at 0"):
            spread(work, np.arange(9), n_jobs=None, progress=progress)


def bar_of(monkeypatch, capfd, *, delay=0.0, **options):
    monkeypatch.setattr(parallel, "DELAY", delay)
    options = {"method": "lime", "n_samples": 20, "random_state": 0, **options}
    xk.explain(lambda Z: Z[:, 0], X, **options)
    out, err = capfd.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("n", [1, 7, 60, 113])
def test_a_bar_counts_every_row(monkeypatch, n):
    counted = []

    @contextmanager
    def bar(total, what):
        counted.append((total, what))
        seen = SimpleNamespace(n=0)

        def update(rows):
            seen.n += rows
            counted.append(seen.n)

        seen.update = update
        yield seen

    monkeypatch.setattr(parallel, "_bar", bar)
    spread(len, np.arange(n), n_jobs=None, progress=True, what="rows")
    assert counted[0] == (n, "rows")
    assert counted[-1] == n
    assert counted[1:] == sorted(set(counted[1:]))


@pytest.mark.parametrize("method", ["exact_shapley", "kernel_shap", "occlusion", "tree_shap"])
def test_every_method_that_takes_long_has_one(monkeypatch, capfd, method):
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, X[:, 0] > 0)
    monkeypatch.setattr(parallel, "DELAY", 0.0)
    silent = xk.explain(model, X, method=method, random_state=0, progress=False)
    assert capfd.readouterr().err == ""
    shown = xk.explain(model, X, method=method, random_state=0, progress=True)
    assert method in capfd.readouterr().err
    np.testing.assert_array_equal(shown.values, silent.values)


def test_a_search_counts_the_rows_it_asks(monkeypatch, capfd):
    monkeypatch.setattr(parallel, "DELAY", 0.0)
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(X, X[:, 0] > 0)
    row, options = X[:1], {"background": X, "n_samples": 300, "random_state": 0}
    silent = xk.counterfactual(model, row, progress=False, **options)
    assert capfd.readouterr().err == ""
    shown = xk.counterfactual(model, row, progress=True, **options)
    assert "counterfactual" in capfd.readouterr().err
    np.testing.assert_array_equal(shown.row, silent.row)
    with pytest.raises(TypeError, match="progress must be True, False or None; got 1"):
        xk.counterfactual(model, row, progress=1, **options)


def test_no_bar_before_its_time(monkeypatch, capfd):
    assert bar_of(monkeypatch, capfd, progress=True, delay=1e6) == ""


def test_two_seconds_are_its_time():
    assert parallel.DELAY == 2


def test_silent_where_nobody_watches(monkeypatch, capfd):
    assert not sys.stderr.isatty()
    assert bar_of(monkeypatch, capfd) == ""
    assert bar_of(monkeypatch, capfd, progress=False) == ""


def test_shown_in_a_terminal_unless_it_is_put_off(monkeypatch, capfd):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "lime" in bar_of(monkeypatch, capfd)
    assert bar_of(monkeypatch, capfd, progress=False) == ""


def test_shown_in_a_notebook(monkeypatch):
    class ZMQInteractiveShell:
        pass

    shells = iter([ZMQInteractiveShell(), None])
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: next(shells)))
    assert parallel.is_shown(None)
    assert not parallel.is_shown(None)


def test_a_notebook_gets_a_bar_made_for_it(monkeypatch, capfd):
    from tqdm import auto

    monkeypatch.setattr(parallel, "_in_notebook", lambda: True)
    with parallel._bar(10, "rows") as bar:
        assert type(bar) is auto.tqdm
    assert "lime" in bar_of(monkeypatch, capfd)


@pytest.mark.parametrize(
    ("value", "shown"), [("1", False), ("true", False), ("0", True), ("", True)]
)
def test_the_environment_silences_it_as_in_a_build(monkeypatch, capfd, value, shown):
    monkeypatch.setenv("TQDM_DISABLE", value)
    monkeypatch.setattr(parallel, "_in_notebook", lambda: True)
    assert ("lime" in bar_of(monkeypatch, capfd)) == shown
    assert "lime" in bar_of(monkeypatch, capfd, progress=True)


def test_without_tqdm_there_is_no_bar_unless_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert parallel.is_shown(None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(parallel, "find_spec", lambda name: None)
    assert not parallel.is_shown(None)
    with pytest.raises(ImportError, match=r"tqdm is needed here.*xaikit\[methods\]"):
        parallel.is_shown(True)


def test_tqdm_is_loaded_only_for_a_bar():
    code = (
        "import sys, numpy as np, xaikit as xk\n"
        "xk.explain(lambda Z: Z[:, 0], np.eye(30)[:, :3], method='occlusion')\n"
        "print('tqdm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_a_model_without_workers_of_its_own_gets_none():
    seen = []

    def model(Z):
        seen.append(effective_n_jobs(None))
        return Z[:, 0]

    with parallel_config(backend="threading", n_jobs=4):
        xk.explain(model, X, method="occlusion")
    assert set(seen[1:]) == {1}  # the first call asks for the shape of the output
