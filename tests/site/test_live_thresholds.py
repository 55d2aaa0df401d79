"""The page's rates are Python's; thresholds move by the keyboard, promises part."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "trust/fairness.html"

LARGEST_DIFFERENCE = """async () => {
  const { rates } = await import(new URL("../_live/rates.js", location.href));
  const data = document.getElementById("xk-data-thresholds");
  const { groups, reference } = JSON.parse(data.textContent);
  const off = reference.flatMap(({ group, level, rates: truth }) => {
    const found = rates(groups[group].scores, groups[group].good, level);
    return Object.entries(truth).map(([name, value]) => Math.abs(found[name] - value));
  });
  return { n: off.length, largest: Math.max(...off) };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=thresholds]")
    assert visitor.faults == []


def test_page_and_python_count_the_same_rates(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["n"] >= 5 * 30
    assert found["largest"] < 1e-9


def test_a_threshold_moves_by_the_keyboard_and_changes_its_group_alone(figure):
    assert not figure.locator(".xk-still").is_visible()
    row = figure.get_by_role("row", name="gets the offer")
    before = row.locator("td").all_inner_texts()
    figure.get_by_label("Threshold for women").press("Home")
    after = row.locator("td").all_inner_texts()
    assert after[0] == before[0]
    assert int(after[1][:-1]) > int(before[1][:-1])


def test_equal_offers_leave_something_else_apart(figure):
    figure.get_by_role("button", name="Equal offers").press("Enter")
    states = figure.locator("tbody tr td:last-child").all_inner_texts()
    assert states[0] == "alike"
    assert "apart" in states
    expect(figure.locator(".xk-words")).to_contain_text("gets the offer")
