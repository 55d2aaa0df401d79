import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from unittest.mock import patch

import pytest
from hypothesis import settings

# Tables are small here, and workers share the cores: a library that starts a thread for each
# core makes them wait for each other, on a busy machine ten times as long as one would take.
for name in ("OMP_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
    os.environ.setdefault(f"{name}_THREADS", "1")

# With TensorFlow, shap and thousands of tests in memory, Python's search for circles of garbage
# took a quarter of the quick tests' time. It looks less often, and never at what was loaded.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


# The same examples in every run, so that a build is red for its change and nothing else.
# HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

# These import torch, and run where it is: `tests/models/test_pytorch.py`.
collect_ignore = [] if os.environ.get("NETWORKS") == "torch" else ["pytorch"]

REPOSITORY = Path(__file__).resolve().parent.parent

CONFIG = """\
title: Tiny
only_build_toc_files: true
execute:
  execute_notebooks: cache
"""

FRONT_MATTER = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

"""


@dataclass
class TinyBook:
    """A book of a few small pages in a folder of its own."""

    folder: Path

    def write(self, path: str, text: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return target

    def chapter(self, name: str, body: str) -> Path:
        """Write a page with code; its first line is line 8 of the file."""
        return self.write(f"{name}.md", FRONT_MATTER + body)

    def toc(self, *names: str) -> None:
        lines = ["format: jb-book", "root: index", "chapters:", *(f"  - file: {n}" for n in names)]
        self.write("_toc.yml", "\n".join(lines))

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text(encoding="utf-8")
        assert text.count(old) == 1
        self.write(path, text.replace(old, new))

    def copy(self, folder: Path) -> "TinyBook":
        """Return a copy with all that was built, to try a change on."""
        shutil.copytree(self.folder, folder)
        return TinyBook(folder)

    def build(self, *options: str, **environment: str) -> subprocess.CompletedProcess:
        """Build from this process, which spares the start of another; only Sphinx has its own.

        The site has no public address but one that is given by the variables for it.
        """
        from tools.build_book import main

        arguments = ["--source", str(self.folder), *options]
        public = dict.fromkeys(("BOOK_URL", "BOOK_REPOSITORY_URL"), "")
        # Files, which a child process can write to as well.
        with (
            patch.dict(os.environ, {**public, "NO_COLOR": "1", **environment}),
            TemporaryFile("a+", encoding="utf-8") as out,
            TemporaryFile("a+", encoding="utf-8") as errors,
            redirect_stdout(out),
            redirect_stderr(errors),
        ):
            status = main(arguments)
            said = [(file.seek(0), file.read())[1] for file in (out, errors)]
        return subprocess.CompletedProcess(arguments, status, *said)

    def build_apart(self, *options: str) -> subprocess.CompletedProcess:
        """Build as ``make book`` does, in a process of its own."""
        command = [sys.executable, "-m", "tools.build_book", "--source", str(self.folder)]
        return subprocess.run([*command, *options], cwd=REPOSITORY, capture_output=True, text=True)

    def page(self, name: str) -> str:
        return (self.folder / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def node(repository):
    """Run Node, that of the venv where there is one, in the checkout."""
    bin_folder = repository / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    path = os.pathsep.join([str(bin_folder), os.environ["PATH"]])

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["node", *arguments],
            cwd=repository,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture(scope="session")
def new_tiny_book(tmp_path_factory) -> Callable[[], TinyBook]:
    """Make small books, for fixtures that build one and have many tests ask about it."""

    def make() -> TinyBook:
        book = TinyBook(tmp_path_factory.mktemp("book") / "tiny")
        book.write("_config.yml", CONFIG)
        book.write("index.md", "# Home\n")
        book.toc()
        return book

    return make


@pytest.fixture
def tiny_book(new_tiny_book) -> TinyBook:
    return new_tiny_book()
