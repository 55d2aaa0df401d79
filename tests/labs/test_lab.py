from __future__ import annotations

import json

import pytest

import xaikit as xk
from xaikit.course.labs._outcome import Note, Outcome, panel

RIGHT = 'settled = {"violin": 43, "drum": 22, "voice": 55}'


def test_a_right_answer(notebook):
    names = notebook(RIGHT + '\nout = lab.check("q1")')
    assert names["out"].status == "correct"
    assert repr(names["out"]).startswith("✓ q1: Correct (2 of 2 points)\n")


def test_a_wrong_answer_meets_the_hint_for_its_mistake(notebook):
    names = notebook('settled = dict(violin=40, drum=40, voice=40)\nout = lab.check("q1")')
    assert names["out"].status == "wrong"
    assert "Equal parts" in repr(names["out"])


def test_a_partly_right_answer_gets_a_part_of_the_points(notebook):
    names = notebook("""
predicted = {"all three together": 132, "porter": 0, "second violin": 25,
             "voice, float 20": 55, "voice, doubled": 110, "voice, both nights": 86}
out = lab.check("q3")""")
    assert names["out"].status == "partly"
    assert names["out"].points == 2.5
    assert "Efficiency" in names["out"].message
    assert "dummy" not in names["out"].message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "There is no `shapley` yet"),
        ("def shapley(game, n_players):\n    raise NotImplementedError", "NotImplementedError"),
        ("def shapley(game, n_players):\n    return ...", "placeholder `...`"),
    ],
)
def test_not_answered_yet_is_calm_and_no_try(notebook, tmp_path, code, words):
    names = notebook(code + '\nout = lab.check("q2")')
    assert names["out"].status == "unanswered"
    assert words in repr(names["out"])
    assert "points" not in repr(names["out"])
    assert not (tmp_path / ".progress.json").exists()


def test_an_error_shows_the_learners_line(notebook):
    notebook("def helper(game):\n    shares = [1, 2]\n    return shares[game]\n")
    names = notebook("def shapley(game, n_players):\n    return helper(9)\nout = lab.check('q2')")
    out = names["out"]
    assert out.status == "error"
    assert out.code == "return shares[game]"
    assert "In your `helper`, line 3 of its cell:" in out.message
    assert "IndexError" in out.message
    assert "checks.py" not in repr(out)


def test_an_error_inside_a_library_shows_the_learners_line(notebook):
    names = notebook(
        "def shapley(game, n_players):\n    return game(np.zeros(3))\nout = lab.check('q2')"
    )
    assert names["out"].code == "return game(np.zeros(3))"
    assert "one coalition a row" in names["out"].message


def test_an_answer_that_is_no_function(notebook):
    names = notebook("shapley = 3\nout = lab.check('q2')")
    assert names["out"].status == "error"
    assert "'int' object is not callable" in names["out"].message


def test_an_interrupt_is_not_swallowed(notebook):
    with pytest.raises(KeyboardInterrupt):
        notebook("def shapley(game, n):\n    raise KeyboardInterrupt\nlab.check('q2')")


def test_the_check_looks_in_the_callers_names(notebook):
    names = notebook(RIGHT + '\ndef inside():\n    return lab.check("q1")\nout = inside()')
    assert names["out"].status == "correct"


def test_hints_go_one_step_further_each_time(notebook):
    names = notebook("outs = [lab.hint('q1') for _ in range(4)]")
    headings = [note.heading for note in names["outs"]]
    assert [heading.split(",")[0] for heading in headings] == [
        "q1: hint 1 of 3",
        "q1: hint 2 of 3",
        "q1: hint 3 of 3",
        "q1: hint 3 of 3",
    ]
    assert len({note.message for note in names["outs"]}) == 3


def test_the_solution_opens_after_a_try(notebook):
    names = notebook("""
before = lab.solution("q4")
unanswered = lab.check("q4")
still = lab.solution("q4")
def spare(coalitions):
    return coalitions.all(axis=1)
lab.check("q4")
after = lab.solution("q4")""")
    assert "try it first" in names["before"].heading
    assert names["before"].code == names["still"].code == ""
    assert "coalitions.any(axis=1)" in names["after"].code
    assert "SOLUTION" not in names["after"].code


def test_progress_survives_a_restart_and_keeps_the_best(notebook):
    notebook(RIGHT + '\nlab.check("q1"); lab.hint("q1")\nsettled = {}\nlab.check("q1")')
    names = notebook("lab = xk.labs.open('l03_shapley')\ntable = lab.progress()")
    table = names["table"]
    assert (table.points, table.max_points) == (2, 18)
    assert (table.rows[0].tries, table.rows[1].tries) == (2, 0)
    assert repr(table).splitlines()[:2] == [
        "l03_shapley: 2 of 18 points",
        "[##------------------]",
    ]
    assert '<progress value="2.0" max="18" aria-label="l03_shapley: 2 of 18 points">' in (
        table._repr_html_()
    )
    assert "hint 2 of 3" in repr(notebook("again = lab.hint('q1')")["again"])


def test_a_damaged_progress_file_is_set_aside_and_told(notebook, tmp_path):
    (tmp_path / ".progress.json").write_text("{not json", encoding="utf-8")
    names = notebook("""
lab = xk.labs.open("l03_shapley")
out = lab.check("q1")
later = lab.check("q1")""")
    assert "kept as `.progress.set-aside-1.json`" in repr(names["out"])
    assert "set-aside" not in repr(names["later"])
    assert (tmp_path / ".progress.set-aside-1.json").read_text(encoding="utf-8") == "{not json"


def test_the_same_words_in_html_and_in_text(notebook):
    import html
    import re

    names = notebook("settled = {}\nout = lab.check('q1')")
    shown = html.unescape(re.sub(r"<[^>]+>", " ", names["out"]._repr_html_()))
    words = [word for word in re.split(r"[\s`]+", repr(names["out"])) if word]
    assert [word for word in shown.split() if word] == words


def test_html_is_escaped_announced_and_says_more_than_a_colour():
    text = Outcome("q1", "error", 0, 2, "<script>alert(1)</script> `a<b`", "<img src=x>")
    page = text._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert "<code>a&lt;b</code>" in page
    assert 'role="status"' in page
    assert "Your code stopped" in page
    assert '<span aria-hidden="true">!</span>' in page
    assert "&lt;i&gt;" in Note("<i>", "m")._repr_html_()


def _contrast(one: str, two: str) -> float:
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("status", ["correct", "partly", "wrong", "unanswered", "error", "note"])
def test_the_edge_is_seen_in_light_and_dark_and_the_text_keeps_its_colour(status):
    style = panel(status, "h", "m").split('style="')[1].split('"')[0]
    edge = style.split("solid ")[1].split(";")[0]
    assert _contrast(edge, "#ffffff") >= 3
    assert _contrast(edge, "#111111") >= 3
    assert ";color:" not in style
    assert "background" not in style


@pytest.mark.parametrize("call", ["check", "hint", "solution"])
@pytest.mark.parametrize("question", ["q9", "", None, 1])
def test_an_unknown_question_names_those_there_are(notebook, call, question):
    with pytest.raises(ValueError, match=r"question must be one of q1, q2.* in l03_shapley; got"):
        notebook(f"lab.{call}({question!r})")


@pytest.mark.parametrize("name", ["l99", "../labs/l03_shapley", "", None])
def test_an_unknown_lab_names_those_there_are(name):
    with pytest.raises(ValueError, match=r"name must be one of the labs .*l03_shapley.*; got"):
        xk.labs.open(name)


def test_the_progress_file_is_plain_and_small(notebook, tmp_path):
    notebook(RIGHT + '\nlab.check("q1")')
    content = json.loads((tmp_path / ".progress.json").read_text(encoding="utf-8"))
    assert content["labs"] == {"l03_shapley": {"q1": {"hints": 0, "points": 2, "tries": 1}}}
