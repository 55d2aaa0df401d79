"""List every claim of the book, with its evidence and a link to where it stands.

``xk.claim`` leaves a ``<div class="xk-claim">`` in the output of its cell, with the name of a
sentence in the prose. As the chapters are read, ``checked.py`` joins the two and keeps them
here; the ``{claims}`` directive lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from minus import with_minus
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective


@dataclass(frozen=True)
class Claim:
    """The name of a sentence that the run asserted, and what it rests on."""

    name: str
    evidence: str
    line: int | None


@dataclass(frozen=True)
class MadeClaim:
    """A claim, the output that it left on its page, and the cell that made it."""

    claim: Claim
    output: nodes.Element
    cell: nodes.Element | None


class claims_list(nodes.General, nodes.Element):
    """The place where the list of claims is put once every chapter is read."""


class ClaimsDirective(SphinxDirective):
    """``{claims}``: every claim of the book, grouped by chapter."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark; the list is made when all chapters are known."""
        NbMetadataCollector.set_doc_data(self.env, self.env.docname, "xk_claims", True)
        return [claims_list()]


def claims_made(document: nodes.document) -> Iterator[MadeClaim]:
    """Yield the claims in the outputs of a page, in the order of the page."""
    for raw in document.findall(nodes.raw):
        if "xk-claim" not in raw.astext():
            continue
        output = around(raw, "mime_bundle") or raw
        for tag in BeautifulSoup(raw.astext(), "html.parser").select(".xk-claim"):
            found = tag.select_one(".xk-claim-evidence")
            evidence = with_minus(found.get_text().strip()) if found else ""
            claim = Claim(
                # In a lab a claim may have its sentence in place of a name.
                name=str(tag.get("data-name") or tag["data-text"]),
                evidence=evidence or "Asserted by the code, without figures",
                line=raw.line or (raw.parent.line if raw.parent else None),
            )
            yield MadeClaim(claim, output, around(raw, "cell_code"))


def around(node: nodes.Node, part: str) -> nodes.Element | None:
    """Return the part of a notebook, by myst-nb's name for it, that a node stands in."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.Element) and node.get("nb_element") == part:
            return node
    return None


def book_claims(env: BuildEnvironment) -> dict[str, list[Claim]]:
    """Return the claims of the book by page name, kept in the environment."""
    if not hasattr(env, "xk_claims"):
        env.xk_claims = {}  # type: ignore[attr-defined]  # Sphinx extensions keep data here
    claims: dict[str, list[Claim]] = env.xk_claims  # type: ignore[attr-defined]  # as above
    return claims


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


def claim_item(uri: str, sentence: list[nodes.Node], evidence: str) -> nodes.list_item:
    """Return one claim as an item: the sentence, linked to its place, and the evidence."""
    item = nodes.paragraph()
    item += nodes.reference("", "", *sentence, refuri=uri, internal=True)
    item += nodes.Text(" ")
    item += nodes.inline("", evidence, classes=["xk-claim-evidence"])
    return nodes.list_item("", item)


def checked_spans(document: nodes.document) -> list[nodes.inline]:
    """Return the sentences of a page that are marked as checked, in its order."""
    return [span for span in document.findall(nodes.inline) if "checked" in span["classes"]]


def sentences_as_they_stand(app: Sphinx, page: str) -> dict[str, list[nodes.Node]]:
    """Return the checked sentences of a page by name: numbers and formulas, but no links."""
    # Only these are resolved, as part of their page, and not all of its text and code again.
    document = app.env.get_doctree(page)
    alone = document.copy()
    alone += [span.deepcopy() for span in checked_spans(document) if span["names"]]
    app.env.resolve_references(alone, page, app.builder)
    sentences = {}
    for span in checked_spans(alone):
        sentences[span["names"][0]] = span.children
        for link in list(span.findall(nodes.reference)):
            link.replace_self(link.children)
        for part in span.findall(nodes.Element):
            part["ids"] = []
    return sentences


def chapter_section(app: Sphinx, page: str, here: str) -> nodes.section:
    """Return the claims of one chapter under its title."""
    found = book_claims(app.env)[page]
    start = app.builder.get_relative_uri(here, page)
    section = nodes.section(ids=[nodes.make_id(f"claims-{page}")])
    section += nodes.title("", app.env.titles[page].astext())
    items = nodes.enumerated_list(classes=["xk-claims"])
    sentences = sentences_as_they_stand(app, page)
    for claim in found:
        items += claim_item(f"{start}#{claim.name}", sentences[claim.name], claim.evidence)
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
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", pages_to_write)
    app.connect("doctree-resolved", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
