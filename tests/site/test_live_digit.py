"""The page's network answers as Keras does; digits can be drawn, rubbed out and explained."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "deep/saliency.html"

LARGEST_DIFFERENCES = """async () => {
  const { cut, floats, levels, network, occlusion } =
    await import(new URL("../_live/convolution.js", location.href));
  const answer = await fetch(new URL("../_live/data/digit.json", location.href));
  const text = await answer.text();
  const data = JSON.parse(text);
  const net = network(cut(floats(data.weights), data.lengths), 28);
  const shapes = data.names.map(() => 784);
  const slopes = cut(floats(data.gradient), shapes);
  const costs = cut(floats(data.occlusion), data.names.map(() => 196));
  const off = { scores: 0, gradient: 0, occlusion: 0, size: text.length, read: [] };
  const hold = (what, by) => { off[what] = Math.max(off[what], Number.isNaN(by) ? Infinity : by); };
  cut(levels(data.pictures), shapes).forEach((picture, n) => {
    const { scores } = net.run(picture);
    const k = scores.indexOf(Math.max(...scores));
    off.read.push(k);
    scores.forEach((score, i) => hold("scores", Math.abs(score - data.scores[n][i])));
    net.gradient(picture, k).forEach((x, i) => hold("gradient", Math.abs(x - slopes[n][i])));
    occlusion(net, picture, k).forEach((x, i) => {
      const four = Math.floor(i / 56) * 14 + Math.floor((i % 28) / 2);
      hold("occlusion", Math.abs(x - costs[n][four]));
    });
  });
  return off;
}"""


@pytest.fixture
def figure(visitor):
    """The live figure, with its network loaded."""
    found = visitor.open(PAGE).locator(".xk-live[data-figure=digit]")
    assert found.locator(".xk-still").is_visible()
    found.get_by_role("button", name="Load the network").press("Enter")
    expect(found.locator(".xk-words")).to_contain_text("Read as 8")
    expect(found.locator(".xk-still")).to_be_hidden()
    yield found
    assert visitor.faults == []


def test_page_and_keras_agree_on_scores_slopes_and_costs(visitor):
    page = visitor.open(PAGE)
    found = page.evaluate(LARGEST_DIFFERENCES)
    assert len(found["read"]) >= 10
    assert found["read"][:2] == [8, 3]
    assert found["scores"] < 1e-4
    assert found["gradient"] < 1e-4
    assert found["occlusion"] < 1e-4
    said = page.get_by_role("button", name="Load the network").inner_text()
    assert abs(int(re.search(r"\d+", said)[0]) - found["size"] / 1000) < 3


def paper_of(figure):
    return figure.get_by_role("application", name=re.compile("^The digit"))


def test_the_stroke_is_rubbed_out_by_the_keyboard(figure):
    words = figure.locator(".xk-words")
    before = words.inner_text()
    eraser = figure.get_by_role("button", name="Eraser")
    eraser.press("Enter")
    expect(eraser).to_have_attribute("aria-pressed", "true")
    paper = paper_of(figure)
    for key in ["Space", *["Shift+ArrowDown"] * 8]:
        paper.press(key)
    expect(words).to_contain_text("Read as 3")
    figure.get_by_role("button", name="Start again").press("Enter")
    expect(words).to_have_text(before)


def test_a_stroke_is_drawn_by_the_pointer_on_blank_paper(figure):
    words = figure.locator(".xk-words")
    figure.get_by_label("Start from").select_option(label="blank paper")
    expect(words).to_contain_text("occlusion nothing to share out")
    paper = paper_of(figure)
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    mouse = figure.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.15)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.85, steps=4)
    mouse.up()
    expect(words).to_contain_text("Read as 1 (100%)")  # told once the whole stroke is there
    # A pen that is up draws nothing.
    drawn = words.inner_text()
    mouse.move(box["x"] + 5, box["y"] + 5)
    figure.get_by_label("Explain the score of").select_option("1")
    expect(words).to_have_text(drawn)


def test_another_score_has_another_map(figure):
    words = figure.locator(".xk-words")
    pixels = "canvas => canvas.toDataURL()"
    maps = figure.locator(".xk-pair canvas").all()
    before = [one.evaluate(pixels) for one in maps]
    figure.get_by_label("Explain the score of").select_option("3")
    expect(words).to_contain_text("The score of 3 is")
    assert all(one.evaluate(pixels) != was for one, was in zip(maps, before, strict=True))
