"""The families fitted in the page are those of scikit-learn; its plane can be painted on."""

import re

import pytest

pytestmark = pytest.mark.slow

PAGE = "global/decision-boundaries.html"

DIFFERENCES = """async () => {
  const { FAMILIES, wayBack } = await import(new URL("../_live/families.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-boundaries").textContent);
  const found = { fits: {}, scores: 0, exact: 0, longer: 0, searched: 0 };
  for (const { set, family, value, scores, exact, most } of data.reference) {
    const model = FAMILIES[family].fit(data.sets[set].points, data.sets[set].labels, value);
    found.fits[family] = (found.fits[family] ?? 0) + 1;
    data.places.forEach((p, n) => {
      found.scores = Math.max(found.scores, Math.abs(model.score(p) - scores[n]));
      const truth = (exact ?? most)?.[n];
      if (truth === undefined) return;
      const end = wayBack(model, p);
      const way = end && Math.hypot(end[0] - p[0], end[1] - p[1]);
      if (exact) {
        const off = way === null || truth === null ? Number(way !== truth) : Math.abs(way - truth);
        found.exact = Math.max(found.exact, off);
      } else {
        found.searched += 1;
        found.longer = Math.max(found.longer, way - truth);
      }
    });
  }
  return found;
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=boundaries]")
    assert visitor.faults == []


def expect_words(figure, pattern):
    """Wait for what the figure says: it speaks once its reader has stopped."""
    words = figure.locator(".xk-words")
    words.filter(has_text=re.compile(pattern)).wait_for(timeout=5000)
    return words.inner_text()


def test_page_and_scikit_learn_agree_on_every_fit(visitor):
    found = visitor.open(PAGE).evaluate(DIFFERENCES)
    assert set(found["fits"]) == {
        "Logistic regression",
        "Tree",
        "Nearest neighbours",
        "SVM, RBF kernel",
    }
    assert min(found["fits"].values()) >= 20
    assert found["scores"] < 1e-6
    assert found["exact"] < 1e-6
    # A searched way may be shorter than the library's; both end at another answer.
    assert found["searched"] >= 30
    assert found["longer"] < 1e-6


def test_a_triangle_is_painted_and_erased_by_the_keyboard(figure):
    assert not figure.locator(".xk-still").is_visible()
    before = expect_words(figure, r"^Tree: circle at \(0\.30, 1\.30\)")
    plane = figure.get_by_role("application")
    figure.get_by_label("Family").select_option("Nearest neighbours")
    figure.get_by_label("Neighbours that vote").press("Home")
    expect_words(figure, "^Nearest neighbours: circle at .* by search")
    figure.get_by_role("button", name="Paint ▲").press("Enter")
    plane.press("ArrowUp")
    plane.press("Space")
    expect_words(figure, r"^Nearest neighbours: triangle at \(0\.30, 1\.40\)")
    marks = figure.locator("svg .xk-down")
    painted = marks.count()
    figure.get_by_role("button", name="Erase").press("Enter")
    plane.press("Space")
    expect_words(figure, "^Nearest neighbours: circle")
    assert marks.count() == painted - 1
    plane.press("ArrowDown")
    figure.get_by_label("Family").select_option("Tree")
    expect_words(figure, f"^{re.escape(before.split(' Ways')[0])}")


def test_without_points_of_both_kinds_it_asks_for_them(figure):
    figure.get_by_label("Points", exact=True).select_option("None")
    expect_words(figure, "^Paint points of both kinds")
    box = figure.get_by_role("application").bounding_box()
    for tool, share in [("Paint ●", 0.25), ("Paint ▲", 0.75)]:
        figure.get_by_role("button", name=tool).click()
        figure.get_by_role("application").click(
            position={"x": share * box["width"], "y": box["height"] / 2}
        )
    figure.get_by_label("Family").select_option("Logistic regression")
    expect_words(figure, "^Logistic regression: circle")
    # Half-way between the two, as far as a mouse can point.
    expect_words(figure, r"Nearest triangle: 0\.(19|20|21) away, at \(0\.(49|50|51), 1\.\d\d\)")


def test_a_mouse_drags_the_diamond(visitor, figure):
    expect_words(figure, "^Tree")
    mouse = visitor.page.mouse
    figure.get_by_role("application").scroll_into_view_if_needed()
    box = figure.get_by_role("application").bounding_box()
    mouse.move(box["x"] + 100, box["y"] + 60)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=8)
    mouse.up()
    expect_words(figure, r"at \(0\.\d\d, −?0\.\d\d\)\. Nearest")
