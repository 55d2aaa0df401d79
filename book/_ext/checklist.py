"""The ``{checklist}`` directive: the questions of ``xaikit.checklist`` as a form.

It works without JavaScript: the form can be read, filled in and printed. Its controls have
names (the ids of the questions) by which ``book/_live/checklist.js`` finds them; with the
rules of the verdict, which the form brings along, it keeps, judges and saves the answers.

Options: ``:open:`` shows the details of each question, as a printed page needs them;
``:level:`` takes one level only, which has no verdict of its own.
"""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from elements import script
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from xaikit import checklist
from xaikit.checklist import Question
from xaikit.checklist._read import SHIPPED


def raw(text: str) -> nodes.raw:
    """Return markup as it stands."""
    return nodes.raw("", text, format="html")


def sentence(label: str, text: str) -> nodes.paragraph:
    """Return a paragraph that begins with its label."""
    return nodes.paragraph("", "", nodes.strong("", label), nodes.Text(f" {text}"))


class ChecklistDirective(SphinxDirective):
    """``{checklist}``: the list that comes with the package, as a form."""

    option_spec: ClassVar = {
        "open": directives.flag,
        "level": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Return the form: a fieldset for each question, by level."""
        ours = checklist.load()
        wanted = self.options.get("level")
        levels = list(dict.fromkeys(q.level for q in ours.questions))
        if wanted is not None and wanted not in levels:
            raise self.error(f"level must be one of {', '.join(levels)}; got {wanted!r}.")
        self.env.note_dependency(str(checklist.__file__))
        self.env.note_dependency(str(SHIPPED))
        rules = json.dumps([asdict(rule) for rule in ours.rules])
        judged = "" if wanted else f' data-rules="{html.escape(rules)}"'
        # A form of this method goes nowhere when somebody presses Enter.
        found: list[nodes.Node] = [
            raw(
                f'<form class="xk-checklist" method="dialog" autocomplete="off" '
                f'data-title="{html.escape(ours.title)}" data-version="{ours.version}"{judged}>'
            )
        ]
        for level in [wanted] if wanted else levels:
            found.append(nodes.rubric("", level.capitalize(), classes=["xk-level"]))
            for number, question in enumerate(ours.questions, 1):
                if question.level == level:
                    found += self.fieldset(number, question)
        found.append(raw("</form>"))
        return found if wanted else [*found, script("checklist", self.env.docname)]

    def fieldset(self, number: int, question: Question) -> list[nodes.Node]:
        """Return one question with its controls and its details."""
        blocking = str(question.blocking).lower()
        required = str(question.evidence_required).lower()
        mark = ' <span class="xk-blocking">blocking</span>' if question.blocking else ""
        choices = "".join(
            f'<label><input type="radio" name="{question.id}" value="{answer}"> '
            f"{answer.capitalize()}</label>"
            for answer in question.answers
        )
        head = (
            f'<fieldset class="xk-check" id="question-{question.id}" '
            f'data-id="{question.id}" data-level="{question.level}" '
            f'data-blocking="{blocking}" data-evidence-required="{required}">'
            f'<legend>{number}. <span class="xk-asked">{html.escape(question.question)}</span>'
            f"{mark}</legend>"
            f'<div class="xk-choices">{choices}</div>'
            f'<label class="xk-evidence">Evidence<strong class="xk-missing" hidden> is missing: '
            f"without it this answer does not count</strong>"
            f'<textarea name="evidence-{question.id}" rows="2" maxlength="2000"></textarea></label>'
            f"<details{' open' if 'open' in self.options else ''}>"
            f"<summary>Why, what evidence, what counts</summary>"
        )
        details: list[nodes.Node] = [
            sentence("Why.", question.why),
            sentence("Evidence.", question.evidence),
        ]
        details += [
            sentence(f"{answer.capitalize()}:", text) for answer, text in question.answers.items()
        ]
        return [raw(head), *details, *self.help(question), raw("</details></fieldset>")]

    def help(self, question: Question) -> list[nodes.Node]:
        """Return where to read on: the chapter, if it is in the book, and the sources."""
        line = nodes.paragraph(classes=["xk-sources"])
        if question.chapter in self.env.found_docs and question.chapter != self.env.docname:
            line += [nodes.strong("", "Helps:"), nodes.Text(" ")]
            target = addnodes.pending_xref(
                "",
                nodes.inline("", question.chapter),
                refdomain="std",
                reftype="doc",
                refdoc=self.env.docname,
                reftarget=f"/{question.chapter}",
                refexplicit=False,
                refwarn=True,
            )
            line += [target, nodes.Text(". ")]
        if question.sources:
            line += [nodes.strong("", "Sources:"), nodes.Text(" ")]
        for position, source in enumerate(question.sources):
            line += nodes.Text("; " if position else "")
            uri = f"https://doi.org/{source.doi}"
            text = nodes.Text(source.text)
            line += nodes.reference("", "", text, refuri=uri) if source.doi else text
        return [line] if line.children else []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.setup_extension("elements")
    app.add_directive("checklist", ChecklistDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
