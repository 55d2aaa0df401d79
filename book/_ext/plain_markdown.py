"""Rewrite a chapter's MyST as the plain Markdown that Jupyter shows.

Numbers take the places of their names, papers become links, boxes quotations. What only a
page can do (a quiz, a live figure) becomes a line that says where it is. jupytext does not do
this: it converts between file formats and leaves roles and directives as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from minus import with_minus
from myst_nb.core.variables import format_plain_text

ROLE = re.compile(r"\{([a-z:]+)\}`([^`]+)`")
TITLED = re.compile(r"(.*?)\s*<[^>]*>", re.DOTALL)
FENCE = re.compile(r"(:{3,}|`{3,})\{([a-z-]+)\} *(.*)")
OPTION = re.compile(r":([a-z-]+): *(.*)")
EQUATION = re.compile(r"\n\$\$ \(([\w-]+)\)")
# A checked sentence ends in its name. Formulas and code in it may hold brackets of their own.
SPAN = re.compile(
    r"\$(?:(?!\n\n)[^$])+\$|(?<!`)`(?!`)[^`]+`|\\.|\]\{\.checked #[\w-]+\}|[\[\]]", re.DOTALL
)
LINK = re.compile(r"(?<!!)\[([^\[\]]+)\]\((?![a-z]+:)([^)]+)\)")
ONLY_ON_THE_PAGE = {"live": "A figure to operate", "quiz": "The quiz", "checklist": "The form"}


@dataclass(frozen=True)
class Chapter:
    """What a chapter's text refers to.

    `numbers` are the representations that its cells have put, `papers` a link for each key,
    `url` turns the source path of a page, as written in this chapter, into its address, or
    into None where the site has none.
    """

    numbers: Mapping[str, str]
    papers: Mapping[str, str]
    url: Callable[[str], str | None]


def plain(text: str, chapter: Chapter) -> str:
    """Return a cell of MyST as plain Markdown."""
    tags: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        tags[match[1]] = len(tags) + 1
        return rf" \tag{{{tags[match[1]]}}}" + "\n$$"

    text = without_spans(text)
    text = "\n".join(_blocks(text.split("\n"), chapter))
    text = EQUATION.sub(number, text)
    text = ROLE.sub(lambda match: _role(match[1], match[2], chapter), text)
    return LINK.sub(lambda match: _link(match[1], match[2], chapter), text)


def without_spans(text: str) -> str:
    """Return a text with its checked sentences as sentences like others."""
    opened: list[int] = []
    cut: list[tuple[int, int]] = []
    for found in SPAN.finditer(text):
        if found[0] == "[":
            opened.append(found.start())
        elif found[0].startswith("]") and opened:
            start = opened.pop()
            if len(found[0]) > 1:
                cut += [(start, start + 1), found.span()]
    for start, end in sorted(cut, reverse=True):
        text = text[:start] + text[end:]
    return text


def _role(name: str, content: str, chapter: Chapter) -> str:
    if name == "glue:text":
        key, _, form = content.partition(":")
        return with_minus(format_plain_text(chapter.numbers[key], form))
    if name in {"cite:t", "cite:p"}:
        cited = "; ".join(chapter.papers[key.strip()] for key in content.split(","))
        return cited if name == "cite:t" else f"({cited})"
    if name == "eq":
        return f"({content.replace('-', ' ')})"
    titled = TITLED.fullmatch(content)
    return titled[1] if titled else content


def _link(words: str, target: str, chapter: Chapter) -> str:
    url = chapter.url(target)
    return f"[{words}]({url})" if url else words


def _blocks(lines: list[str], chapter: Chapter) -> list[str]:
    """Replace the directives among the lines, and those within them."""
    done: list[str] = []
    at = 0
    while at < len(lines):
        opened = FENCE.fullmatch(lines[at].rstrip())
        at += 1
        if opened is None:
            done.append(lines[at - 1])
            continue
        # What is not closed goes to the end, as on the page.
        closed = (n for n in range(at, len(lines)) if lines[n].rstrip() == opened[1])
        end = next(closed, len(lines))
        body = lines[at:end]
        options: dict[str, str] = {}
        while body and (option := OPTION.fullmatch(body[0].rstrip())):
            options[option[1]] = option[2]
            body.pop(0)
        done += _directive(opened[2], opened[3], options, body, chapter)
        at = end + 1
    return done


def _directive(
    name: str, title: str, options: Mapping[str, str], body: list[str], chapter: Chapter
) -> list[str]:
    if name in ONLY_ON_THE_PAGE:
        what = options.get("label", ONLY_ON_THE_PAGE[name])
        url = chapter.url("")
        return [f"*On the page:* {what}" + (f" (<{url}>)." if url else ".")]
    if name == "list-table":
        return [f"**{title}**", "", *_table(body)] if title else _table(body)
    if name == "admonition":
        inner = _blocks(body, chapter)
        return [f"> **{title}**", ">", *(f"> {line}".rstrip() for line in inner)]
    raise ValueError(f"a notebook has no form for the directive {name!r}")


def _table(body: list[str]) -> list[str]:
    """Return a list of lists, ``* -`` for a row and ``-`` for a cell, as a table of pipes."""
    rows: list[list[str]] = []
    for line in body:
        if line.startswith("* - "):
            rows.append([line[4:]])
        elif line.startswith("  - "):
            rows[-1].append(line[4:])
        elif line.strip():
            rows[-1][-1] += " " + line.strip()
    head, *rest = ("| " + " | ".join(row) + " |" for row in rows)
    return [head, "|" + " --- |" * len(rows[0]), *rest]
