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


def test_every_page_is_valid(check, site, page_names):
    found = check(*(site / name for name in page_names))
    lines = [
        f"{m['url'].rsplit('/html/', 1)[-1]}:{m.get('lastLine')}: {m['message']}" for m in found
    ]
    assert lines == []


def test_an_error_would_be_found(check, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<!doctype html><html lang="en"><title>t</title><p><div id="a" id="b"></div>')
    assert any("Duplicate attribute" in m["message"] for m in check(page))
