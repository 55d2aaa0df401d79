"""A sentence and its check on the page: by pointer, keyboard and finger, on paper, as data.

One small book is built with the book's own extensions and styles, and opened in Chromium.
"""

import nbformat
import pytest
from bs4 import BeautifulSoup
from walk import STICKING_OUT, violations

from tools.serve import serving

pytestmark = pytest.mark.slow

EXTENSIONS = (
    "cells",
    "checked",
    "claims",
    "fragments",
    "live",
    "mathematics",
    "method_tables",
    "minus",
    "notebooks",
    "validity",
)
LONG = "\n".join(f"step_{n} = {n}" for n in range(13))
WIDE = "wide = [" + ", ".join(str(n) for n in range(100)) + "]"

CHAPTER = f"""# A chapter

Somebody asks. [The *model* lends her {{glue:text}}`amount:,.0f` dollars for $x \\in [0, 1)$,
says [home](index.md).]{{.checked #lends-her}} The text goes on.
[All are declined again.]{{.checked #all-declined}}

```{{code-cell}} python
:tags: [checks]

import xaikit as xk

xk.put(amount=7000)
xk.claim(
    "lends-her", True, evidence="probability 0.31 as filed, 0.62 with savings of 7,000 dollars"
)
xk.claim("all-declined", True, evidence={{"change": -0.5}})
```

- [It rises.]{{.checked #it-rises}}

```{{code-cell}} python
:tags: [hide-input]

low = 1
```

```{{code-cell}} python
:tags: [checks]

xk.claim("it-adds-up", True, evidence="largest difference under 1e-12")
```

```{{code-cell}} python
:tags: [hide-input]

xk.claim("it-rises", low < 2)
print("drawn")
```

Between.

```{{code-cell}} python
{WIDE}
{LONG}
xk.claim("thirteen-steps", step_12 == 12, evidence="13 steps")
```

```{{code-cell}} python
:tags: [whole]

{LONG}
```

```{{list-table}}
:header-rows: 1
:class: method-table

* - Method
  - Strength
* - SHAP
  - [It adds up.]{{.checked #it-adds-up}}
```

## The end

[It takes thirteen steps.]{{.checked #thirteen-steps}}
"""
NAMES = ["lends-her", "all-declined", "it-rises", "it-adds-up", "thirteen-steps"]


@pytest.fixture(scope="module")
def book(new_tiny_book, repository):
    folder = repository / "book"
    lines = ["title: Tiny", "only_build_toc_files: true", "execute:", "  execute_notebooks: cache"]
    lines += ["bibtex_bibfiles: [references.bib]", "parse:", "  myst_enable_extensions:"]
    lines += ["    - attrs_inline", "    - dollarmath", "sphinx:", "  local_extensions:"]
    lines += [f"    {name}: {folder / '_ext'}" for name in EXTENSIONS]
    lines += ["  config:", f"    html_static_path: [{folder / '_assets'}]"]
    lines += ["    html_css_files: [book.css, checks.css, cells.css]"]
    made = new_tiny_book()
    made.write("_config.yml", "\n".join(lines))
    made.write("references.bib", "")
    made.write("list.md", "# Claims\n\n```{claims}\n```\n")
    made.chapter("chapter", CHAPTER)
    made.toc("chapter", "list")
    done = made.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="module")
def soup(book):
    return BeautifulSoup(book.page("chapter"), "html.parser")


@pytest.fixture(scope="module")
def home(book):
    with serving(book.folder / "_build" / "html") as address:
        yield address


@pytest.fixture
def open_page(browser, home):
    """Open the chapter in a window of its own."""
    windows = []

    def open_page(place="", width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        windows.append(context)
        page = context.new_page()
        page.goto(f"{home}chapter.html{place}")
        return page

    yield open_page
    for context in windows:
        context.close()


def parts(page, name):
    """Return the tick and the card of a sentence."""
    card = page.locator(f"#evidence-{name}")
    return page.locator(f"[popovertarget=evidence-{name}]"), card


# What is written.


def test_each_sentence_keeps_its_anchor_and_has_its_evidence(soup):
    assert [tag["id"] for tag in soup.select(".checked")] == NAMES
    evidence = [tag.get_text() for tag in soup.select(".xk-card-evidence")]
    assert evidence == [
        "probability 0.31 as filed, 0.62 with savings of 7,000 dollars",
        "change −0.5",
        "Asserted by the code, without figures",
        "largest difference under 1e-12",
        "13 steps",
    ]
    assert [item.get_text() for item in soup.select(".xk-notes li")] == evidence
    ticks = soup.select(".xk-tick")
    assert len({tick["aria-label"] for tick in ticks}) == len(NAMES)


def test_a_named_claim_leaves_no_line_below_its_cell(soup):
    assert soup.select(".xk-claim") == []
    outputs = soup.select(".cell_output")
    assert [output.get_text(strip=True) for output in outputs] == ["drawn"]


def test_cells_that_only_assert_stand_at_the_end_and_lead_back(soup):
    (fold,) = soup.select("details.xk-checks-code")
    codes = fold.select(".cell_input")
    assert [code["id"] for code in codes] == ["code-lends-her", "code-it-adds-up"]
    assert all("xk.claim" in code.get_text() for code in codes)
    assert [a["href"] for a in fold.select("p a")] == ["#lends-her", "#all-declined", "#it-adds-up"]
    last = soup.select("section")[-1]
    assert last in fold.find_previous_siblings("section")


def test_hidden_cells_with_nothing_between_share_one_fold(soup):
    (fold,) = soup.select("details.hide")
    assert "Show the code" in fold.summary.get_text()
    assert [code.get_text()[:6] for code in fold.select("pre")] == ["low = ", "xk.cla"]
    assert fold.find(id="code-it-rises")


def test_only_a_long_cell_folds(soup):
    (fold,) = soup.select(".xk-unfold")
    assert "Show all 15 lines" in fold.get_text()
    assert "step_12" in fold.find_previous("pre").get_text()


def test_cells_of_a_method_table_name_their_columns(soup):
    cells = soup.select("table.method-table tbody td")
    assert [cell["data-label"] for cell in cells] == ["Method", "Strength"]


def test_the_list_has_the_sentences_as_they_stand(book, soup):
    listed = BeautifulSoup(book.page("list"), "html.parser").select(".xk-claims li")
    links = [item.find("a") for item in listed]
    assert [link["href"] for link in links] == [f"chapter.html#{name}" for name in NAMES]
    said = [tag.get_text() for tag in soup.select(".checked")]
    assert [link.get_text() for link in links] == said
    assert "7,000 dollars" in said[0]
    assert links[0].select(".katex")
    assert links[0].select("em")
    assert not links[0].select("a")
    evidence = [tag.get_text() for tag in soup.select(".xk-card-evidence")]
    assert [item.select_one(".xk-claim-evidence").get_text() for item in listed] == evidence


def test_the_notebook_to_take_away_has_the_sentence_alone(book):
    path = book.folder / "_build" / "html" / "_notebooks" / "chapter.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert "The *model* lends her 7,000 dollars for $x \\in [0, 1)$,\nsays home. The text" in text
    assert "checked" not in text
    folded = [cell for cell in cells if cell.metadata.get("jupyter")]
    assert len(folded) == 4


# What a reader does.


@pytest.mark.parametrize("scripts", [True, False])
def test_a_press_opens_the_card_and_its_link_the_code(open_page, scripts):
    page = open_page(java_script_enabled=scripts)
    tick, card = parts(page, "lends-her")
    assert not card.is_visible()
    tick.click()
    assert card.is_visible()
    page.mouse.move(5, 5)
    assert card.is_visible()  # it stays
    code = page.locator("#code-lends-her")
    assert not code.is_visible()
    card.get_by_role("link").click()
    assert page.url.endswith("#code-lends-her")
    code.wait_for(state="visible")


def test_a_card_goes_when_its_reader_goes_on(open_page):
    page = open_page()
    tick, card = parts(page, "lends-her")
    tick.click()
    assert card.is_visible()
    page.locator("article h1").click()
    card.wait_for(state="hidden")


def test_the_pointer_shows_the_card_without_scripts_and_may_go_into_it(open_page):
    page = open_page(java_script_enabled=False)
    tick, card = parts(page, "all-declined")
    tick.hover()
    assert card.is_visible()
    card.get_by_role("link").hover()
    assert card.is_visible()
    page.mouse.move(5, 5)
    card.wait_for(state="hidden")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_shows_the_card_and_reaches_its_link(open_page, scripts):
    page = open_page("#lends-her", java_script_enabled=scripts)
    _, card = parts(page, "lends-her")
    page.locator("#lends-her a").focus()
    page.keyboard.press("Tab")
    assert card.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#code-lends-her")
    page.locator("#code-lends-her").wait_for(state="visible")


def test_escape_closes_a_pressed_card_and_one_that_is_only_focused(open_page):
    page = open_page()
    tick, card = parts(page, "lends-her")
    page.locator("#lends-her a").focus()
    page.keyboard.press("Tab")
    assert card.is_visible()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert card.is_visible()
    page.keyboard.press("Enter")
    assert card.evaluate("e => e.matches(':popover-open')")
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")
    assert tick.evaluate("e => e === document.activeElement")


def test_a_finger_opens_a_card_that_fits_a_phone(open_page):
    page = open_page(width=360, has_touch=True, is_mobile=True)
    for name in NAMES:
        tick, card = parts(page, name)
        tick.tap()
        box = card.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        # Beside the tick, above or below.
        at = tick.bounding_box()
        assert (
            min(abs(box["y"] - at["y"] - at["height"]), abs(box["y"] + box["height"] - at["y"])) < 2
        )
        page.locator("article h1").tap()
        card.wait_for(state="hidden")


BESIDE = """() => [...document.querySelectorAll('.xk-tick')].map(tick => {
    const range = document.createRange();
    const sentence = tick.parentElement.previousElementSibling;
    range.selectNodeContents(sentence);
    const end = [...range.getClientRects()].at(-1);
    const box = tick.getBoundingClientRect();
    return box.top < end.bottom && box.bottom > end.top;
})"""


def test_no_tick_goes_to_the_next_line_without_its_sentence(open_page):
    page = open_page()
    for width in range(320, 520, 8):
        page.set_viewport_size({"width": width, "height": 800})
        assert all(page.evaluate(BESIDE)), width


def test_a_link_to_hidden_code_opens_its_fold(open_page):
    elsewhere = open_page(java_script_enabled=False)
    assert not elsewhere.locator("#code-it-rises").is_visible()
    page = open_page("#code-it-rises", java_script_enabled=False)
    page.locator("#code-it-rises").wait_for(state="visible")


def test_a_long_cell_shows_its_rest_when_asked_without_scripts(open_page):
    page = open_page(java_script_enabled=False)
    shown = "e => e.querySelector('pre').clientHeight >= e.querySelector('pre').scrollHeight"
    cell = page.locator(".xk-long")
    assert not cell.evaluate(shown)
    cell.locator("summary").click()
    assert cell.evaluate(shown)


FADES = "e => getComputedStyle(e).maskImage !== 'none'"


def test_only_what_goes_on_to_the_right_fades_there(open_page):
    page = open_page()
    wide, narrow = page.locator(".xk-long pre"), page.locator("#code-it-adds-up pre")
    page.evaluate("document.querySelector('.xk-checks-code').open = true")
    assert wide.evaluate(FADES)
    assert not narrow.evaluate(FADES)


def test_on_a_phone_a_row_of_a_method_table_is_a_card(open_page):
    page = open_page(width=360)
    row = page.locator("table.method-table tbody tr")
    first, second = row.locator("td").all()
    assert second.bounding_box()["y"] > first.bounding_box()["y"]
    label = "e => getComputedStyle(e, '::before').content"
    assert second.evaluate(label) == '"Strength"'
    assert not page.locator("table.method-table thead").is_visible()


def test_on_paper_the_evidence_stands_in_numbered_notes(open_page):
    page = open_page()
    assert not page.locator(".xk-notes").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".xk-notes").is_visible()
    assert page.locator(".xk-notes li").all_inner_texts()[-1] == "13 steps"
    numbers = page.locator(".xk-note-number")
    assert all(number.is_visible() for number in numbers.all())
    assert numbers.all_inner_texts() == [str(n) for n in range(1, 6)]
    assert not any(tick.is_visible() for tick in page.locator(".xk-tick").all())
    shown = "e => e.querySelector('pre').clientHeight >= e.querySelector('pre').scrollHeight"
    assert page.locator(".xk-long").evaluate(shown)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_an_open_card_breaks_no_rule_and_nothing_sticks_out(open_page, axe, theme, width):
    page = open_page(width=width, color_scheme=theme)
    page.locator(".xk-checks-code summary").click()
    parts(page, "lends-her")[0].click()
    assert page.evaluate(STICKING_OUT, width) == []
    found = violations(page, axe)
    assert [text for text in found if "xk-" in text or "checked" in text] == []
