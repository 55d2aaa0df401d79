"""The page's own model and Shapley values are those of Python; its figures can be operated."""

import pytest

pytestmark = pytest.mark.slow

# Every figure that carries a table: the page it stands on, and the data it reads.
TABLES = [
    ("foundations/global-and-local.html", "applicant"),
    ("local/counterfactuals.html", "recourse"),
]

LARGEST_DIFFERENCE = """async (name) => {
  const { predictor } = await import(new URL("../_live/trees.js", location.href));
  const { explain } = await import(new URL("../_live/shapley.js", location.href));
  const data = JSON.parse(document.getElementById(`xk-data-${name}`).textContent);
  const f = predictor(data.model);
  let largest = 0;
  data.rows.forEach((row, n) => {
    const { base, values } = explain(f, row, data.background);
    const all = [f(row) - data.predictions[n], base - data.base];
    values.forEach((value, i) => all.push(value - data.values[n][i]));
    largest = Math.max(largest, ...all.map(Math.abs));
  });
  return { largest, rows: data.rows.length };
}"""


@pytest.mark.parametrize(("page", "name"), TABLES)
def test_page_and_python_agree_on_every_reference_row(visitor, page, name):
    found = visitor.open(page).evaluate(LARGEST_DIFFERENCE, name)
    assert found["rows"] >= 20
    assert found["largest"] < 1e-6


@pytest.mark.parametrize(
    "page",
    [
        "deep/concepts.html",
        "deep/saliency.html",
        "global/decision-boundaries.html",
        "global/effects.html",
        "local/lime.html",
    ],
)
def test_an_arrow_key_is_taken_and_a_shortcut_left_to_the_browser(visitor, page):
    figure = visitor.open(page).locator(".xk-live")
    load = figure.get_by_role("button", name="Load")
    if load.count():
        load.click()
    place = figure.get_by_role("application")
    press = "(e, pressed) => e.dispatchEvent(new KeyboardEvent('keydown', pressed))"
    arrow = {"key": "ArrowLeft", "cancelable": True}
    assert not place.evaluate(press, arrow)
    for held in ("altKey", "ctrlKey", "metaKey"):
        assert place.evaluate(press, arrow | {held: True}), held


def test_an_applicant_is_moved_by_the_keyboard_and_put_back(visitor):
    page = visitor.open("foundations/global-and-local.html")
    figure = page.locator(".xk-live[data-figure=applicant]")
    words = figure.locator(".xk-words")
    before = words.inner_text()
    assert before.startswith("Decline")
    assert not figure.locator(".xk-still").is_visible()
    duration = figure.get_by_label("Duration")
    duration.press("Home")
    assert words.inner_text().startswith("Lend")
    assert duration.get_attribute("aria-valuetext").endswith("months")
    figure.get_by_label("Account").select_option(label="none")
    figure.get_by_role("button", name="As filed").click()
    assert words.inner_text() == before
    assert visitor.faults == []
