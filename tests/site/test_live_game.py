"""The page's rules and axiom tests are those of the chapter; its game can be operated."""

import re

import pytest

pytestmark = pytest.mark.slow

PAGE = "local/shapley.html"

LARGEST_DIFFERENCE = """async () => {
  const { RULES, axioms } = await import(new URL("../_live/rules.js", location.href));
  const data = JSON.parse(document.getElementById("xk-data-game").textContent);
  const off = [];
  for (const { worth, shares } of data.reference) {
    for (const [name, values] of Object.entries(shares)) {
      const found = RULES[name](worth);
      if (found.length !== values.length) off.push(Infinity);
      values.forEach((value, i) => off.push(Math.abs(value - found[i])));
    }
  }
  // The chapter's own tests: each axiom on the game it is tested on there.
  const [, gloves, vote, unanimity] = data.games.map((game) => game.worth);
  const on = { efficiency: gloves, symmetry: vote, dummy: unanimity, linearity: gloves };
  for (const [name, gaps] of Object.entries(data.broken)) {
    for (const [axiom, gap] of Object.entries(gaps)) {
      off.push(Math.abs(axioms(RULES[name], on[axiom])[axiom].gap - gap));
    }
  }
  return { largest: Math.max(...off), compared: off.length, games: data.reference.length };
}"""


@pytest.fixture
def figure(visitor):
    yield visitor.open(PAGE).locator(".xk-live[data-figure=game]")
    assert visitor.faults == []


def test_page_and_python_agree_on_every_game_rule_and_axiom(visitor):
    found = visitor.open(PAGE).evaluate(LARGEST_DIFFERENCE)
    assert found["games"] >= 25
    assert found["compared"] >= found["games"] * 5 * 3 + 20
    assert found["largest"] < 1e-9


def means(figure):
    return figure.get_by_role("row", name=re.compile("mean so far")).locator("td").all_inner_texts()


def test_orders_fill_in_by_the_keyboard_until_the_mean_is_exact(figure):
    words = figure.locator(".xk-words")
    assert not figure.locator(".xk-still").is_visible()
    assert words.inner_text().startswith("Shapley: Ana 2, Ben 5, Cleo 35.")
    figure.get_by_role("button", name="Empty the table").press("Enter")
    assert means(figure) == ["", "", ""]
    following = figure.get_by_role("button", name="Next order")
    for order in range(1, 7):
        assert order == 1 or means(figure) != ["2", "5", "35"]
        following.press("Enter")
        assert words.inner_text().startswith(f"{order} of 6 orders, the last ")
    assert means(figure) == ["2", "5", "35"]
    following.press("Enter")
    assert words.inner_text().startswith("6 of 6 orders")


def test_an_equal_split_is_caught_once_somebody_is_of_no_use(figure):
    words = figure.locator(".xk-words")
    figure.get_by_label("Rule").select_option("equal split")
    assert "No axiom is broken" in words.inner_text()
    ana = figure.get_by_role("spinbutton", name="Ana", exact=True)
    ana.fill("0")
    ana.press("Enter")
    assert "Breaks dummy: Ana adds nothing to anyone and gets 14." in words.inner_text()
    # Nothing is changed by a field that is no number, or too large a one.
    for wrong in ("", "100000"):
        ana.fill(wrong)
        ana.press("Enter")
        assert ana.input_value() == "0"
    ana.press("ArrowUp")
    assert "No axiom is broken" in words.inner_text()


def test_each_rival_is_caught_by_an_axiom(figure):
    games = figure.get_by_label("Game")
    words = figure.locator(".xk-words")
    for game, rule, axiom in [
        ("Unanimity", "equal split", "dummy"),
        ("A vote", "one order", "symmetry"),
        ("Gloves: two left, one", "plain mean", "efficiency"),
        ("Gloves: two left, two", "split among the useful", "linearity"),
    ]:
        label = games.locator("option").filter(has_text=game).inner_text()
        games.select_option(label=label)
        figure.get_by_label("Rule").select_option(rule)
        row = figure.get_by_role("row", name=re.compile(f"^{axiom}"))
        assert "broken" in row.inner_text(), (game, rule)
        assert f"Breaks {axiom}: " in words.inner_text(), (game, rule)
        assert "orders, the last" not in words.inner_text(), (game, rule)
        figure.get_by_role("button", name="All orders").click()
        assert "orders, the last" in words.inner_text(), (game, rule)
