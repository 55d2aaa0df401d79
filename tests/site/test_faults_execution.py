"""Planted faults: each must end the build, with a message that names file and line."""

import pytest

pytestmark = pytest.mark.slow

CELL = "\n```{code-cell} python\n%s\n```\n"


def fails(book, *expected, options=()):
    """Build, and hold the failure and its words against what is expected."""
    done = book.build(*options)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for words in expected:
        assert words in said
    return said


def test_no_kernel_at_all(tiny_book):
    done = tiny_book.build("--kernels", "0")
    assert done.returncode == 2
    assert "--kernels must be at least 1; got 0" in done.stderr


def test_a_failing_cell(tiny_book):
    path = tiny_book.chapter("one", "# One\n" + CELL % "x = 1\n\n1 / (x - 1)" + CELL % "never = 1")
    tiny_book.chapter("two", "# Two\n" + CELL % "print(2)")
    tiny_book.toc("one", "two")
    said = fails(tiny_book, f"{path}:13: ZeroDivisionError: division by zero")
    assert "[2/2]" in said
    assert "Making the pages" not in said
    # The other chapter has finished and stays so.
    assert "running two" not in fails(tiny_book, "running one")


def test_a_line_is_found_behind_the_options_of_a_cell(tiny_book):
    options = "---\ntags: [hide-input]\nmystnb:\n  image:\n    alt: A line\n---\n"
    path = tiny_book.chapter(
        "one", "# One\n" + CELL % (options + "def f():\n    raise KeyError(3)\nf()")
    )
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:19: KeyError: 3", options=["--execute-only"])


def test_code_that_is_not_python(tiny_book):
    path = tiny_book.chapter("one", "# One\n" + CELL % "x = 1\ny = = 2")
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:12: SyntaxError", options=["--execute-only"])


def test_a_kernel_that_dies(tiny_book):
    path = tiny_book.chapter("one", "# One\n" + CELL % "x = 1" + CELL % "import os\nos._exit(1)")
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:15: DeadKernelError", options=["--execute-only"])


def test_a_false_claim(tiny_book):
    claim = "import xaikit as xk\nxk.claim('Two is more than three', 2 > 3, evidence='2 > 3')"
    path = tiny_book.chapter("one", "# One\n" + CELL % claim)
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:12: FalseClaim", "Two is more than three", options=["--execute-only"])


def test_a_true_claim_stands_on_its_page(tiny_book):
    claim = "import xaikit as xk\nxk.claim('Three is more than two', 3 > 2)"
    tiny_book.chapter("one", "# One\n" + CELL % claim)
    tiny_book.toc("one")
    done = tiny_book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Three is more than two" in tiny_book.page("one")


# As shap's compiled tree explainer draws it, twice over one line.
BAR = r"'\r  5%|=                   | 10/200 [00:11<03:29]       '"
BARS = f"import sys\nsys.stderr.write({BAR} + {BAR.replace('11', '12')})\nprint('done')"


def test_words_on_stderr_but_not_a_bar_that_a_busy_machine_draws(tiny_book):
    tiny_book.replace("_config.yml", "cache\n", "cache\n  stderr_output: warn\n")
    tiny_book.chapter("one", "# One\n" + CELL % BARS)
    tiny_book.toc("one")
    done = tiny_book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "done" in tiny_book.page("one")
    assert tiny_book.page("one").count("10/200") == 2  # in the code alone
    tiny_book.chapter("one", "# One\n" + CELL % f"{BARS}\nsys.stderr.write('Beware')")
    fails(tiny_book, "stderr")


def test_a_warning_of_sphinx_and_again_when_nothing_was_mended(tiny_book):
    path = tiny_book.chapter("one", "# One\n\nText.\n\n{ref}`nowhere`\n" + CELL % "print(1)")
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:12: WARNING", "nowhere")
    fails(tiny_book, f"{path}:12: WARNING", "nowhere")


def test_a_page_in_the_contents_that_is_not_there(tiny_book):
    tiny_book.toc("absent")
    fails(tiny_book, "absent")


def test_a_chapter_that_goes_past_the_cache(tiny_book):
    path = tiny_book.write(
        "one.md", "---\nfile_format: mystnb\nmystnb:\n  execution_mode: force\n---\n# One\n"
    )
    tiny_book.toc("one")
    fails(tiny_book, f"{path}:1: mystnb.execution_mode")


def test_a_config_that_would_run_chapters_elsewhere(tiny_book):
    tiny_book.replace("_config.yml", "execute_notebooks: cache", "execute_notebooks: force")
    fails(tiny_book, "_config.yml: execute.execute_notebooks must be 'cache', got 'force'")
