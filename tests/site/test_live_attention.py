"""The page's own transformer is Keras'; its words can be read from and deleted by the keyboard."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "deep/attention.html"

LARGEST_DIFFERENCES = """async () => {
  const t = await import(new URL("../_live/transformer.js", location.href));
  const file = await (await fetch(new URL("../_live/data/attention.json", location.href))).text();
  const data = JSON.parse(file);
  const net = t.unpack(data.network);
  const off = {};
  function compare(name, ours, theirs) {
    const [a, b] = [ours, theirs].map((values) => [values].flat(9));
    if (a.length !== b.length) off[name] = Infinity;
    a.forEach((value, i) => {
      const gap = Number.isFinite(value) ? Math.abs(value - b[i]) : Infinity;
      off[name] = Math.max(off[name] ?? 0, gap);
    });
  }
  const lists = (maps) => maps.map((map) => [...map].map((row) => Array.from(row)));
  for (const { ids, praise, effects, received, rollout } of data.reference) {
    const { probability, layers } = t.forward(net, ids);
    compare("praise", probability, praise);
    compare("effects", t.effects(net, ids, new Set()), effects);
    compare("received", layers.map((maps) => maps.map(t.received)), received);
    compare("rollout", t.received(t.rollout(layers)), rollout);
  }
  const short = t.forward(net, data.maps.ids);
  compare("maps", short.layers.map(lists), data.maps.layers);
  compare("rolled", lists([t.rollout(short.layers)]), data.maps.rollout);
  compare("both gone", t.forward(net, data.both_gone.ids).probability, data.both_gone.praise);
  return { off, reviews: data.reference.length, bytes: file.length };
}"""


@pytest.fixture
def figure(visitor):
    figure = visitor.open(PAGE).locator(".xk-live[data-figure=attention]")
    figure.get_by_role("button", name=re.compile("Load the model")).press("Enter")
    expect(figure.locator(".xk-words")).to_contain_text("Largest effect")
    yield figure
    assert visitor.faults == []


def token(figure, word):
    return figure.get_by_role("button", name=re.compile(f"^Delete {word}:"))


def shown(figure, word):
    """The attention in percent and the effect of a word, as its name tells them."""
    name = token(figure, word).get_attribute("aria-label")
    share, effect = re.search(r"attention (\d+)%, effect ([+−]?[\d.]+)", name).groups()
    return int(share), float(effect.replace("−", "-"))


def test_page_and_keras_agree_on_answers_effects_and_every_map(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCES)
    assert found["reviews"] >= 12
    assert set(found["off"]) == {
        *("praise", "effects", "received", "rollout", "maps", "rolled", "both gone")
    }
    assert max(found["off"].values()) < 1e-4, found["off"]
    assert 130_000 < found["bytes"] < 160_000  # the button says how much


def test_the_brightest_word_has_next_to_no_effect_until_its_neighbour_is_gone(figure):
    words = figure.locator(".xk-words")
    assert not figure.locator(".xk-still").is_visible()
    expect(words).to_contain_text("Most attention: “not”")
    before = figure.locator(".xk-answer-line").inner_text().split(":")[0]
    share, effect = shown(figure, "not")
    assert share > 20
    assert abs(effect) < 0.05
    token(figure, "not").press("Space")
    assert token(figure, "not").get_attribute("aria-pressed") == "true"
    assert figure.locator(".xk-answer-line").inner_text().startswith(before)
    expect(words).to_contain_text("against the whole text")
    token(figure, "not").press("Enter")
    assert token(figure, "not").get_attribute("aria-pressed") == "false"
    neighbour = max(("did", "need", "manual"), key=lambda word: abs(shown(figure, word)[1]))
    token(figure, neighbour).press("Space")
    assert not figure.locator(".xk-answer-line").inner_text().startswith(before)
    figure.get_by_label("Review").focus()
    after, freed = shown(figure, "not")
    assert after == pytest.approx(share, rel=0.25)
    assert abs(freed) > 0.3
    figure.get_by_role("button", name="Put all words back").press("Enter")
    assert shown(figure, "not") == (share, effect)


def test_a_word_in_focus_under_the_pointer_or_chosen_shows_what_it_reads(figure):
    heading = figure.locator(".xk-wide .xk-part")
    assert heading.inner_text().startswith("All words together read")
    token(figure, "terrible|[a-z]{8,}").first.focus()
    assert heading.inner_text().startswith("“")
    figure.get_by_label("Review").select_option(label="The verdict alone, from above")
    assert heading.inner_text().startswith("All words together read")
    figure.get_by_label("Who reads").select_option(label="6 bad")
    assert heading.inner_text() == "“bad” reads: layer 1, both heads"
    token(figure, "call").hover()
    assert heading.inner_text().startswith("“call” reads")
    figure.get_by_label("Review").hover()
    for name in ("Layer 2, head 1", "Rollout over both layers"):
        figure.get_by_label("Map").select_option(label=name)
        assert heading.inner_text() == f"“bad” reads: {name.lower()}"
        total = sum(shown(figure, word)[0] for word in ("i", "would", "not", "call", "it", "bad"))
        assert 80 <= total + shown(figure, r"\.")[0] <= 103


def test_the_words_are_one_tab_stop_and_arrows_go_between_them(figure):
    figure.get_by_label("Review").select_option(label="The verdict alone, from above")
    tokens = figure.locator(".xk-token")
    last = tokens.count() - 1
    figure.get_by_label("Who reads").focus()
    keyboard = figure.page.keyboard

    def here():
        return tokens.evaluate_all("all => all.indexOf(document.activeElement)")

    keyboard.press("Tab")
    assert here() == 0
    for key, place in (("ArrowLeft", 0), ("ArrowRight", 1), ("End", last), ("Home", 0)):
        keyboard.press(key)
        assert here() == place
    keyboard.press("ArrowRight")
    keyboard.press("Tab")
    assert here() == -1
    keyboard.press("Shift+Tab")
    assert here() == 1


def test_a_page_that_scrolls_under_a_pointer_at_rest_changes_nothing(figure):
    page = figure.page
    words = figure.locator(".xk-token")
    words.nth(8).focus()
    heading = figure.locator(".xk-wide .xk-part")
    before = heading.inner_text()
    box = figure.locator(".xk-tokens").bounding_box()
    page.mouse.move(box["x"] + 60, max(box["y"] - 120, 1))
    page.evaluate("scrollBy(0, 150)")
    # The browser finds what is under the pointer now, and tells it before it draws.
    page.wait_for_selector(".xk-token:hover", state="attached")
    assert heading.inner_text() == before


def test_every_word_can_go_and_come_back(figure):
    figure.get_by_label("Review").select_option(label="The verdict alone, from above")
    tokens = figure.locator(".xk-token")
    names = [shown(figure, word) for word in ("not", "bad")]
    for i in range(tokens.count()):
        tokens.nth(i).press("Space")
    assert figure.locator('.xk-token[aria-pressed="true"]').count() == tokens.count()
    assert "NaN" not in figure.inner_text()
    figure.get_by_role("button", name="Put all words back").click()
    figure.get_by_label("Review").hover()
    assert [shown(figure, word) for word in ("not", "bad")] == names


def test_it_fits_a_phone_and_its_words_can_be_hit(figure, visitor):
    page = visitor.page
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    boxes = [token.bounding_box() for token in figure.locator(".xk-token").all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24
