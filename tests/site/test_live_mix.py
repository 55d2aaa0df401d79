"""The page's additive model is least squares; its figure is operated by the keyboard."""

import re

import pytest

pytestmark = pytest.mark.slow

PAGE = "foundations/glass-box.html"

LARGEST_DIFFERENCE = """async () => {
  const { additiveFit } = await import(new URL("../_live/additive.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-mix").textContent);
  const all = data.reference.flatMap(({ share, fitted }) =>
    additiveFit(data.table, share).fitted.flatMap((row, i) =>
      row.map((value, hour) => value - fitted[i][hour])));
  return { largest: Math.max(...all.map(Math.abs)), n: all.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=mix]")
    assert visitor.faults == []


def test_page_and_python_fit_the_same_curves(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["n"] == 4 * 48
    assert found["largest"] < 1e-6


def days_off(figure):
    """What the model says of days off, and what was rented."""
    words = figure.locator(".xk-words").inner_text()
    return [
        int(n.replace("−", "-"))
        for n in re.search(r"days off, model (\S+), rented (\d+)", words).groups()
    ]


def test_the_mix_and_the_pair_change_what_is_said_of_a_morning_off(figure):
    assert not figure.locator(".xk-still").is_visible()
    says, rented = days_off(figure)
    assert says > 2 * rented
    share = figure.get_by_label("Share of days off")
    share.press("End")
    assert share.get_attribute("aria-valuetext") == "95%"
    closer, _ = days_off(figure)
    assert abs(closer - rented) < abs(says - rented) / 3
    share.press("Home")
    figure.get_by_label("Model").select_option(label="with the pair")
    assert days_off(figure) == [rented, rented]
    assert "100%" in figure.locator(".xk-answer-line").inner_text()
    hour = figure.get_by_label("Hour")
    hour.press("ArrowRight")
    assert figure.locator(".xk-words").inner_text().startswith("At 9 h:")
