"""The ``{checklist}`` directive: the questions of ``xaikit.checklist`` as a form.

It works without JavaScript: the form can be read, filled in and printed. Its controls have
names (the ids of the questions) by which ``book/_live/checklist.js`` finds them; with the
rules of verdict and evidence, which the form brings along, it keeps, judges and saves what
is filled in, and shows the questions of one variant only.

Option: ``:open:`` shows the details of each question, as a printed page needs them.
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
from xaikit.checklist import Law, Question, Variant
from xaikit.checklist._read import SHIPPED
from xaikit.checklist._record import ACTION, RECORD

WORDS = ("unfinished", "placeholders", "references")  # the lists of a rule of evidence
TYPES = {"owner": "text", "due": "date"}


def raw(text: str) -> nodes.raw:
    """Return markup as it stands."""
    return nodes.raw("", text, format="html")


def sentence(label: str, text: str) -> nodes.paragraph:
    """Return a paragraph that begins with its label."""
    return nodes.paragraph("", "", nodes.strong("", label), nodes.Text(f" {text}"))


def control(tag: str, name: str, label: str, hint: str = "", **attributes: str) -> str:
    """Return a field with its label."""
    if attributes.get("type") != "date":
        attributes["maxlength"] = "2000"
    said = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    small = f" <small>{html.escape(hint)}</small>" if hint else ""
    end = f"</{tag}>" if tag == "textarea" else ""
    return f'<label>{label}{small}<{tag} name="{name}"{said}>{end}</label>'


def record_fields(variants: tuple[Variant, ...]) -> str:
    """Return the fields that say what is judged, and for what use."""
    fields = "".join(
        control(
            "input",
            f"record-{field}",
            field.capitalize(),
            hint,
            type="date" if field == "date" else "text",
            **{"data-record": field},
        )
        for field, hint in RECORD.items()
    )
    options = "".join(f'<option value="{v.id}">{html.escape(v.title)}</option>' for v in variants)
    return (
        f'<fieldset class="xk-record"><legend>What is judged</legend>{fields}<label>Use '
        f"<small>adds its questions and its law</small>"
        f'<select name="variant"><option value="">Any other</option>{options}</select></label>'
        f"</fieldset>"
    )


def law(entry: Law) -> nodes.raw:
    """Return what one law says, and since when, in parts that the report is made from."""
    text, says, applies = map(html.escape, (entry.text, entry.says, entry.applies))
    return raw(f'<p class="xk-law"><b>{text}</b>: <span>{says}</span> (<i>{applies}</i>)</p>')


class ChecklistDirective(SphinxDirective):
    """``{checklist}``: the list that comes with the package, as a form."""

    option_spec: ClassVar = {"open": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return the form: the record, a fieldset for each question by level, the variants."""
        ours = checklist.load()
        self.env.note_dependency(str(checklist.__file__))
        self.env.note_dependency(str(SHIPPED))
        rule = ours.evidence
        brought = {
            "rules": [asdict(rule) for rule in ours.rules],
            "evidence": {
                "least": rule.least,
                "wanted": rule.wanted,
                "refused": dict(rule.refused),
                **{name: sorted(getattr(rule, name)) for name in WORDS},
            },
        }
        # A form of this method goes nowhere when somebody presses Enter.
        found: list[nodes.Node] = [
            raw(
                f'<form class="xk-checklist" method="dialog" autocomplete="off" '
                f'data-title="{html.escape(ours.title)}" data-version="{ours.version}" '
                f'data-list="{html.escape(json.dumps(brought))}">{record_fields(ours.variants)}'
            )
        ]
        number = 0
        for level in dict.fromkeys(q.level for q in ours.questions):
            found.append(nodes.rubric("", level.capitalize(), classes=["xk-level"]))
            for question in ours.questions:
                if question.level == level:
                    number += 1
                    found += self.fieldset(number, question)
        for variant in ours.variants:
            found.append(raw(f'<div class="xk-variant" data-variant="{variant.id}">'))
            found.append(nodes.rubric("", variant.title, classes=["xk-level"]))
            more = [q for q in checklist.load(variant=variant.id).questions if q.variant]
            # One variant is shown at a time: each counts on from the questions of all.
            for place, question in enumerate(more, number + 1):
                found += self.fieldset(place, question)
            found.append(nodes.paragraph("", "", nodes.strong("", "The law")))
            found += [law(entry) for entry in variant.law]
            found.append(raw("</div>"))
        return [*found, raw("</form>"), script("checklist", self.env.docname)]

    def fieldset(self, number: int, question: Question) -> list[nodes.Node]:
        """Return one question with its controls and its details."""
        id, blocking = question.id, str(question.blocking).lower()
        required = str(question.evidence_required).lower()
        variant = f' data-variant="{question.variant}"' if question.variant else ""
        mark = ' <span class="xk-blocking">blocking</span>' if question.blocking else ""
        choices = "".join(
            f'<label><input type="radio" name="{id}" value="{answer}" '
            f'data-means="{html.escape(meaning)}"> {answer.capitalize()}</label>'
            for answer, meaning in question.answers.items()
        )
        actions = "".join(
            control(
                "textarea" if field == "condition" else "input",
                f"{field}-{id}",
                field.capitalize(),
                hint,
                **({"rows": "2"} if field == "condition" else {"type": TYPES[field]}),
                **{"data-action": field},
            )
            for field, hint in ACTION.items()
            if field != "condition" or question.blocking
        )
        head = (
            f'<fieldset class="xk-check" id="question-{id}" '
            f'data-id="{id}" data-level="{question.level}"{variant} '
            f'data-blocking="{blocking}" data-evidence-required="{required}">'
            f'<legend>{number}. <span class="xk-asked">{html.escape(question.question)}</span>'
            f"{mark}</legend>"
            f'<div class="xk-choices">{choices}</div>'
            f'<p class="xk-means" hidden></p>'
            f'<label class="xk-evidence">Evidence<textarea name="evidence-{id}" rows="2" '
            f'maxlength="2000" aria-describedby="missing-{id}"></textarea></label>'
            f'<p class="xk-missing" id="missing-{id}" hidden></p>'
            f'<div class="xk-action">{actions}</div><p class="xk-lacks" hidden></p>'
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
