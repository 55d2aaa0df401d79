from __future__ import annotations

import json

import pytest

from xaikit.course.labs._source import read_source, split_code
from xaikit.course.labs._split import solved_notebook, student_notebook
from xaikit.labs import split

FUNCTION = """def f(x):
    # BEGIN SOLUTION
    y = 2 * x
    return y
    # END SOLUTION"""
VALUE = """# BEGIN SOLUTION
answer = {"a": 41}
# STUB
# answer = {
#     "a": ...,
# }
# END SOLUTION"""


def test_a_function_gets_a_stub_that_raises():
    solved, student = split_code(FUNCTION, "here")
    assert solved == "def f(x):\n    y = 2 * x\n    return y"
    assert student == 'def f(x):\n    raise NotImplementedError("Your answer goes here.")'


def test_a_value_gets_the_stub_it_says():
    solved, student = split_code(VALUE, "here")
    assert solved == 'answer = {"a": 41}'
    assert student == 'answer = {\n    "a": ...,\n}'


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("# BEGIN SOLUTION\nx = 1", "has no # END SOLUTION"),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "top level needs a # STUB part"),
        ("# END SOLUTION", "out of place"),
        ("# STUB", "out of place"),
        ("# BEGIN SOLUTION\n# BEGIN SOLUTION", "out of place"),
        ("# BEGIN SOLUTION\nx = 1\n# STUB\nx = 2\n# END SOLUTION", "each line of a stub"),
        ("x = 1", "needs a solution between"),
    ],
)
def test_markers_out_of_order_are_named(code, message):
    with pytest.raises(ValueError, match=f"here: .*{message}"):
        split_code(code, "here")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tags: [answer]\nquestion: q4\n", "tags: [answer]\n", "must say its question; got None"),
        ("tags: [answer]\nquestion: q4\n", "question: q4\n", "must stand in a cell tagged answer"),
        (
            "tags: [answer]\nquestion: q4\n",
            "tags: [answer]\nquestion: q5\n",
            "q5 is answered by two",
        ),
        ("title: Superfluous, and yet paid\n", "", "must say its title; got None"),
        ("mutant: a plain dummy\n", "", "must say its mutant; got None"),
        ("mutant: a plain dummy\nhint: dummy\n", "mutant: m\n", "must say its hint; got None"),
        (
            'hints:\n  - "The hour is compared with the hours in the background. With which hours '
            'does the mechanic compare?"\n  - When are most bikes on the road? Both nine in the '
            "morning and eight in the evening look quiet beside it.",
            "hints: think",
            "must give a list of hints; got 'think'",
        ),
    ],
)
def test_a_malformed_source_names_the_cell(lab_copy, old, new, message):
    with pytest.raises(ValueError, match=rf"lab\.md, cell \d+.*{message}"):
        read_source(lab_copy("lab.md", old, new))


def test_the_notebooks_are_the_same_each_time_and_name_no_version(lab_copy):
    folder = lab_copy("lab.md", "minutes. Each", "minutes. Each")
    texts = {student_notebook(read_source(folder)) for _ in range(2)}
    assert len(texts) == 1
    notebook = json.loads(texts.pop())
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])


def test_an_edit_leaves_the_names_of_the_other_cells_alone(lab_copy):
    def names(folder):
        return [cell["id"] for cell in json.loads(student_notebook(read_source(folder)))["cells"]]

    before = names(lab_copy("lab.md", "minutes. Each", "minutes. Each"))
    after = names(lab_copy("lab.md", "## Friday night", "## Friday evening"))
    assert len(set(before)) == len(before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_the_solved_notebook_differs_in_the_answers_only(lab_copy):
    source = read_source(lab_copy("lab.md", "minutes. Each", "minutes. Each"))
    student, solved = (
        {cell["id"]: cell["source"] for cell in json.loads(text)["cells"]}
        for text in (student_notebook(source), solved_notebook(source))
    )
    changed = {name for name in student if student[name] != solved[name]}
    assert changed == {f"q{number}-answer" for number in range(1, 9)}


def test_split_writes_once_and_then_finds_nothing_stale(lab_copy, tmp_path):
    labs = lab_copy("lab.md", "## Friday night", "## Friday evening").parent
    target = labs / "l03_shapley" / "lab.ipynb"
    committed = target.read_bytes()
    assert split(labs, check=True) == (target,)
    assert target.read_bytes() == committed
    assert split(labs) == (target,)
    assert b"Friday evening" in target.read_bytes()
    assert (tmp_path / "_build" / "labs" / "l03_shapley.ipynb").is_file()
    assert split(labs, check=True) == ()


def test_split_of_a_folder_without_labs_says_so(tmp_path):
    with pytest.raises(ValueError, match="labs must be a folder that holds labs; got"):
        split(tmp_path)
