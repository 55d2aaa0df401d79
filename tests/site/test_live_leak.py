"""The page's regression on a leak is Python's; its figure is operated by the keyboard."""

import pytest

pytestmark = pytest.mark.slow

PAGE = "trust/debugging.html"

LARGEST_DIFFERENCE = """async () => {
  const { planted } = await import(new URL("../_live/regression.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-leak").textContent);
  const all = data.reference.flatMap((truth) => {
    const found = planted(truth.leak, truth.copy, data.repairs[truth.repair]);
    return [found.reported - truth.reported, found.use - truth.use,
      ...found.weights.map((weight, i) => weight - truth.weights[i]),
      ...found.shares.map((share, i) => share - truth.shares[i])];
  });
  return { largest: Math.max(...all.map(Math.abs)), n: data.reference.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=leak]")
    assert visitor.faults == []


def told(figure, start):
    """The figure's words, once they begin so."""
    words = figure.locator(".xk-words").filter(has_text=start)
    words.wait_for()
    return words.inner_text()


def test_page_and_python_find_the_same_scores(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["n"] == 27
    assert found["largest"] < 1e-9


def test_a_repair_cleans_the_chart_and_not_the_model(figure):
    assert not figure.locator(".xk-still").is_visible()
    told(figure, "Repair: none.")
    figure.get_by_label("Repair").select_option("drop leak")
    assert "leak 0%; copy 9" in told(figure, "Repair: drop leak. R² 0.99 as reported")
    figure.get_by_label("Error of the copy").press("End")
    assert "0.8" in told(figure, "Repair: drop leak. R² 0.8")
    figure.get_by_label("Repair").select_option("drop leak and copy")
    told(figure, "Repair: drop leak and copy. R² 0.80 as reported, 0.80 in use.")
