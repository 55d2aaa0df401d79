"""The page's spread and cuts are Python's; the band and the cuts can be operated."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "global/effects.html"

LARGEST_DIFFERENCE = """async () => {
  const { bestCuts, centred, spread } = await import(new URL("../_live/ice.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-effects").textContent);
  const off = [];
  for (const { lines, features, spread: whole, single } of data.worlds) {
    const shapes = centred(lines);
    off.push(Math.abs(spread(shapes, shapes.map(() => 0)) - whole));
    features.forEach(({ values }, i) => {
      const { left, at } = bestCuts(shapes, [values]);
      off.push(Math.abs(left - single[i].left), Math.abs(at[0] - single[i].at));
    });
  }
  return { largest: Math.max(...off), compared: off.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=effects]")
    assert visitor.faults == []


def test_page_and_python_agree_on_every_spread_and_cut(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["compared"] == 3 + 2 * 10
    assert found["largest"] < 1e-6


def choose(figure, label, option):
    figure.get_by_role("combobox", name=label, exact=True).select_option(label=option)


def press_best(figure):
    figure.get_by_role("button", name="Best place for the cuts").press("Enter")


def told(figure):
    return figure.locator(".xk-answer-line").inner_text()


def left(figure):
    """The share of the spread that the cuts leave."""
    before, after = re.search(r"Spread ([\d.]+);.* ([\d.]+) is left", told(figure)).groups()
    return float(after) / float(before)


def test_the_mean_of_the_bikes_dissolves_where_the_band_says(figure):
    assert not figure.locator(".xk-still").is_visible()
    expect(figure.locator(".xk-words")).to_contain_text(
        "They differ most from the others in working day"
    )
    assert figure.locator(".xk-mean").count() == 1
    choose(figure, "Cut by", "working day")
    assert figure.locator(".xk-mean").count() == 2
    assert 0.5 < left(figure) < 0.9


def test_two_switches_need_two_cuts_and_a_product_keeps_something(figure):
    choose(figure, "Lines", "Planted: two switches")
    choose(figure, "Cut by", "x2")
    press_best(figure)
    assert left(figure) > 0.9
    choose(figure, "and by", "x3")
    press_best(figure)
    assert left(figure) < 0.05
    assert figure.locator(".xk-mean").count() == 4
    choose(figure, "Lines", "Planted: a product")
    assert figure.locator(".xk-mean").count() == 1
    choose(figure, "Cut by", "x2")
    press_best(figure)
    assert 0.4 < left(figure) < 0.6


def test_the_band_is_moved_by_arrow_keys_and_by_pointer(figure):
    words = figure.locator(".xk-words")
    expect(words).to_contain_text("lines pass the band at 8.")
    chart = figure.get_by_role("application")
    chart.focus()
    chart.press("ArrowLeft")
    expect(words).to_contain_text("lines pass the band at 7.")
    field = chart.bounding_box()
    handle = chart.locator(".xk-handle")
    handle.scroll_into_view_if_needed()
    box, field = handle.bounding_box(), chart.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    mouse = figure.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(field["x"] + field["width"] * 0.9, field["y"] + field["height"] * 0.5, steps=5)
    mouse.up()
    expect(words).to_contain_text(re.compile(r"lines pass the band at 2[0-3]\."))


def test_a_slider_moves_a_cut(figure):
    choose(figure, "Cut by", "temperature")
    slider = figure.get_by_label("at (temperature)")
    before = told(figure)
    slider.press("End")
    assert told(figure) != before
    assert slider.get_attribute("aria-valuetext")
