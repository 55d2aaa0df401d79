"""The errors that the page works out are those of the chapter's big table."""

import pytest

pytestmark = pytest.mark.slow

PAGE = "trust/truth.html"

DIFFERENCES = """async () => {
  const { mean, toMove } = await import(new URL("../_live/credit.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-planted").textContent);
  const exact = data.reference.map(({ given, right, error }) => toMove(given, right) - error);
  const rounded = data.errors.map(([method, failure, against, error]) => {
    const cell = data.cells[method][failure];
    const right = data.truths[cell[against]];
    return mean(cell.given.map((row, n) => toMove(row, right[n]))) - error;
  });
  const largest = (all) => Math.max(...all.map(Math.abs));
  return { exact: largest(exact), rounded: largest(rounded),
    references: exact.length, cells: rounded.length };
}"""


@pytest.fixture
def figure(visitor):
    return visitor.open(PAGE).locator(".xk-live[data-figure=planted]")


def told(figure, start):
    """The figure's words, once they begin so."""
    words = figure.locator(".xk-words").filter(has_text=start)
    words.wait_for()
    return words.inner_text()


def test_page_and_python_find_the_same_errors(visitor):
    found = visitor.open(PAGE).evaluate(DIFFERENCES)
    assert found["references"] == 20
    assert found["exact"] < 1e-9
    # Shares go into the page in ten-thousandths.
    assert found["cells"] > 150
    assert found["rounded"] < 2e-4


def test_a_cell_is_opened_row_by_row_with_the_keyboard(figure, visitor):
    assert not figure.locator(".xk-still").is_visible()
    assert "mean of 40 rows" in told(figure, "occlusion, hidden group")
    figure.get_by_label("Method").select_option("gradient")
    figure.get_by_label("Fault").select_option("nothing wrong")
    assert "hide errors" in told(figure, "gradient, nothing wrong")
    row = figure.get_by_label("Row", exact=True)
    row.press("ArrowRight")
    told(figure, "row 1 of 40")
    assert "x1 = " in figure.locator(".xk-chart").last.inner_text()
    worst = figure.get_by_role("button", name="Worst row")
    worst.press("Enter")
    assert row.get_attribute("aria-valuetext") != "1"
    row.press("Home")
    told(figure, "mean of 40 rows")
    assert visitor.faults == []


def test_global_charts_have_no_rows_and_gaps_say_so(figure, visitor):
    figure.get_by_label("Method").select_option("permutation")
    told(figure, "one chart for all rows")
    assert not figure.get_by_label("Row", exact=True).is_visible()
    figure.get_by_label("Method").select_option("attention (words)")
    assert "It does under: spurious cue." in told(figure, "does not apply")
    figure.get_by_label("Fault").select_option("spurious cue")
    assert "mean of 300 rows" in told(figure, "attention (words), spurious cue")
    assert visitor.faults == []
