"""Keep pages light: scripts deferred, icon fonts cut down to the icons used, no maps.

The theme's files are taken from its package, made smaller, and written over the copies
beside the pages. What is used is read off the pages themselves.
"""

from __future__ import annotations

import logging
import re
import shutil
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from docutils import nodes
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FONTS = Path("vendor", "fontawesome", "webfonts")
STYLE = Path("styles", "pydata-sphinx-theme.css")

ICON_NAME = re.compile(r"\bfa-[a-z0-9-]+")
# One rule, or one for several names of an icon: .fa-cog:before,.fa-gear:before{content:"\f013"}
ICON_RULE = re.compile(r'\.fa-[a-z0-9-]+:before(?:,\.fa-[a-z0-9-]+:before)*\{content:"[^"]*"\}')
CODE_POINT = re.compile(r'"\\([ef][0-9a-f]{3})"')
# The theme names its own icons, such as GitHub's beside a link, by the character itself.
CHARACTER = re.compile("[\ue000-\uf8ff]")
MAP_COMMENT = re.compile(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*")
OLDER_FONT = re.compile(r',\s*url\([^)]*\.ttf\)\s*format\("truetype"\)')
# In _static, but asked for by no page.
UNUSED = ("locales", "images", "scripts/fontawesome.js", "scripts/fontawesome.js.LICENSE.txt")


def defer_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have scripts run once the page is read."""
    scripts = []
    for script in context["script_files"]:
        attributes = getattr(script, "attributes", {})
        if attributes.get("body", "").startswith("DOCUMENTATION_OPTIONS."):
            continue  # for the theme's version switcher and search while typing: not used
        if getattr(script, "filename", None):
            attributes["defer"] = "defer"
        scripts.append(script)
    context["script_files"] = scripts


def icons_used(site: Path) -> set[str]:
    """Return the icon classes named on the pages and in the scripts that draw them."""
    files = [*site.rglob("*.html"), *(site / "_static").rglob("*.js")]
    texts = (f.read_text(encoding="utf-8") for f in files if f.name != "fontawesome.js")
    return {name for text in texts for name in ICON_NAME.findall(text)}


def cut_style(style: str, icons: set[str]) -> str:
    """Return the stylesheet without the rules of icons that no page shows."""

    def keep(rule: re.Match[str]) -> str:
        return rule[0] if icons & set(ICON_NAME.findall(rule[0])) else ""

    return OLDER_FONT.sub("", MAP_COMMENT.sub("", ICON_RULE.sub(keep, style)))


def cut_font(source: Path, target: Path, code_points: set[int]) -> None:
    """Write a font that holds these characters alone."""
    font = TTFont(source)
    options = Options(flavor="woff2", layout_features=[], name_IDs=[0, 1, 2, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=code_points)
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Cut the theme's files down once all pages are written."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    style = cut_style((THEME / STYLE).read_text(encoding="utf-8"), icons_used(site))
    (static / STYLE).write_text(style, encoding="utf-8")
    code_points = {int(code, 16) for code in CODE_POINT.findall(style)}
    code_points |= {ord(character) for character in CHARACTER.findall(style)}
    shutil.rmtree(static / FONTS)
    (static / FONTS).mkdir()
    for font in sorted((THEME / FONTS).glob("*.woff2")):
        cut_font(font, static / FONTS / font.name, code_points)
    remove_unused(static)


def remove_unused(static: Path) -> None:
    """Remove what no page asks for, and the pointers to maps that are gone."""
    for name in UNUSED:
        path = static / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in static.rglob("*.map"):
        path.unlink()
    for path in [*static.rglob("*.js"), *static.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        if "sourceMappingURL" in text:
            path.write_text(MAP_COMMENT.sub("", text), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the events."""
    # Jupyter Book sets this even when sphinx_comments, which reads it, is not loaded.
    app.add_config_value("comments_config", {}, "html")
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    app.connect("html-page-context", defer_scripts, priority=900)
    app.connect("build-finished", lighten)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
