"""Find the executable chapters of the book and read them as the site build will."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupyter_book.config
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml


class BookError(Exception):
    """The book cannot be built as it stands; the message is all a reader needs."""


@dataclass(frozen=True)
class Chapter:
    """One page of the book that holds code."""

    name: str  # the path without its suffix, as in _toc.yml
    path: Path
    notebook: NotebookNode

    @property
    def sources(self) -> list[str]:
        """The code of each code cell, in order."""
        return [cell.source for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def faults_file(self) -> Path:
        """Where the wrong results stand that each must turn a claim red, if there are any."""
        return self.path.with_suffix(".faults.yml")

    def first_line(self, cell_index: int) -> int:
        """Return the line of the file (from 1) on which a cell's code begins."""
        source_map = self.notebook.metadata.get("source_map")
        if source_map is None:
            return 1
        fence = int(source_map[cell_index])
        code = self.notebook.cells[cell_index].source.split("\n")
        lines = self.path.read_text(encoding="utf-8").split("\n")
        # Between the fence and the code there may be options, so the code is looked for.
        for start in range(fence, len(lines)):
            if [line.rstrip() for line in lines[start : start + len(code)]] == [
                line.rstrip() for line in code
            ]:
                return start + 1
        return fence


def pages_folder(source: Path) -> Path:
    """Return the folder that the names in ``_toc.yml`` start from."""
    return source / "book" if (source / "book").is_dir() else source


def site_config(source: Path) -> dict[str, Any]:
    """Return the Sphinx configuration that Jupyter Book makes of ``_config.yml``."""
    path = source / "_config.yml"
    if not path.is_file():
        raise BookError(f"{path}: the book needs a _config.yml and there is none")
    config, _ = jupyter_book.config.get_final_config(
        user_yaml=path, cli_config={"latex_individualpages": False}, sourcedir=pages_folder(source)
    )
    return dict(config)


def find_chapters(source: Path) -> list[Chapter]:
    """Return the chapters named in ``_toc.yml`` that are notebooks, in its order."""
    toc = source / "_toc.yml"
    if not toc.is_file():
        raise BookError(f"{toc}: the book needs a _toc.yml and there is none")
    config = site_config(source)
    if config.get("nb_execution_mode") != "cache":
        raise BookError(
            f"{source / '_config.yml'}: execute.execute_notebooks must be 'cache', "
            f"got {config.get('nb_execution_mode')!r}"
        )
    md_config = _md_config(config)
    names = dict.fromkeys(str(name) for name in parse_toc_yaml(toc))
    chapters = (_read(pages_folder(source), name, md_config) for name in names)
    return [chapter for chapter in chapters if chapter is not None]


def _md_config(config: dict[str, Any]) -> MdParserConfig:
    # What counts as a cell depends on the syntax switched on: a fence inside a
    # ::: block is a cell or not by whether colon fences are read.
    known = {field.name for field in dataclasses.fields(MdParserConfig)}
    return MdParserConfig(
        **{
            key.removeprefix("myst_"): value
            for key, value in config.items()
            if key.startswith("myst_") and key.removeprefix("myst_") in known
        }
    )


def _read(folder: Path, name: str, md_config: MdParserConfig) -> Chapter | None:
    for suffix in ("", ".md", ".ipynb"):
        path = folder / f"{name}{suffix}"
        if path.is_file() and path.suffix in {".md", ".ipynb"}:
            break
    else:
        return None  # Sphinx reports a page that is in the contents but not on disk
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), md_config, NbParserConfig(), text)
    if reader is None:
        return None
    notebook = reader.read(text)
    if "execution_mode" in notebook.metadata.get("mystnb", {}):
        raise BookError(f"{path}:1: mystnb.execution_mode must not be set: it goes past the cache")
    return Chapter(str(Path(name).with_suffix("")), path, notebook)
