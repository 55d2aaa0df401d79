"""A file of wrong results that has no place in its chapter is refused before anything runs."""

from pathlib import Path

import nbformat
import pytest

from tools.chapters import BookError, Chapter
from tools.planted import planted_faults

CELLS = ["n = 2", "m = n + n", "xk.claim(\n    'even', m % 2 == 0)", "k = 5"]


@pytest.fixture
def chapter(tmp_path: Path) -> Chapter:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    return Chapter("one", tmp_path / "one.md", nbformat.v4.new_notebook(cells=cells))


def written(chapter: Chapter, text: str) -> Chapter:
    chapter.faults_file.write_text(text, encoding="utf-8")
    return chapter


def test_a_chapter_without_the_file_has_none(chapter):
    assert planted_faults(chapter) == []


def test_the_cells_from_the_change_to_the_claim(chapter):
    (fault,) = planted_faults(written(chapter, "- {claim: even, replace: n + n, by: n + 1}"))
    assert fault.sound == CELLS[1:3]
    assert fault.wrong == ["m = n + 1", CELLS[2]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "is no YAML"),
        ("claim: even", "must be a list, got dict"),
        ("- {claim: even, replace: n + n}", "must have"),
        (
            "- {claim: even, replace: n, by: 3}",
            "must stand once in the chapter's code, got 4 times",
        ),
        ("- {claim: even, replace: absent, by: 3}", "got 0 times"),
        ("- {claim: odd, replace: n + n, by: 3}", "no claim of this name"),
        ("- {claim: even, replace: k = 5, by: k = 6}", "no claim of this name"),
    ],
)
def test_a_fault_without_a_place_is_named(chapter, text, said):
    with pytest.raises(BookError, match=said.replace("+", r"\+")) as caught:
        planted_faults(written(chapter, text))
    assert str(chapter.faults_file) in str(caught.value)
