"""Offer the labs' notebooks: ``{lab}`` is a link to one, ``{labs}`` the map of all of them.

The notebooks lie beside those of the chapters and run wherever the package is installed: each
finds its checks there.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from elements import element, text_of
from notebooks import FOLDER
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from xaikit.course.labs._find import STUDENT_NOTEBOOK, lab_names, labs_folder
from xaikit.course.labs._source import read_needs, read_title

TITLED = re.compile(r"(.+?)\s*<([^>]+)>", re.DOTALL)


def download(lab: str, page: str, words: str) -> nodes.Element:
    """Return the link to a lab's notebook from a page."""
    path = "../" * page.count("/") + f"{FOLDER}/labs/{lab}.ipynb"
    name = f"{lab}.ipynb"
    return element("a", nodes.Text(words), inline=True, href=path, download=name)


class LabRole(SphinxRole):
    """A link to the notebook of a lab, by its name or as ``words <name>``."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        titled = TITLED.fullmatch(self.text)
        words, lab = (titled[1], titled[2]) if titled else (self.text, self.text)
        if lab not in lab_names():
            problem = self.inliner.reporter.error(f"there is no lab {lab!r}", line=self.lineno)
            return [nodes.problematic(self.rawtext, self.rawtext)], [problem]
        return [download(lab, self.env.docname, words)], []


class LabsDirective(SphinxDirective):
    """The map of the labs: what each needs, how long it takes, and its notebook."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        head = element(
            "tr",
            *(element("th", nodes.Text(word), scope="col") for word in ("Lab", "You need", "")),
        )
        rows = [self._row(labs_folder() / name) for name in lab_names()]
        return [
            element(
                "table",
                element("thead", head),
                element("tbody", *rows),
                class_="table xk-labs",
            )
        ]

    def _row(self, lab: Path) -> nodes.Element:
        needs, minutes = read_needs(lab)
        needed = text_of(self, f"{needs}; {minutes} minutes")
        return element(
            "tr",
            element("th", nodes.Text(read_title(lab)), scope="row"),
            element("td", *needed),
            element("td", download(lab.name, self.env.docname, "Notebook")),
        )


def write(app: Sphinx, exception: Exception | None) -> None:
    """Copy the notebooks to where the links lead."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, FOLDER, "labs")
    folder.mkdir(parents=True, exist_ok=True)
    for name in lab_names():
        shutil.copyfile(labs_folder() / name / STUDENT_NOTEBOOK, folder / f"{name}.ipynb")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role, the directive and the event."""
    app.setup_extension("elements")
    app.add_role("lab", LabRole())
    app.add_directive("labs", LabsDirective)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
