"""Each way to spoil a lab is planted once, and must be found by what CI runs."""

from __future__ import annotations

import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

from xaikit.course.labs.__main__ import main
from xaikit.labs import lab_names, split, verify

pytestmark = pytest.mark.slow

DOOR = "    return coalitions.any(axis=1).astype(float)\n"
JUDGE_4 = "def q4_judge(value, seed):\n    reply = value if isinstance(value, dict) else {}\n"
MUTANT_6 = "question: q6\nmutant: everybody\n"

FAULTS = {
    "a judge that always passes": (
        "checks.py",
        JUDGE_4,
        'def q4_judge(value, seed):\n    return 2, "Fine."\n',
        ["q4, mutant 'a plain dummy', seed 3: loses no marks", "q4: the judge gives 2 points on"],
    ),
    "a judge that fails on odd replies": (
        "checks.py",
        JUDGE_4,
        JUDGE_4.replace("reply = value if isinstance(value, dict) else {}", "reply = value"),
        ["q4: the judge raises"],
    ),
    "a judge that gives no hint": (
        "checks.py",
        'return 0, "There is no drawing for each of the games.", case',
        'return 0, "", case',
        ["q8: the judge gives no hint on"],
    ),
    "a judge that holds for one seed": (
        "checks.py",
        "    right, mistakes = _mistakes_5(seed)\n",
        "    right, mistakes = _mistakes_5(3)\n",
        ["q5: the solution, seed 11, got"],
    ),
    "a hint without its word": (
        "checks.py",
        "But she is a dummy here: she adds",
        "But she adds",
        ["q4, mutant 'a plain dummy', seed 3: 'dummy' is not in"],
    ),
    "a stub that leaks": (
        "lab.md",
        "    # BEGIN SOLUTION\n    # Any one of the three opens the door: the second and the third "
        "add nothing.\n" + DOOR.replace("    return", "    return"),
        DOOR + "    # BEGIN SOLUTION\n    # Any one of the three opens the door.\n",
        ["q4: the stub got ✓ q4: Correct"],
    ),
    "prose that leaks": (
        "lab.md",
        "Refute it with an example of your own.",
        "Refute it:\n\n    return coalitions.any(axis=1).astype(float)",
        ["q4: the learner is shown 'return coalitions.any(axis=1).astype(float)'"],
    ),
    "a wrong answer that is shown": (
        "lab.md",
        "Refute it with an example of your own.",
        "This will not do:\n\n    return coalitions.all(axis=1).astype(float)",
        ["q4: the learner is shown 'return coalitions.all(axis=1).astype(float)' of mutant"],
    ),
    "a wrong solution": (
        "lab.md",
        '"violin": 43, "drum": 22, "voice": 55}\n# STUB',
        '"violin": 43, "drum": 23, "voice": 54}\n# STUB',
        ["q1: the solution, seed 3, got ✗ q1: Not right yet"],
    ),
    "a solution that stops": (
        "lab.md",
        '    return hours[hours["hour"].isin([17, 18])]\n    # END',
        '    return hours[hours["Hour"].isin([17, 18])]\n    # END',
        ["q6: the solution, seed 3, got ! q6: Your code stopped"],
    ),
    "a notebook that stops unsolved": (
        "lab.md",
        '```{code-cell} python\nlab.check("q2")\n```',
        '```{code-cell} python\nlab.check("q2")\nshapley(friday, 3)\n```',
        ["the unsolved notebook stops: NotImplementedError"],
    ),
    "a question without its check": (
        "lab.md",
        'lab.check("q6")',
        'lab.hint("q6")',
        ['q6: no cell after the answer runs lab.check("q6")'],
    ),
    "a question without enough wrong answers": (
        "lab.md",
        MUTANT_6,
        MUTANT_6.replace("q6", "q5"),
        ["q5, mutant 'everybody', seed 3:"],
    ),
    "a question without points": (
        "checks.py",
        '"q7": 2, "q8": 2}',
        '"q7": 2}',
        ["q8: an entry in POINTS is missing"],
    ),
    "points without a question": (
        "checks.py",
        '"q7": 2, "q8": 2}',
        '"q7": 2, "q8": 2, "q9": 1}\nq9_probe = q9_judge = print',
        ["q9: an answer cell is missing"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", lab_names())
def test_the_labs_of_the_course_have_no_problem(repository, name):
    assert verify(repository / "labs" / name) == ()


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found(lab_copy, name):
    file, old, new, expected = FAULTS[name]
    folder = lab_copy(file, old, new)
    split(folder.parent)
    problems = verify(folder)
    assert problems
    for start in expected:
        assert any(p.startswith(f"l03_shapley: {start}") for p in problems), problems


def test_a_stale_notebook_is_found(lab_copy, capsys):
    folder = lab_copy("lab.md", "## Friday night", "## Friday evening")
    expected = "l03_shapley: lab.ipynb is stale: run python -m xaikit.labs split labs"
    assert verify(folder) == (expected,)
    assert main(["split", "--check", str(folder.parent)]) == 1
    assert "stale: " in capsys.readouterr().out
    assert main(["split", str(folder.parent)]) == 0
    assert main(["split", "--check", str(folder.parent)]) == 0
    assert verify(folder) == ()


def test_one_wrong_answer_is_too_few(lab_copy):
    folder = lab_copy("lab.md", MUTANT_6, MUTANT_6.replace("q6", "q5"))
    text = (folder / "lab.md").read_text(encoding="utf-8")
    # One is left, the last.
    text = text.replace("question: q6\nmutant: ", "question: q5\nmutant: ")
    text = text.replace("question: q5\nmutant: a background", "question: q6\nmutant: a background")
    (folder / "lab.md").write_text(text, encoding="utf-8")
    assert "l03_shapley: q6: fewer than two wrong answers (mutants)" in verify(folder)


def test_the_command_fails_on_a_problem_and_names_it(lab_copy, capsys):
    folder = lab_copy("checks.py", "But she is a dummy here: she adds", "But she adds")
    assert main(["verify", str(folder.parent)]) == 1
    shown = capsys.readouterr().out
    assert "q4, mutant 'a plain dummy'" in shown
    assert "1 labs, 3 problems" in shown


def test_the_command_reports_a_malformed_source(lab_copy, capsys):
    folder = lab_copy("lab.md", "title: Superfluous, and yet paid\n", "")
    assert main(["split", str(folder.parent)]) == 1
    assert "must say its title" in capsys.readouterr().out


def test_a_missing_judge_is_named(lab_copy):
    with pytest.raises(ValueError, match=r"l03_shapley/checks\.py must define q5_judge"):
        verify(lab_copy("checks.py", "def q5_judge(", "def q5_jugde("))


def test_missing_checks_are_named(lab_copy):
    folder = lab_copy("lab.md", "## Friday night", "## Friday night")
    (folder / "checks.py").unlink()
    with pytest.raises(FileNotFoundError, match=r"l03_shapley/checks\.py is missing"):
        verify(folder)


def test_verify_leaves_nothing_where_it_runs(lab_copy, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    mine = plt.figure().number
    verify(lab_copy("lab.md", "## Friday night", "## Friday night"))
    assert list(here.iterdir()) == []
    assert plt.get_fignums() == [mine]
    plt.close(mine)


def test_the_module_runs_from_the_command_line(repository, lab_copy):
    def check(labs):
        command = [sys.executable, "-m", "xaikit.labs", "split", "--check", labs]
        run = subprocess.run(command, cwd=repository, capture_output=True, text=True)
        return run.returncode, run.stdout, run.stderr

    assert check("labs") == (0, "", "")
    # A module without a command would be silent here too.
    stale = lab_copy("lab.md", "## Friday night", "## Friday evening")
    code, said, _ = check(stale.parent)
    assert code == 1
    assert f"stale: {stale / 'lab.ipynb'}" in said
