"""The ways back that the page finds are those of Python; its figure is operated by the keyboard."""

import pytest

pytestmark = pytest.mark.slow

PAGE = "local/counterfactuals.html"

DIFFERENCES = """async () => {
  const { predictor, probability } = await import(new URL("../_live/trees.js", location.href));
  const { allowed, waysBack } = await import(new URL("../_live/ways.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-recourse").textContent);
  const f = predictor(data.model);
  return data.reference.map(({ person, moves, wanted, most, ways }) => {
    const { row, steps } = data.people[person];
    const free = steps.map((each, i) => allowed(each, row[i], moves[i]));
    const passes = (tried) => probability(f(tried)) > wanted;
    const found = waysBack(passes, row, free, most);
    const key = (columns) => [...columns].sort((a, b) => a - b).join();
    const lengths = Object.fromEntries(found.map((way) => [key(way.columns), way.distance]));
    return {
      python: ways.length,
      page: found.length,
      passes: found.every((way) => passes(way.row)),
      off: Math.max(0, ...ways.map(([columns, far]) => Math.abs(lengths[key(columns)] - far))),
    };
  });
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=recourse]")
    assert visitor.faults == []


def test_page_and_python_find_the_same_ways(visitor):
    found = visitor.open(PAGE).evaluate(DIFFERENCES)
    assert len(found) >= 20
    assert any(each["python"] > 3 for each in found)
    for each in found:
        assert each["page"] == each["python"]
        assert each["passes"]
        assert each["off"] < 1e-9


def test_what_may_not_move_closes_the_way_and_age_opens_it(figure):
    assert not figure.locator(".xk-still").is_visible()
    words = figure.locator(".xk-words")
    before = words.inner_text()
    assert before.startswith("Application 333: 44% as filed.")
    assert "duration 48 months → 47 months" in before
    figure.get_by_label("savings").select_option("stays")
    figure.get_by_label("amount").select_option("stays")
    wanted = figure.get_by_label("Wanted probability")
    for _ in range(3):
        wanted.press("ArrowRight")
    assert wanted.get_attribute("aria-valuetext") == "over 65%"
    assert "No way" in words.inner_text()
    figure.get_by_label("age").select_option("rises")
    assert "One way" in words.inner_text()
    assert "age 24 years →" in words.inner_text()
    figure.get_by_role("button", name="As at first").click()
    for _ in range(3):
        wanted.press("ArrowLeft")
    assert words.inner_text() == before
    figure.get_by_label("Person").select_option(label="Application 596")
    assert words.inner_text().startswith("Application 596")
