"""Exact values at the largest size stay within a gigabyte."""

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_sixteen_features_and_a_thousand_background_rows(repository):
    code = "from benchmarks.exact_shapley import peak_memory; peak_memory()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert 10 < float(done.stdout) < 1000  # MiB
