"""What is run again after a change, and what is not."""

import json
import re
import sys

import pytest

pytestmark = pytest.mark.slow

PACKAGE = {
    "xaikit/__init__.py": """
import importlib

_HOME = {"mean": "_mean", "glove": "games"}


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"xaikit.{_HOME[name]}"), name)
""",
    "xaikit/_mean.py": 'def mean(x):\n    """The mean."""\n    return sum(x) / len(x)\n',
    "xaikit/games.py": """
def glove():
    from xaikit import _exact
    return _exact.value()
""",
    "xaikit/_exact.py": 'def value():\n    """The value."""\n    return "two thirds"\n',
    "xaikit/unused.py": '"""Nothing uses this."""\n',
}


def cell(code, options=""):
    return f"\n```{{code-cell}} python\n{options}{code}\n```\n"


@pytest.fixture(scope="module")
def first(new_tiny_book):
    """A book that was built once, and what that build said."""
    book = new_tiny_book()
    for path, text in PACKAGE.items():
        book.write(path, text)
    book.write("requirements.lock", "numpy==2.0\n")
    use = "import xaikit as xk\n"
    book.chapter("means", "# Means\n\nOld prose.\n" + cell(use + "print(xk.mean([1, 4]))"))
    book.chapter("games", "# Games\n" + cell(use + "print(xk.glove())"))
    book.toc("means", "games")
    return book, book.build()


@pytest.fixture
def book(first, tmp_path):
    """A copy of the built book, for one test to change."""
    return first[0].copy(tmp_path / "copy")


def ran(done):
    """Return the names of the chapters that a build ran."""
    assert done.returncode == 0, done.stdout + done.stderr
    return set(re.findall(r"^  running (\S+)$", done.stdout, flags=re.MULTILINE))


def execute(book, *options):
    return ran(book.build("--execute-only", *options))


def test_nothing_changed_runs_nothing_and_makes_no_page(first):
    book, done = first
    assert ran(done) == {"means", "games"}
    assert "2.5" in book.page("means")
    assert "two thirds" in book.page("games")
    second = book.build()
    assert ran(second) == set()
    assert "Nothing has changed" in second.stdout
    assert "Making the pages" not in second.stdout


def test_pages_are_drawn_anew_for_their_prose_and_for_outputs_that_changed(book):
    book.replace("means.md", "Old prose.", "New prose.")
    book.replace("means.md", "python\nimport", "python\n:tags: [hide-input]\nimport")
    book.replace("xaikit/_exact.py", "two thirds", "one sixth")
    # The prose and the options of a cell run nothing: the outputs stand.
    assert ran(book.build()) == {"games"}
    assert "New prose." in book.page("means")
    assert "tag_hide-input" in book.page("means")
    assert "2.5" in book.page("means")
    assert "one sixth" in book.page("games")
    assert "two thirds" not in book.page("games")


def test_what_is_run_again_is_what_the_change_can_reach(book):
    assert execute(book) == set()
    # A docstring of a module that one chapter uses itself ...
    book.replace("xaikit/_mean.py", "The mean.", "The arithmetic mean.")
    assert execute(book) == {"means"}
    # ... or that it uses through another.
    book.replace("xaikit/_exact.py", "The value.", "The exact value.")
    assert execute(book) == {"games"}
    book.replace("xaikit/unused.py", "Nothing", "No chapter")
    assert execute(book) == set()
    book.replace("games.md", "xk.glove()", "xk.glove().upper()")
    assert execute(book) == {"games"}
    for new in ("table.csv", "found_by_looking.py"):
        book.write(f"xaikit/{new}", "1")
        assert execute(book) == {"means", "games"}
    book.write("requirements.lock", "numpy==2.1\n")
    assert execute(book) == {"means", "games"}
    assert execute(book) == set()


def test_a_module_that_was_edited_while_a_chapter_ran_is_run_again(book):
    path = book.folder / "xaikit" / "_mean.py"
    edit = f"open({str(path)!r}, 'a').write('# edited')"
    book.chapter("means", "# Means\n" + cell(f"import xaikit as xk\nxk.mean([1])\n{edit}"))
    assert execute(book) == {"means"}
    assert execute(book) == {"means"}


def test_what_was_undone_is_not_taken_from_an_older_state(book):
    book.replace("xaikit/_exact.py", "two thirds", "one sixth")
    assert execute(book) == {"games"}
    book.replace("xaikit/_exact.py", "one sixth", "two thirds")
    assert execute(book) == {"games"}


def test_a_lost_or_broken_ledger_runs_everything(book):
    ledger = book.folder / "_build" / ".chapter_keys.json"
    ledger.write_text("{ broken")
    assert execute(book) == {"means", "games"}
    ledger.unlink()
    assert execute(book) == {"means", "games"}


def test_chapters_run_side_by_side(book, tmp_path):
    # Each waits for the other: one after the other, both would give up.
    for mine, other in (("means", "games"), ("games", "means")):
        code = f"""
import pathlib, time
folder = pathlib.Path({str(tmp_path)!r})
(folder / "{mine}.here").touch()
for _ in range(600):
    if (folder / "{other}.here").exists():
        break
    time.sleep(0.1)
else:
    raise TimeoutError("the other chapter has not started")"""
        book.chapter(mine, f"# {mine}\n" + cell(code.strip()))
    assert execute(book, "--kernels", "2") == {"means", "games"}


def test_a_kernel_is_this_python_with_one_thread_in_an_empty_folder(book):
    book.chapter("means", "# Where\n" + cell("import os, sys, json") + cell(REPORT))
    assert execute(book) == {"means"}
    report = json.loads(next(iter(outputs(book, "import os, sys, json")))[-1])
    assert report == {
        "python": sys.executable,
        "threads": "1",
        "hash": "0",
        "files": [],
        "tensorflow": "2",
    }


REPORT = """\
print(json.dumps({
    "python": sys.executable,
    "threads": os.environ["OMP_NUM_THREADS"],
    "hash": os.environ["PYTHONHASHSEED"],
    "files": os.listdir(),
    "tensorflow": os.environ["TF_CPP_MIN_LOG_LEVEL"],
}))"""


def outputs(book, first_source):
    """Give the printed texts of each stored notebook that begins with this code."""
    for path in (book.folder / "_build" / ".jupyter_cache").rglob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        if "".join(cells[0]["source"]) == first_source:
            yield ["".join(o["text"]) for c in cells for o in c["outputs"]]


def test_the_seconds_of_a_chapter_are_kept_for_the_page_of_times(book):
    book.chapter("means", "# Slow\n" + cell("import time\ntime.sleep(1)"))
    assert execute(book) == {"means"}
    ledger = json.loads((book.folder / "_build" / ".chapter_keys.json").read_text())
    assert ledger["means"]["seconds"] >= 1
    from jupyter_cache import get_cache

    cache = get_cache(str(book.folder / "_build" / ".jupyter_cache"))
    kept = {r.hashkey: r.data["execution_seconds"] for r in cache.list_cache_records()}
    assert kept[ledger["means"]["hash"]] == ledger["means"]["seconds"]
