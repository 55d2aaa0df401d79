"""Planted faults: each must end the build, with a message that names file and line.

One book holds every fault that a run of the chapters meets; what ends a build before that
stands alone. The faults of the pages are in test_faults_site.py.
"""

import pytest

pytestmark = pytest.mark.slow

CELL = "\n```{code-cell} python\n%s\n```\n"
OPTIONS = "---\ntags: [hide-input]\nmystnb:\n  image:\n    alt: A line\n---\n"
CLAIM = "import xaikit as xk\nxk.claim('Two is more than three', 2 > 3, evidence='2 > 3')"

# For each chapter its cells, and what is said of it after its path and a colon.
FAULTS = {
    "fails": (["x = 1\n\n1 / (x - 1)", "never = 1"], "13: ZeroDivisionError: division by zero"),
    "behind-options": ([OPTIONS + "def f():\n    raise KeyError(3)\nf()"], "19: KeyError: 3"),
    "no-python": (["x = 1\ny = = 2"], "12: SyntaxError"),
    "dies": (["x = 1", "import os\nos._exit(1)"], "15: DeadKernelError"),
    "false-claim": ([CLAIM], "12: FalseClaim: "),
}

# What is put in the place of `n = 2`, and what is said of the claim `n > 1` at the end of the
# chapter; a chapter whose claim turns red has nothing said of it.
COUNTED = ["import xaikit as xk", "n = 2", "xk.claim('more-than-one', n > 1)"]
PLANTED = {
    "stays-green": (COUNTED, "n = 3", "the claim holds in spite of the planted fault"),
    "cannot-run": (
        COUNTED,
        "n = 1 / 0",
        "with the fault planted the cells end in ZeroDivisionError",
    ),
    "not-again": (
        [
            "import xaikit as xk\nm = [1]",
            "n = 2",
            "m += [2]\nxk.claim('more-than-one', n == len(m))",
        ],
        "n = 3",
        "its cells do not give the same",
    ),
    "turns-red": (COUNTED, "n = 0", None),
}


@pytest.fixture(scope="module")
def broken(new_tiny_book):
    """The book of faults, built; with it the path of each chapter."""
    book = new_tiny_book()
    paths = {
        name: book.chapter(name, "# One\n" + "".join(CELL % cell for cell in cells))
        for name, (cells, _) in FAULTS.items()
    }
    for name, (cells, by, _) in PLANTED.items():
        book.chapter(name, "# Three\n" + "".join(CELL % cell for cell in cells))
        book.write(
            f"{name}.faults.yml", f"- claim: more-than-one\n  replace: n = 2\n  by: '{by}'\n"
        )
    book.chapter("sound", "# Two\n" + CELL % "print(2)")
    book.toc(*FAULTS, *PLANTED, "sound")
    done = book.build_apart()
    return book, paths, done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_and_line(broken, name):
    _, paths, status, said = broken
    assert status == 1, said
    assert f"{paths[name]}:{FAULTS[name][1]}" in said


def test_a_false_claim_is_told_in_its_own_words(broken):
    *_, said = broken
    (line,) = [line for line in said.splitlines() if ":12: FalseClaim" in line]
    assert "Two is more than three" in line


@pytest.mark.parametrize("name", PLANTED)
def test_a_claim_that_cannot_fail_is_named(broken, name):
    book, _, _, said = broken
    words = PLANTED[name][2]
    told = f"{book.folder / name}.faults.yml: more-than-one: "
    assert (told + words in said) if words else (told not in said)


def test_the_chapters_without_a_fault_have_finished_and_stay_so(broken):
    book, paths, _, said = broken
    total = len(FAULTS) + len(PLANTED) + 1
    assert f"[{total}/{total}]" in said
    assert str(book.folder / "sound.md") not in said
    assert "Making the pages" not in said
    book.toc("fails", "sound")
    again = book.build()
    assert again.returncode == 1
    assert f"{paths['fails']}:13: ZeroDivisionError" in again.stderr
    assert "running fails" in again.stdout
    assert "running sound" not in again.stdout


# Each of these ends the build before a chapter is run, so that no two can share one.


def test_no_kernel_at_all(tiny_book):
    done = tiny_book.build_apart("--kernels", "0")
    assert done.returncode == 2
    assert "--kernels must be at least 1; got 0" in done.stderr


def test_a_chapter_that_goes_past_the_cache(tiny_book):
    path = tiny_book.write(
        "one.md", "---\nfile_format: mystnb\nmystnb:\n  execution_mode: force\n---\n# One\n"
    )
    tiny_book.toc("one")
    done = tiny_book.build()
    assert done.returncode == 1
    assert f"{path}:1: mystnb.execution_mode" in done.stderr


def test_a_config_that_would_run_chapters_elsewhere(tiny_book):
    tiny_book.replace("_config.yml", "execute_notebooks: cache", "execute_notebooks: force")
    done = tiny_book.build()
    assert done.returncode == 1
    words = "_config.yml: execute.execute_notebooks must be 'cache', got 'force'"
    assert words in done.stderr
