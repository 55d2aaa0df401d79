"""A claim is silent or shown when it holds, and stops the run when it does not."""

import hashlib
import pickle
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from xaikit.course._evidence import format_evidence
from xaikit.course.claim import FalseClaim, claim


class Page(HTMLParser):
    """The tags of a claim, in order, and the text a screen reader speaks."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.spoken, self._hidden = [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._hidden.append(dict(attrs).get("aria-hidden") == "true")

    def handle_endtag(self, tag):
        self._hidden.pop()

    def handle_data(self, data):
        if not any(self._hidden):
            self.spoken += data


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """An IPython of its own, gone when the test is over."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.clear_instance()
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


def shown(shell, text, evidence=None):
    shell.user_ns.update(xk_claim=claim, text=text, evidence=evidence)
    with capture_output() as captured:
        result = shell.run_cell("xk_claim(text, True, evidence)\nafterwards = 1")
    assert result.success
    assert result.result is None
    (output,) = captured.outputs
    return output.data


def test_a_true_claim_returns_nothing():
    assert claim("Two is even", 2 % 2 == 0) is None
    assert claim("Two is even", np.bool_(True), evidence=2) is None


def test_outside_ipython_a_claim_is_silent_and_imports_nothing():
    code = (
        "import sys; from xaikit.course.claim import claim; "
        "claim('Two is even', True, evidence=2); "
        "sys.exit('IPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("false", [False, np.bool_(False)])
def test_a_false_claim_stops_the_run_with_text_and_evidence(false):
    with pytest.raises(FalseClaim) as raised:
        claim("The slope is positive", false, evidence={"slope": -0.25})
    assert str(raised.value) == "False claim: The slope is positive\nEvidence: slope -0.25"
    assert (raised.value.text, raised.value.evidence) == ("The slope is positive", "slope -0.25")
    assert isinstance(raised.value, AssertionError)


def test_a_false_claim_survives_the_way_from_another_process():
    error = pickle.loads(pickle.dumps(FalseClaim("text", "evidence")))
    assert str(error) == "False claim: text\nEvidence: evidence"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("text", np.array([True, True])), TypeError, "holds must be a single bool.*ndarray"),
        (("text", np.array(True)), TypeError, "holds must be a single bool.*ndarray"),
        (("text", pd.Series([True])), TypeError, "holds must be a single bool.*Series"),
        (("text", "False"), TypeError, "holds must be a single bool.*str"),
        (("text", 1), TypeError, "holds must be a single bool.*int"),
        (("text", None), TypeError, "holds must be a single bool.*NoneType"),
        (("text", pd.NA), TypeError, "holds must be a single bool.*NAType"),
        ((True, "text"), TypeError, "text must be a str; got bool"),
        (("", True), ValueError, "text must say something"),
        ((" \n", True), ValueError, "text must say something"),
        (("text", True, object()), TypeError, "evidence must be text.*got object"),
        (("text", True, {"a": [object()]}), TypeError, "evidence must be text.*got object"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        claim(*arguments)


def test_in_ipython_a_claim_is_displayed_mid_cell(shell):
    data = shown(shell, "Mean radius is strongest", {"mean radius": 0.12345})
    assert data["text/plain"] == "Checked: Mean radius is strongest [mean radius 0.1235]"
    page = Page(data["text/html"])
    digest = hashlib.sha256(b"Mean radius is strongest").hexdigest()[:10]
    tag, attributes = page.tags[0]
    assert (tag, attributes["class"], attributes["id"]) == ("div", "xk-claim", f"claim-{digest}")
    assert attributes["data-text"] == "Mean radius is strongest"
    spoken = " ".join(page.spoken.split())
    assert spoken == "Checked: Mean radius is strongest mean radius 0.1235"
    assert {"xk-claim-text", "xk-claim-evidence"} <= {a.get("class") for _, a in page.tags}
    assert not any("style" in a for _, a in page.tags)


@pytest.mark.parametrize("name", ["declines-105", "a-b", "half-of-31-differ"])
def test_a_name_is_shown_with_its_evidence_and_told_to_the_build(shell, name):
    data = shown(shell, name, evidence="probability 0.31")
    assert data["text/plain"] == f"Checked: {name} [probability 0.31]"
    page = Page(data["text/html"])
    assert page.tags[0] == ("div", {"class": "xk-claim", "data-name": name})
    assert " ".join(page.spoken.split()) == f"Checked: {name} probability 0.31"


@pytest.mark.parametrize(
    "text", ["declined", "Declines-105", "declines_105", "105-declined", "a--b", "a-", "it is-so"]
)
def test_what_is_no_name_is_a_sentence(shell, text):
    _, attributes = Page(shown(shell, text)["text/html"]).tags[0]
    assert attributes["data-text"] == text
    assert "data-name" not in attributes


def test_a_false_claim_by_name_stops_the_run_with_it():
    with pytest.raises(FalseClaim, match="slope-positive\nEvidence: by half"):
        claim("slope-positive", False, evidence="by half")


def test_without_evidence_there_is_no_empty_place_for_it(shell):
    data = shown(shell, "Two is even")
    assert data["text/plain"] == "Checked: Two is even"
    assert "xk-claim-evidence" not in data["text/html"]


def test_text_is_never_read_as_html(shell):
    text = 'For x < 1 & y > 2 it is "<b>nil</b>" and it\'s <script>alert(1)</script>'
    page = Page(shown(shell, text, evidence="<i>x</i>")["text/html"])
    assert {tag for tag, _ in page.tags} == {"div", "span"}
    assert page.tags[0][1]["data-text"] == text
    assert text in page.spoken
    assert "<i>x</i>" in page.spoken


def test_line_breaks_of_the_source_do_not_change_the_address(shell):
    once = shown(shell, "One sentence over\n        two lines")["text/html"]
    assert once == shown(shell, "One sentence over two lines")["text/html"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it\n is", "as it is"),
        (True, "True"),
        (np.bool_(False), "False"),
        (0, "0"),
        (0.0, "0"),
        (20640, "20,640"),
        (2 / 3, "0.6667"),
        (-0.1, "-0.1"),
        (12.5, "12.5"),
        (12345.678, "12,346"),
        (1e-9, "1.000e-09"),
        (-2.5e12, "-2.500e+12"),
        (9.99999, "10"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (np.float32(0.5), "0.5"),
        (np.array(0.5), "0.5"),
        (np.array([1.0, 2.5]), "[1, 2.5]"),
        (np.array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
        ([1 / 6, 2 / 3], "[0.1667, 0.6667]"),
        (("a", 1), "[a, 1]"),
        (range(3), "[0, 1, 2]"),
        ({"b", "a", "c"}, "[a, b, c]"),
        ([], "[]"),
        ({"slope": 0.5, "rows": 1000}, "slope 0.5, rows 1,000"),
        (pd.Series([0.25, 0.5], index=["x", "y"]), "x 0.25, y 0.5"),
        (pd.Index(["x", "y"]), "[x, y]"),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]}), "0 (a 1, b 0.5), 1 (a 2, b 1.5)"),
        (None, "missing"),
        (np.arange(1000), "[0, 1, 2, 3, 4, 5, 6, 7, … (1,000 in all)]"),
    ],
)
def test_evidence_is_short_and_to_four_digits(value, text):
    assert format_evidence(value) == text


def test_labels_that_come_twice_are_both_shown():
    table = pd.DataFrame({"a": [1, 2]}, index=["x", "x"])
    assert format_evidence(table) == "x (a 1), x (a 2)"
    assert format_evidence(table["a"]) == "x 1, x 2"


def test_a_long_table_is_cut_short():
    text = format_evidence(pd.DataFrame({"a": range(20_000)}))
    assert text.startswith("0 (a 0), 1 (a 1), ")
    assert text.endswith("7 (a 7), … (20,000 in all)")


def test_a_table_keeps_whole_numbers_whole():
    assert format_evidence(pd.DataFrame({"n": [7000], "share": [0.5]})) == "0 (n 7,000, share 0.5)"
