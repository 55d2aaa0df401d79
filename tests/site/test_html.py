"""The HTML checker of the W3C's validator finds no error on any page."""

import json
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def check(repository):
    jar = repository / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

    def run(*paths):
        command = ["java", "-Xss1m", "-jar", str(jar), "--format", "json", "--errors-only"]
        done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True)
        return json.loads(done.stderr)["messages"]

    assert shutil.which("java"), "no Java found: python -m tools.needs installs one"
    return run


def test_every_page_is_valid_and_an_error_would_be_found(check, site, page_names, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text('<!doctype html><html lang="en"><title>t</title><p><div id="a" id="b"></div>')
    found = check(bad, *(site / name for name in page_names))
    lines = [
        f"{m['url'].rsplit('/html/', 1)[-1]}:{m.get('lastLine')}: {m['message']}" for m in found
    ]
    planted = [line for line in lines if "/bad.html:" in line]
    assert any("Duplicate attribute" in line for line in planted)
    assert [line for line in lines if line not in planted] == []
