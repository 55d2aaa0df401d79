"""The page's local line is scikit-learn's; its figure can be operated and shows what is said."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "local/lime.html"

LARGEST_DIFFERENCE = """async () => {
  const from = (module) => import(new URL(`../_live/${module}.js`, location.href));
  const { ask, localLine, worldOf } = await from("local-line");
  const data = JSON.parse(document.getElementById("xk-data-seeds").textContent);
  const { predictor } = await from("trees");
  const [lines, answers] = [[], []];
  for (const world of data.worlds.map(worldOf)) {
    const asked = ask(world, data.shared);
    for (const { row, width, alpha, ...truth } of world.reference) {
      const got = localLine(world, row, asked, { width, alpha, n: data.shared.length });
      lines.push(got.b[0] - truth.b[0], got.b[1] - truth.b[1], got.intercept - truth.intercept,
        got.r2 - truth.r2, got.effective - truth.effective);
    }
    (world.rows ?? []).forEach((row, i) =>
      answers.push(predictor(world.model)(row) - world.predictions[i]));
  }
  const largest = (all) => Math.max(...all.map(Math.abs));
  return { lines: largest(lines), answers: largest(answers), n: [lines.length, answers.length] };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=seeds]")
    assert visitor.faults == []


def test_page_and_python_agree_on_every_line_and_answer(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["n"][0] >= 18 * 5
    assert found["n"][1] >= 50
    assert found["lines"] < 1e-6
    assert found["answers"] < 1e-6


def numbers(figure, row=0):
    """Slope of the newest line, spread over the draws, slope of the model."""
    cells = figure.locator("tbody tr").nth(row).locator("td").all_inner_texts()
    return [float(c.replace("−", "-")) if c != "–" else None for c in cells]


def press_again(figure, times):
    for _ in range(times):
        figure.get_by_role("button", name="Again").press("Enter")


def set_width(figure, value):
    figure.get_by_label("Kernel width").fill(value)


def test_what_the_text_says_of_the_dip(figure):
    assert not figure.locator(".xk-still").is_visible()
    assert numbers(figure)[1] is None
    press_again(figure, 9)
    assert figure.locator(".xk-old").count() == 18
    line, fan, model = numbers(figure)
    assert model < -2
    assert abs(line) < 0.5
    set_width(figure, "1.05")
    line, calm, model = numbers(figure)
    assert line > 0.5
    assert calm < fan / 1.5
    set_width(figure, "0.1")
    shrunk = numbers(figure)
    figure.get_by_label("Ridge penalty").select_option(label="none")
    line, spread, model = numbers(figure)
    assert shrunk[0] > model / 4
    assert line < model * 0.6
    assert spread > 2 * shrunk[1]
    assert spread > fan


def test_at_the_edge_hardly_a_sample_counts(figure):
    def counted():
        return int(re.match(r"\d+", figure.locator(".xk-answer-line").inner_text())[0])

    at_the_dip = counted()
    figure.get_by_role("combobox", name="Row").select_option(
        label="The dip, at the edge of the data"
    )
    assert counted() < at_the_dip / 4


def test_the_row_is_moved_by_arrow_keys_and_by_pointer(figure):
    words = figure.locator(".xk-words")
    expect(words).to_contain_text(re.compile(r"^At 0\.5; 0\.5: .* Press Again"))
    chart = figure.get_by_role("application")
    chart.focus()
    chart.press("ArrowLeft")
    chart.press("ArrowUp")
    expect(words).to_contain_text("At 0.412; 0.588:")
    expect(figure.get_by_role("combobox", name="Row")).to_have_value("")
    press_again(figure, 1)
    expect(words).to_contain_text("Spread over 2 draws")
    handle = chart.locator(".xk-handle")
    handle.scroll_into_view_if_needed()
    box, field = handle.bounding_box(), chart.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    mouse = figure.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(field["x"] + field["width"] * 0.3, field["y"] + field["height"] * 0.3, steps=5)
    mouse.up()
    expect(words).to_contain_text(re.compile(r"^At −\d\.\d+; 1\.\d+:"))


def test_the_loans_answer_too_and_no_sample_that_counts_is_no_fault(figure):
    figure.get_by_role("combobox", name="Row").select_option(label="Loans, application 105")
    assert figure.locator("tbody th").all_inner_texts() == ["1,000 DM more", "12 months more"]
    # Where no sample counts the line is flat, and is drawn without a fault.
    figure.get_by_label("Samples").press("Home")
    figure.get_by_label("Kernel width").press("Home")
    assert figure.locator(".xk-answer-line").inner_text().startswith("1 of 50 samples count")
