"""The layer of two units on the page computes what Python does, and its examples can be moved."""

import re

import pytest

pytestmark = pytest.mark.slow

PAGE = "deep/concepts.html"

DIFFERENCES = """async () => {
  const plane = await import(new URL("../_live/concept-plane.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-concept").textContent);
  let largest = 0;
  for (const { output, place, v, slopes, share, chance } of data.reference) {
    const { terms } = data.outputs.find(({ name }) => name === output);
    const examples = data.shape.map((shift) => shift.map((value, k) => value + place[k]));
    const way = plane.direction(examples, data.others);
    const found = plane.along(terms, data.images, way);
    const far = plane.asFar(plane.allRound(terms, data.images), found.share);
    const gaps = [found.share - share, far - chance, ...way.map((value, k) => value - v[k]),
      ...found.slopes.map((slope, n) => slope - slopes[n])];
    largest = Math.max(largest, ...gaps.map(Math.abs));
  }
  return { largest, compared: data.reference.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=concept]")
    assert visitor.faults == []


def expect_words(figure, pattern):
    """Wait for what the figure says: it speaks once its reader has stopped."""
    words = figure.locator(".xk-words")
    words.filter(has_text=re.compile(pattern)).wait_for(timeout=5000)
    return words.inner_text()


def test_page_and_python_agree(visitor):
    found = visitor.open(PAGE).evaluate(DIFFERENCES)
    assert found["compared"] >= 15
    assert found["largest"] < 1e-9


def test_examples_are_moved_by_the_keyboard(figure):
    expect_words(figure, r"^Concept vector \(\+0\.60, \+0\.80\).* share 75%, mean \+1\.00")
    plane = figure.get_by_role("application")
    for _ in range(12):
        plane.press("ArrowLeft")
    expect_words(figure, r"share 100%, .* 65% of all directions")
    figure.get_by_label("Output").select_option("Straight")
    expect_words(figure, r"share 100%, .* 100% of all directions")
