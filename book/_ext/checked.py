"""Join each checked sentence of a page to the claim that its code makes by the same name.

``[The sentence.]{.checked #its-name}`` stands in the prose, ``xk.claim("its-name", …)`` in a
cell. The sentence ends in a tick, which opens a card with the evidence and a link to the
code; on paper the evidence stands in notes at the end. The line that a named claim leaves
below its cell is taken off the page.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any

from claims import Claim, MadeClaim, book_claims, checked_spans, claims_made
from docutils import nodes
from elements import script
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


class tick(nodes.Inline, nodes.Element):
    """The end of a checked sentence. It holds no text, which would be searched and quoted."""


class notes(nodes.General, nodes.Element):
    """The evidence of a page as numbered notes, for print."""


def name_of(sentence: nodes.inline) -> str | None:
    """Return the name of a sentence; docutils keeps one that comes twice elsewhere."""
    names = [*sentence["names"], *sentence["dupnames"]]
    return str(names[0]) if names else None


class Source:
    """The lines of a page on which names stand: docutils has those of the paragraphs."""

    def __init__(self, app: Sphinx) -> None:
        self.page = app.env.docname
        self.text = Path(app.env.doc2path(self.page)).read_text(encoding="utf-8")

    def warn(self, message: str, line: int | None) -> None:
        """Warn with the place."""
        logger.warning("%s", message, location=(self.page, line), type="checked")

    def lines(self, pattern: str) -> list[int]:
        """Return the lines on which a pattern is found."""
        return [self.text.count("\n", 0, m.end()) + 1 for m in re.finditer(pattern, self.text)]

    def warn_of_sentence(self, message: str, sentence: nodes.inline) -> None:
        """Warn of a sentence of the prose."""
        name = name_of(sentence)
        found = self.lines(rf"#{name}\b(?!-)[^}}\n]*\}}") if name else []
        self.warn(message, found[0] if found else line_of(sentence))

    def warn_of_claim(self, message: str, claim: Claim, nth: int = 0) -> None:
        """Warn of the first claim of a cell by its name, or of a later one."""
        found = self.lines(rf"claim\(\s*[\"']{re.escape(claim.name)}[\"']")
        self.warn(message, found[nth] if nth < len(found) else claim.line)


def line_of(node: nodes.Node) -> int | None:
    """Return the line of a node, or of the nearest around it."""
    around: nodes.Node | None = node
    while around is not None and not around.line:
        around = around.parent
    return around.line if around is not None else None


def join(app: Sphinx, document: nodes.document) -> None:
    """Give each sentence of a page its evidence, and warn of what has no counterpart."""
    page = app.env.docname
    marked = checked_spans(document)
    made = list(claims_made(document))
    named = {each.claim.name: each for each in reversed(made)}
    if not marked and not named:
        return
    warn_of_faults(Source(app), marked, made)
    ends: list[tick] = []
    for sentence in marked:
        found = named.get(name_of(sentence) or "")
        if found is not None:
            ends.append(tick_of(found, len(ends) + 1))
            sentence.parent.insert(sentence.parent.index(sentence) + 1, ends[-1])
    for each in made:
        take_off(each.output)
    if ends:
        evidence = [end["evidence"] for end in ends]
        chapter_of(document).extend([notes(evidence=evidence), script("checks", page)])
        # The list of claims follows the text, not the cells.
        book_claims(app.env)[page] = [named[end["name"]].claim for end in ends]


def warn_of_faults(source: Source, marked: list[nodes.inline], made: list[MadeClaim]) -> None:
    """Warn of sentences without their claim, claims without their sentence, and twins."""
    claims = [each.claim for each in made]
    names = [claim.name for claim in claims]
    for sentence in marked:
        name = name_of(sentence)
        if name is None:
            source.warn_of_sentence("a sentence is marked as checked by no name", sentence)
        elif name not in names:
            message = f"no cell that the page shows claims this sentence: xk.claim({name!r}, ...)"
            source.warn_of_sentence(message, sentence)
    there = {name_of(sentence) for sentence in marked}
    for number, claim in enumerate(claims):
        if before := names[:number].count(claim.name):
            source.warn_of_claim(f"two claims have the name {claim.name!r}", claim, nth=before)
        elif claim.name not in there:
            message = f"no sentence of the page is claimed: [...]{{.checked #{claim.name}}}"
            source.warn_of_claim(message, claim)
    for each in made:
        if code_of(each.cell) is None:
            message = "the code of this claim is not on the page: use the tag checks"
            source.warn_of_claim(message, each.claim)


def chapter_of(document: nodes.document) -> nodes.Element:
    """Return what a page's end is added to: its section, so that its contents stay one tree."""
    return next(iter(document.findall(nodes.section)), document)


def code_of(cell: nodes.Element | None) -> nodes.Element | None:
    """Return the code of a cell, if the page shows it."""
    first = cell[0] if cell is not None and len(cell) else None
    if isinstance(first, nodes.container) and first.get("nb_element") == "cell_code_source":
        return first
    return None


def tick_of(made: MadeClaim, number: int) -> tick:
    """Return the end of a sentence, and have its card lead to the code."""
    code = code_of(made.cell)
    if code is not None:
        # Of the code, not the cell: a browser opens the fold around the place that it goes to.
        code["ids"] = code["ids"] or [f"code-{made.claim.name}"]
        code["claims"] = [*code.get("claims", []), made.claim.name]
    place = code["ids"][0] if code is not None else made.claim.name
    return tick(name=made.claim.name, number=number, evidence=made.claim.evidence, code=place)


def take_off(output: nodes.Element) -> None:
    """Take an output off the page, and what is empty without it."""
    around = output.parent
    around.remove(output)
    if not around.children and around.get("nb_element") in ("cell_code_output", "mime_bundle"):
        take_off(around)


def write_tick(translator: Any, node: tick) -> None:
    """Write a button and its card, both of elements that may stand in a paragraph."""
    name = node["name"]
    translator.body.append(
        f'<span class="xk-end">&NoBreak;<button type="button" class="xk-tick" '
        f'popovertarget="evidence-{name}" aria-label="Check: {name.replace("-", " ")}">'
        f'<span aria-hidden="true">✓</span></button>'
        f'<sup class="xk-note-number" aria-hidden="true">{node["number"]}</sup>'
        f'<span class="xk-card" id="evidence-{name}" popover>'
        f'<span class="xk-card-evidence">{escape(node["evidence"])}</span> '
        f'<a class="xk-card-code" href="#{node["code"]}">The code of this check</a></span></span>'
    )


def write_notes(translator: Any, node: notes) -> None:
    """Write the evidence once more, which the style shows on paper alone."""
    items = "".join(f"<li>{escape(text)}</li>" for text in node["evidence"])
    translator.body.append(
        f'<div class="xk-notes"><p><strong>Evidence</strong></p><ol>{items}</ol></div>'
    )


def _nothing(translator: Any, node: nodes.Element) -> None:
    pass


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the nodes, and the join once the claims of a page are collected."""
    app.setup_extension("claims")
    app.setup_extension("elements")
    app.add_node(tick, html=(write_tick, _nothing), text=(_nothing, _nothing))
    app.add_node(notes, html=(write_notes, _nothing), text=(_nothing, _nothing))
    app.connect("doctree-read", join, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
