"""Put live figures into pages: ``{live}``, and the modules of JavaScript they run on.

A cell of the chapter hands the data over by ``xk.live.hand_over(name, data)``; the figure
of that name finds them in the page. Data too heavy for that, a network's weights, become a
file of their own with ``:on-click:``, which the page fetches when its reader asks for it.
The content of the directive is what stands there without JavaScript: a still picture with
its alt text, or words.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from elements import SCRIPTS, element, html_element, script
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

SOURCES = Path(__file__).resolve().parent.parent / SCRIPTS
DATA = re.compile(
    r'\s*<script type="application/json" id="xk-data-([a-z0-9-]+)">(.*)</script>\s*', re.DOTALL
)


class LiveDirective(SphinxDirective):
    """``{live} figure``: a figure that computes in the page.

    The argument names the module of ``book/_live`` that draws it; ``:data:`` the data it
    reads, ``:label:`` what the figure is, for those who listen; ``:on-click:`` what the
    button says that fetches the data.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {
        "data": directives.unchanged,
        "label": directives.unchanged_required,
        "on-click": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the still picture in its frame, and the module."""
        figure = self.arguments[0]
        if not (SOURCES / f"{figure}.js").is_file():
            raise self.error(f"there is no {SCRIPTS}/{figure}.js in the book")
        if "label" not in self.options:
            raise self.error(f"the live figure {figure!r} needs a :label:")
        if "on-click" in self.options and "data" not in self.options:
            raise self.error(f"the live figure {figure!r} has :on-click: and no :data: to fetch")
        still = element("div", *self.parse_content_to_nodes(), class_="xk-still")
        frame = element(
            "section",
            still,
            class_="xk-live",
            data_figure=figure,
            data_from=self.options.get("data"),
            data_on_click=self.options.get("on-click"),
            aria_label=self.options["label"],
        )
        frame["needs"] = self.options.get("data")
        frame["apart"] = "on-click" in self.options
        self.set_source_info(frame)
        return [frame, script(figure, self.env.docname)]


def find_data(app: Sphinx, document: nodes.document) -> None:
    """Put data to be fetched into files; warn of a figure whose data no cell hands over."""
    found = [(raw, DATA.fullmatch(raw.astext())) for raw in document.findall(nodes.raw)]
    given = {match[1]: (raw, match[2]) for raw, match in found if match}
    for frame in document.findall(html_element):
        needed = frame.get("needs")
        if needed is None:
            continue
        if needed not in given:
            logger.warning(
                "no cell hands over the data of this live figure: xk.live.hand_over(%r, ...)",
                needed,
                location=frame,
            )
        elif frame["apart"]:
            raw, text = given[needed]
            file = Path(app.outdir) / SCRIPTS / "data" / f"{needed}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            raw.parent.remove(raw)


def copy_scripts(app: Sphinx, exception: Exception | None) -> None:
    """Put the modules beside the pages."""
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir) / SCRIPTS
        shutil.copytree(SOURCES, target, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the events."""
    app.setup_extension("elements")
    app.add_directive("live", LiveDirective)
    app.connect("doctree-read", find_data)
    app.connect("build-finished", copy_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
