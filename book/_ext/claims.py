"""List every claim of the book, with its evidence and a link to where it stands.

``xk.claim`` leaves a ``<div class="xk-claim" id="claim-…">`` in the output of its cell.
These are collected as the chapters are read; the ``{claims}`` directive lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Claim:
    """A sentence that the run asserted, and what it rests on."""

    id: str
    text: str
    evidence: str
    line: int | None


class claims_list(nodes.General, nodes.Element):
    """The place where the list of claims is put once every chapter is read."""


class ClaimsDirective(SphinxDirective):
    """``{claims}``: every claim of the book, grouped by chapter."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark; the list is made when all chapters are known."""
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, "xk_claims", True)
        return [claims_list()]


def claims_in(document: nodes.document) -> Iterator[Claim]:
    """Yield the claims in the outputs of a page, in the order of the page."""
    for raw in document.findall(nodes.raw):
        if "xk-claim" not in raw.rawsource + raw.astext():
            continue
        for tag in BeautifulSoup(raw.astext(), "html.parser").select(".xk-claim"):
            text = tag.select_one(".xk-claim-text")
            evidence = tag.select_one(".xk-claim-evidence")
            yield Claim(
                id=str(tag.get("id", "")),
                text=str(tag.get("data-text") or (text and text.get_text()) or ""),
                evidence=evidence.get_text().strip() if evidence else "",
                line=raw.line or (raw.parent.line if raw.parent else None),
            )


def book_claims(env: BuildEnvironment) -> dict[str, list[Claim]]:
    """Return the claims of the book by page name, kept in the environment."""
    if not hasattr(env, "xk_claims"):
        env.xk_claims = {}  # type: ignore[attr-defined]  # Sphinx extensions keep data here
    claims: dict[str, list[Claim]] = env.xk_claims  # type: ignore[attr-defined]  # as above
    return claims


def collect(app: Sphinx, document: nodes.document) -> None:
    """Remember the claims of a page, and warn of two under one address."""
    page = app.env.docname
    found = list(claims_in(document))
    seen: set[str] = set()
    for claim in found:
        if claim.id in seen:
            logger.warning(
                "claim stands twice on this page: %r (#%s)",
                claim.text,
                claim.id,
                location=(page, claim.line),
                type="claims",
            )
        seen.add(claim.id)
    book_claims(app.env).pop(page, None)
    if found:
        book_claims(app.env)[page] = found


def purge(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget the claims of a page that is read again."""
    book_claims(env).pop(page, None)


def merge(app: Sphinx, env: BuildEnvironment, pages: list[str], other: BuildEnvironment) -> None:
    """Take over the claims that a parallel reader found."""
    book_claims(env).update({p: c for p, c in book_claims(other).items() if p in pages})


def pages_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the list written again in each build."""
    return [p for p, d in NbMetadataCollector.get_doc_data(env).items() if d.get("xk_claims")]


def in_reading_order(env: BuildEnvironment) -> list[str]:
    """Return the pages that make claims, in the order of the table of contents."""
    order = [env.config.root_doc]
    for page in order:
        order += [p for p in env.toctree_includes.get(page, []) if p not in order]
    return [page for page in order if page in book_claims(env)]


def claim_item(app: Sphinx, claim: Claim, page: str, here: str) -> nodes.list_item:
    """Return one claim as an item: the sentence, linked to its place, and the evidence."""
    uri = f"{app.builder.get_relative_uri(here, page)}#{claim.id}"
    sentence = nodes.paragraph()
    sentence += nodes.reference("", claim.text, refuri=uri, internal=True)
    if claim.evidence:
        sentence += nodes.Text(" ")
        sentence += nodes.inline("", claim.evidence, classes=["xk-claim-evidence"])
    return nodes.list_item("", sentence)


def chapter_section(app: Sphinx, page: str, here: str) -> nodes.section:
    """Return the claims of one chapter under its title."""
    found = book_claims(app.env)[page]
    name = app.env.titles[page].astext()
    section = nodes.section(ids=[nodes.make_id(f"claims-{page}")])
    section += nodes.title("", name)
    items = nodes.enumerated_list(classes=["xk-claims"])
    items += [claim_item(app, claim, page, here) for claim in found]
    section += items
    return section


def resolve(app: Sphinx, document: nodes.document, here: str) -> None:
    """Put the list where the directive stands."""
    for mark in list(document.findall(claims_list)):
        pages = in_reading_order(app.env)
        total = sum(len(book_claims(app.env)[page]) for page in pages)
        claims, chapters = plural(total, "claim"), plural(len(pages), "chapter")
        count = nodes.paragraph("", f"{claims} in {chapters}, all checked in the last build.")
        mark.replace_self([count, *(chapter_section(app, page, here) for page in pages)])


def plural(count: int, noun: str) -> str:
    """Return the count with its noun."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the events that fill it."""
    app.add_node(claims_list)
    app.add_directive("claims", ClaimsDirective)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
