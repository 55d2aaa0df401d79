"""The page's five measures of two related features are those of the chapter, and can be moved."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "global/importance.html"

DIFFERENCES = """async () => {
  const { importances } = await import(new URL("../_live/removal.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-twins").textContent);
  const off = data.reference.flatMap(({ found, ...setting }) => {
    const got = importances(setting);
    return Object.keys(found).flatMap((key) => found[key].map((value, i) => got[key][i] - value));
  });
  return { largest: Math.max(...off.map(Math.abs)), compared: off.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=twins]")
    assert visitor.faults == []


def test_page_and_python_find_the_same_importances(visitor):
    found = visitor.open(PAGE).evaluate(DIFFERENCES)
    assert found["compared"] == 24 * 10
    assert found["largest"] < 1e-9


def test_the_figure_opens_with_what_the_text_says(figure):
    assert not figure.locator(".xk-still").is_visible()
    words = figure.locator(".xk-words")
    expect(words).to_contain_text("permuted: x1 2.2, x2 1.8; among alike: x1 0.8, x2 0.0")
    expect(words).to_contain_text("dropped: x1 0.8, x2 0.0")


def test_model_world_and_correlation_are_moved_by_the_keyboard(figure):
    words = figure.locator(".xk-words")
    figure.get_by_label("Correlation of x1 and x2").press("Home")
    expect(words).to_contain_text("dropped: x1 4.0, x2 0.0")
    first = figure.get_by_label("The model's weight on x1")
    first.press("End")
    figure.get_by_label("The model's weight on x2").press("Home")
    expect(words).to_contain_text("permuted: x1 8.0, x2 0.0; among alike: x1 8.0, x2 0.0")
    figure.get_by_label("The world").select_option(label="both matter: y = x1 + x2")
    expect(words).to_contain_text("dropped: x1 1.0, x2 1.0")
    expect(words).to_contain_text("permuted: x1 4.0, x2 0.0")


def test_the_cloud_shows_rows_and_what_is_asked(figure):
    assert figure.locator("circle.xk-dot").count() == figure.locator("circle.xk-up").count() == 70
