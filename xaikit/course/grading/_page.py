"""What the pages share: one frame, one set of colours, one look for each outcome."""

from __future__ import annotations

import html
import re

from xaikit.course.grading._names import readable
from xaikit.course.labs._outcome import inline

# outcome: icon and words; the class of the same name gives the colour.
LOOKS = {
    "right": ("✓", "Correct"),
    "partly": ("◐", "Partly right"),
    "wrong": ("✗", "Not right yet"),
    "not answered": ("○", "Not answered"),
    "error": ("!", "The code stopped"),
}

# A question of a notebook that did not run to its end.
NOT_MARKED = ("–", "Not marked")

_STATUS = {
    "ok": "",
    "timeout": "The notebook ran longer than the time allowed.",
    "memory": "The notebook asked for more memory than allowed.",
    "crashed": "The notebook ended before it could be marked.",
    "unreadable": "The file could not be read as a notebook of this lab.",
}

# White on each fill has a contrast of at least 4.5, each fill on both grounds at least 3.
FILLS = {
    "right": "#1a7f37",
    "partly": "#9a6200",
    "wrong": "#c2410c",
    "not answered": "#64707d",
    "error": "#8250df",
}

_STYLE = """
:root { color-scheme: light dark; --text: #1b2027; --quiet: #55606c; --ground: #ffffff;
  --panel: #f5f7f9; --line: #d3dae1; --right: #1a7f37; --partly: #8a5700; --wrong: #b93a08;
  --none: #55606c; --error: #7a3fe0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e9ef; --quiet: #a3b0bd; --ground: #12161b; --panel: #1b2128;
    --line: #3a444f; --right: #58c777; --partly: #e0a93e; --wrong: #ff9a6b;
    --none: #a3b0bd; --error: #c3a3ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 1.2rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; }
.quiet { color: var(--quiet); font-size: .92rem; }
.total { font-size: 1.25rem; font-weight: 650; margin: .8rem 0; }
.panel { background: var(--panel); border: 1px solid var(--line); border-left-width: .35rem;
  border-radius: 6px; padding: .6rem .9rem; margin: .8rem 0; }
.panel h2 { font-size: 1.05rem; margin: 0; }
.outcome { font-weight: 650; }
.right { color: var(--right); } .partly { color: var(--partly); } .wrong { color: var(--wrong); }
.not-answered { color: var(--none); } .error { color: var(--error); }
.panel.right, .panel.partly, .panel.wrong, .panel.not-answered, .panel.error {
  border-left-color: currentColor; }
.panel > * { color: var(--text); }
.panel > .outcome { color: inherit; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em;
  background: var(--ground); border: 1px solid var(--line); border-radius: 4px; padding: 0 .25em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: normal; white-space: nowrap; }
thead th { vertical-align: bottom; white-space: normal; }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
.words td:first-child { max-width: 14em; overflow-wrap: break-word; white-space: normal; }
.words td:last-child { min-width: 9em; }
.words td:last-child { overflow-wrap: anywhere; white-space: normal; }
.wide { overflow-x: auto; }
figure { margin: .8rem 0; }
figcaption { color: var(--quiet); font-size: .92rem; margin-bottom: .4rem; }
svg { display: block; width: 100%; overflow: visible; }
svg text { font-family: inherit; font-size: 13px; fill: var(--text); }
svg .on { fill: #ffffff; font-weight: 650; }
svg .axis { stroke: var(--line); }
svg .empty { fill: var(--panel); stroke: var(--line); }
svg .ink { fill: #2f6fa8; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .3rem 0 .8rem;
  list-style: none; font-size: .92rem; }
.swatch { display: inline-block; min-width: 1.5em; text-align: center; border-radius: 4px;
  color: #ffffff; font-weight: 650; }
.bars { list-style: none; padding: 0; } .bars li { margin-bottom: .7rem; }
ol.hints { padding-left: 1.4rem; } ol.hints li { margin-bottom: .9rem; }
"""


def page(title: str, body: str) -> bytes:
    """Return a page that needs nothing else: no script, no file, no other host."""
    swatches = "".join(
        f".fill-{css(name)} {{ fill: {fill}; background: {fill}; }}\n"
        for name, fill in FILLS.items()
    )
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{words(title)}</title>\n<style>{_STYLE}{swatches}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return text.encode("utf-8", errors="backslashreplace")


def css(outcome: str) -> str:
    """Return the name of the class that an outcome has in the stylesheet."""
    return outcome.replace(" ", "-")


def prose(text: str) -> str:
    """Return paragraphs of text that anybody may have written: escaped, with code as code."""
    lines = (readable(line.replace("\t", "    "), 2_000) for line in text.splitlines())
    return "".join(f"<p>{inline(line)}</p>" for line in lines if line.strip())


def words(text: str) -> str:
    """Return text of anybody's as a part of a line."""
    return html.escape(readable(text.replace("\n", " "), 2_000))


def status_text(status: str) -> str:
    """Say what a status means; nothing for "ok"."""
    return _STATUS.get(status, status)


def plain_hint(line: str) -> str:
    """Return the hint without the numbers in it, so that one mistake counts as one.

    Examples
    --------
    >>> plain_hint("a BMI of 27.3 is credited with +12.5")
    'a BMI of # is credited with #'
    """
    return re.sub(r"[+−-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", "#", line)
