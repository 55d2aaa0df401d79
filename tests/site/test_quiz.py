"""A quiz is refused with its file and question named, and answers in the page."""

import copy
import sys

import pytest
import yaml

GOOD = {
    "chapter": "local/made",
    "questions": [
        {
            "id": f"question-{n}",
            "question": "Which of these is the right one?",
            "options": [
                {"text": "This", "correct": True, "reason": "It is the right one."},
                {"text": "That", "correct": False, "reason": "It is not the right one."},
                {"text": "Neither", "correct": False, "reason": "One of them is right."},
            ],
        }
        for n in range(1, 6)
    ],
}


def _without(name):
    def change(quiz):
        del quiz["questions"][1][name]

    return change


def _option(**fields):
    def change(quiz):
        quiz["questions"][2]["options"][1].update(fields)

    return change


def _set(name, value):
    def change(quiz):
        quiz["questions"][1][name] = value

    return change


FAULTS = {
    "no questions": (lambda q: q.pop("questions"), "'questions' is a required property"),
    "too few": (lambda q: q["questions"].pop(), "is too short"),
    "another chapter": (
        lambda q: q.update(chapter="local/other"),
        "chapter must be 'local/made', got 'local/other'",
    ),
    "no id": (_without("id"), "question 2: 'id' is a required property"),
    "no options": (_without("options"), "question 'question-2': 'options' is a required"),
    "an unknown field": (_set("hint", "x"), "question 'question-2': Additional properties"),
    "the same id": (_set("id", "question-1"), "question 'question-1' occurs twice"),
    "two right": (_option(correct=True), "exactly one option must be correct; 2 are"),
    "none right": (
        lambda q: q["questions"][2]["options"][0].update(correct=False),
        "question 'question-3', options: exactly one option must be correct; 0 are",
    ),
    "right by a word": (_option(correct="no"), "options 2, correct: 'no' is not of type 'boolean'"),
    "no reason": (_option(reason=""), "question 'question-3', options 2, reason"),
    "options without fields": (
        lambda q: q["questions"][2].update(options=["This", "That", "Neither"]),
        "question 'question-3', options: exactly one option must be correct; 0 are",
    ),
    "the same text": (_option(text="This"), "question 'question-3': two options are the same"),
}


@pytest.fixture
def quiz_module(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    for name in ("quiz", "elements"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import quiz

    return quiz


def _written(tmp_path, quiz):
    path = tmp_path / "made.quiz.yml"
    path.write_text(quiz if isinstance(quiz, str) else yaml.safe_dump(quiz), encoding="utf-8")
    return path


def test_a_good_quiz_is_read(quiz_module, tmp_path):
    read = quiz_module.read_quiz(_written(tmp_path, GOOD), "local/made")
    assert [q["id"] for q in read] == [f"question-{n}" for n in range(1, 6)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_malformed_quiz_says_where(quiz_module, tmp_path, fault):
    change, words = FAULTS[fault]
    quiz = copy.deepcopy(GOOD)
    change(quiz)
    with pytest.raises(quiz_module.QuizError) as caught:
        quiz_module.read_quiz(_written(tmp_path, quiz), "local/made")
    assert str(caught.value).startswith("made.quiz.yml: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "!!python/object/apply:os.system ['true']", "", "[]"])
def test_what_is_no_quiz_is_refused(quiz_module, tmp_path, text):
    with pytest.raises(quiz_module.QuizError, match=r"made\.quiz\.yml"):
        quiz_module.read_quiz(_written(tmp_path, text), "local/made")


def test_a_quiz_in_another_encoding_is_named(quiz_module, tmp_path):
    (tmp_path / "made.quiz.yml").write_bytes("chapter: é".encode("latin-1"))
    with pytest.raises(quiz_module.QuizError, match=r"made\.quiz\.yml: is no UTF-8"):
        quiz_module.read_quiz(tmp_path / "made.quiz.yml", "local/made")


def test_a_quiz_that_is_not_there_is_named(quiz_module, tmp_path):
    with pytest.raises(quiz_module.QuizError, match=r"none\.quiz\.yml: cannot be read"):
        quiz_module.read_quiz(tmp_path / "none.quiz.yml", "local/made")


@pytest.mark.slow
def test_a_question_answers_and_the_page_of_progress_counts(visitor):
    page = visitor.open("local/shapley.html")
    question = page.locator(".xk-question").first
    said = question.get_by_role("status")
    question.get_by_role("button", name="Check").click()
    assert said.inner_text() == "Choose one of the answers first."
    question.get_by_label("10 and 10").check()
    question.get_by_role("button", name="Check").press("Enter")
    assert said.inner_text().startswith("Not this one. ")
    assert not question.locator("details").is_visible()
    question.get_by_label("4 and 16").check()
    question.get_by_role("button", name="Check").press("Enter")
    assert said.inner_text().startswith("Right. ")
    assert question.locator("details").is_visible()
    assert page.locator(".xk-quiz-status").inner_text().startswith("1 of 8 answered right")

    page = visitor.open("practice/progress.html")
    kept = page.locator("[data-quiz='local/shapley']")
    assert kept.inner_text() == "1 of 8"
    page.get_by_label("Who gets the credit?").check()
    page.reload()
    assert page.get_by_label("Who gets the credit?").is_checked()
    page.get_by_role("button", name="Forget everything").click()
    assert kept.inner_text() == "not begun"
    assert not page.get_by_label("Who gets the credit?").is_checked()
    assert visitor.faults == []


@pytest.mark.slow
def test_a_page_of_progress_that_stands_open_shows_what_another_page_kept(visitor):
    page = visitor.open("practice/progress.html")
    kept = page.locator("[data-quiz='local/shapley']")
    assert kept.inner_text() == "not begun"
    other = visitor.context.new_page()
    other.goto(visitor.address + "local/shapley.html")
    question = other.locator(".xk-question").first
    question.get_by_label("4 and 16").check()
    question.get_by_role("button", name="Check").click()
    page.locator("[data-quiz='local/shapley']", has_text="1 of 8").wait_for()
    # Come back to, a page may stand as it was left.
    page.evaluate("localStorage.clear()")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert kept.inner_text() == "not begun"
    assert visitor.faults == []


@pytest.mark.slow
def test_a_quiz_answers_where_the_browser_keeps_nothing(visitor):
    visitor.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('off'); } })"
    )
    stacks = []  # the theme has faults of its own then
    visitor.page.on("pageerror", lambda error: stacks.append(error.stack))
    page = visitor.open("local/shapley.html")
    question = page.locator(".xk-question").first
    question.get_by_label("4 and 16").check()
    question.get_by_role("button", name="Check").click()
    assert question.get_by_role("status").inner_text().startswith("Right. ")
    page = visitor.open("practice/progress.html")
    page.get_by_label("Who gets the credit?").check()
    assert page.get_by_role("status").inner_text() == "This browser keeps nothing for pages."
    assert stacks
    assert not [stack for stack in stacks if "/_live/" in stack]


@pytest.mark.slow
def test_without_javascript_the_answers_are_folded_below_each_question(open_without_scripts):
    page = open_without_scripts("local/shapley.html")
    first = page.locator(".xk-question").first
    first.locator("summary").click()
    said = first.locator("li").all_inner_texts()
    assert len(said) == 4
    assert [text.startswith("Right: 4 and 16") for text in said].count(True) == 1
    assert sum(text.startswith("Wrong: ") for text in said) == 3
