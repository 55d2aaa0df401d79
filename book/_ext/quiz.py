"""Render the quiz beside a chapter, and refuse one that is malformed.

``{quiz}`` reads ``<page>.quiz.yml``. Without JavaScript each question is followed by its
answer and reasons, folded away; ``book/_live/quiz.js`` makes it answer one choice at a time.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from elements import element, script, text_of
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SCHEMA = json.loads(Path(__file__).with_name("quiz.schema.json").read_text(encoding="utf-8"))

Question = dict[str, Any]


class QuizError(ValueError):
    """A quiz that cannot be shown: says which file, which question, and what is wrong."""


def read_quiz(path: Path, page: str) -> list[Question]:
    """Return the questions of a page's quiz; raise QuizError if it is malformed."""
    try:
        quiz = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QuizError(f"{path.name}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise QuizError(f"{path.name}: is no UTF-8: {error.reason}") from None
    except yaml.YAMLError as error:
        raise QuizError(f"{path.name}: is no YAML: {' '.join(str(error).split())}") from None
    errors = sorted(Draft202012Validator(SCHEMA).iter_errors(quiz), key=lambda e: list(e.path))
    if errors:
        raise QuizError(f"{path.name}: {_words(errors[0], quiz)}")
    if quiz["chapter"] != page:
        raise QuizError(f"{path.name}: chapter must be {page!r}, got {quiz['chapter']!r}")
    questions: list[Question] = quiz["questions"]
    twice = [name for name, n in Counter(q["id"] for q in questions).items() if n > 1]
    if twice:
        raise QuizError(f"{path.name}: question {twice[0]!r} occurs twice")
    for question in questions:
        texts = Counter(option["text"] for option in question["options"])
        if texts.most_common(1)[0][1] > 1:
            raise QuizError(f"{path.name}: question {question['id']!r}: two options are the same")
    return questions


def _words(error: ValidationError, quiz: Any) -> str:
    """Say where in the quiz the error is, by the question's own name, and what it is."""
    path = list(error.absolute_path)
    where = "the file"
    if path[:1] == ["questions"] and len(path) > 1:
        question = quiz["questions"][path[1]]
        name = question.get("id") if isinstance(question, dict) else None
        where = f"question {name!r}" if name else f"question {int(path[1]) + 1}"
        rest = "".join(
            f", {part}" if isinstance(part, str) else f" {part + 1}" for part in path[2:]
        )
        where += rest
    if error.validator in ("contains", "minContains", "maxContains"):
        options = [option for option in error.instance if isinstance(option, dict)]
        right = sum(option.get("correct") is True for option in options)
        return f"{where}: exactly one option must be correct; {right} are"
    return f"{where}: {error.message}"


class QuizDirective(SphinxDirective):
    """``{quiz}``: the questions of ``<page>.quiz.yml``."""

    def run(self) -> list[nodes.Node]:
        """Read the file and return the questions."""
        page = self.env.docname
        path = Path(self.env.doc2path(page)).with_suffix(".quiz.yml")
        self.env.note_dependency(str(path))
        try:
            questions = read_quiz(path, page)
        except QuizError as error:
            raise self.error(str(error)) from None
        asked = [self._question(n, q) for n, q in enumerate(questions, start=1)]
        quiz = element("div", *asked, class_="xk-quiz", data_quiz=page)
        return [quiz, script("quiz", page)]

    def _question(self, number: int, question: Question) -> nodes.Element:
        name = f"quiz-{question['id']}"
        options = [
            self._option(f"{name}-{n}", name, option)
            for n, option in enumerate(question["options"], start=1)
        ]
        reasons = [self._reason(option) for option in question["options"]]
        answer = element(
            "details",
            element("summary", nodes.Text("Answer and reasons")),
            element("ul", *reasons),
            class_="xk-answer",
        )
        legend = element(
            "legend",
            element("span", nodes.Text(f"{number}. "), inline=True, class_="xk-number"),
            *text_of(self, question["question"]),
        )
        fields = element("fieldset", legend, *options)
        return element("div", fields, answer, class_="xk-question", data_question=question["id"])

    def _option(self, name: str, group: str, option: dict[str, Any]) -> nodes.Element:
        button = element("input", type="radio", id=name, name=group, inline=True)
        label = element("label", *text_of(self, option["text"]), inline=True, for_=name)
        return element("div", button, label, class_="xk-option")

    def _reason(self, option: dict[str, Any]) -> nodes.Element:
        right = bool(option["correct"])
        return element(
            "li",
            element("strong", nodes.Text("Right: " if right else "Wrong: "), inline=True),
            element("span", *text_of(self, option["text"]), inline=True, class_="xk-said"),
            element("div", *text_of(self, option["reason"]), class_="xk-reason"),
            data_right="yes" if right else "no",
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.setup_extension("elements")
    app.add_directive("quiz", QuizDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
