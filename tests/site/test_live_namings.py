"""The namings that the page counts are Python's; its figure is operated by the keyboard."""

import pytest

pytestmark = pytest.mark.slow

PAGE = "practice/next.html"

DIFFERING = """async () => {
  const { namings } = await import(new URL("../_live/equations.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-namings").textContent);
  const isOther = ({ equations, namings: truth }) =>
    JSON.stringify(namings(equations)) !== JSON.stringify(truth);
  return { n: data.reference.length, differing: data.reference.filter(isOther).length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=namings]")
    assert visitor.faults == []


def told(figure, start):
    """The figure's words, once they begin so."""
    words = figure.locator(".xk-words").filter(has_text=start)
    words.wait_for()
    return words.inner_text()


def test_page_and_python_find_the_same_namings(visitor):
    assert visitor.open(PAGE).evaluate(DIFFERING) == {"n": 24, "differing": 0}


def test_sums_are_ticked_by_the_keyboard_until_one_naming_is_left(figure):
    assert not figure.locator(".xk-still").is_visible()
    assert "0 of 4 digits" in told(figure, "16 namings are left.")
    figure.get_by_label("0 + 0 = 0").press("Space")
    told(figure, "4 namings are left.")
    figure.get_by_label("1 + 1 = 2").press("Space")
    told(figure, "One naming is left: the right one.")
    assert figure.locator("tbody tr").count() == 1
    assert figure.locator("tbody").inner_text().split() == ["0", "1", "2", "3", "4", "of", "4"]
    figure.get_by_label("0 + 3 = 3").press("Space")
    told(figure, "4 namings are left.")
