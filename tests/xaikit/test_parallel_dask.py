"""A real Dask cluster of two processes: the same numbers, also when one of them is killed."""

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster
from joblib import parallel_config
from sklearn.ensemble import RandomForestRegressor

import xaikit as xk

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
BACKGROUND = RNG.normal(size=(25, 4))
FOREST = RandomForestRegressor(n_estimators=10, random_state=0).fit(X, X[:, 0] * X[:, 1])

METHODS = {
    "tree_shap": {},
    "exact_shapley": {},
    "kernel_shap": {"n_samples": 10},
    "lime": {"n_samples": 300, "n_features": 3},
    "occlusion": {},
}


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
        Client(cluster) as client,
    ):
        client.wait_for_workers(2)
        yield client


def explained(method, model=FOREST, rows=X, background=BACKGROUND, **options):
    return xk.explain(model, rows, background=background, method=method, random_state=0, **options)


@pytest.mark.slow
def test_a_cluster_gives_the_same_numbers(cluster):
    before = set(cluster.run(os.getpid).values())
    assert len(before) == 2
    assert os.getpid() not in before
    for method, options in METHODS.items():
        here = explained(method, **options)
        with parallel_config(backend="dask"):
            there = explained(method, **options)
        np.testing.assert_array_equal(there.values, here.values, err_msg=method)
        np.testing.assert_array_equal(there.base_values, here.base_values, err_msg=method)
        assert there.diagnostics.keys() == here.diagnostics.keys()
    assert set(cluster.run(os.getpid).values()) == before


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_loses_nothing(cluster, tmp_path):
    # Wide rows, so that each piece is of the size that joblib gives away for keeping.
    folder, rows, wide = str(tmp_path), RNG.normal(size=(200, 40)), RNG.normal(size=(25, 40))

    def model(Z):
        """Note in which process each call ran, and leave time for the kill."""
        import os
        import time
        from pathlib import Path

        with (Path(folder) / str(os.getpid())).open("a") as file:
            file.write("x")
        time.sleep(0.02)
        return Z[:, 0] * Z[:, 1] + Z[:, 2]

    def calls():
        return {int(p.name): len(p.read_text()) for p in Path(folder).iterdir()}

    def run():
        with parallel_config(backend="dask"):
            answers.append(explained("lime", model, rows, wide, n_samples=50))

    workers, answers = set(cluster.run(os.getpid).values()), []
    # A daemon: were rows lost, joblib would wait for them for ever.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while len(busy := [pid for pid, n in calls().items() if pid in workers and n >= 5]) < 2:
        assert thread.is_alive()
        thread.join(0.005)
    os.kill(busy[0], signal.SIGKILL)
    so_far = sum(calls().values())
    thread.join(120)
    assert not thread.is_alive(), "rows were lost with the worker"
    assert so_far < sum(calls().values()) - 10  # work was left when it died
    assert busy[0] not in set(cluster.run(os.getpid).values())

    here = explained("lime", lambda Z: Z[:, 0] * Z[:, 1] + Z[:, 2], rows, wide, n_samples=50)
    np.testing.assert_array_equal(answers[0].values, here.values)
    np.testing.assert_array_equal(answers[0].base_values, here.base_values)
