"""The largest cases stay within the memory that is promised for them."""

import subprocess
import sys

import pytest

from benchmarks import integrated_gradients, measure


@pytest.mark.slow
def test_sixteen_features_and_a_thousand_background_rows(repository):
    code = "from benchmarks.exact_shapley import peak_memory; peak_memory()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert 10 < float(done.stdout) < 1000  # MiB


@pytest.mark.slow
def test_integrated_gradients_of_64_large_images():
    # With every point of every path at once, what the layers give alone would be 4.5 GiB.
    peak = measure.in_child("memory", integrated_gradients.LARGE, "ours")
    assert 100 < peak < 2048  # MiB
