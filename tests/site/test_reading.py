"""Read the built site in Chromium, with every request to another host refused."""

import pytest

pytestmark = pytest.mark.slow


def test_a_request_to_another_host_would_be_seen(visitor):
    page = visitor.open("index.html")
    page.evaluate("fetch('https://example.org/x').catch(() => null)")
    assert visitor.outside == ["https://example.org/x"]


def test_no_page_loads_thebe_fontawesome_script_or_mathjax(soups, page_names):
    for name in page_names:
        scripts = [str(tag) for tag in soups[name].find_all(["script", "link"])]
        assert len(scripts) > 5, name
        for word in ("thebe", "fontawesome.js", "mathjax", "MathJax", "//cdn", "https://"):
            assert not [tag for tag in scripts if word in tag], (name, word)


def test_scripts_are_deferred(soups, page_names):
    for name in page_names:
        for tag in soups[name].find_all("script", src=True):
            # A module is deferred by its nature.
            assert tag.has_attr("defer") or tag.get("type") == "module", (name, tag)


@pytest.mark.parametrize(("word", "target"), [("Shapley", "local/shapley.html")])
def test_search_finds_a_chapter(visitor, word, target):
    page = visitor.open("index.html")
    page.locator(".bd-sidebar-primary .search-button-field").click()
    page.locator("#pst-search-dialog input[name=q]").fill(word)
    page.locator("#pst-search-dialog input[name=q]").press("Enter")
    page.wait_for_url("**/search.html?q=*")
    link = page.locator(f'#search-results a[href*="{target}"]').first
    link.wait_for()
    link.click()
    page.wait_for_url(f"**/{target}*")
    assert visitor.faults == []


def ground(page) -> float:
    """Return the lightness of the page's ground, from 0 (black) to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [float(p) for p in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(parts) / 3


def test_dark_mode_toggles_and_sticks(visitor):
    page = visitor.open("index.html")
    button = page.locator("button.theme-switch-button:visible").first
    for _ in range(3):  # light, dark, as the system has it
        if page.evaluate("document.documentElement.dataset.mode") == "dark":
            break
        button.click()
    assert page.evaluate("document.documentElement.dataset.mode") == "dark"
    assert ground(page) < 60
    page = visitor.open("local/shapley.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert ground(page) < 60


COLOURS = """
    const numbers = text => text.match(/[0-9.]+/g).map(Number);
    const luminance = colour => colour.slice(0, 3)
        .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (one, other) => {
        const [light, dark] = [one, other].sort((a, b) => b - a);
        return (light + 0.05) / (dark + 0.05);
    };
"""

CONTRAST = (
    f"""selector => {{ {COLOURS}"""
    + """
    const ground = e => {
        for (; e; e = e.parentElement) {
            const colour = numbers(getComputedStyle(e).backgroundColor);
            if (colour.length === 3 || colour[3] === 1) return luminance(colour);
        }
        return 1;
    };
    return [...document.querySelectorAll(selector)]
        .map(e => ratio(luminance(numbers(getComputedStyle(e).color)), ground(e)));
}"""
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_claims_can_be_read_in_both_themes(visitor, theme):
    visitor.page.add_init_script(
        f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
    )
    for name in ("local/shapley.html", "foundations/global-and-local.html"):
        page = visitor.open(name)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        ratios = page.evaluate(CONTRAST, ".xk-tick, .xk-card-evidence")
        assert len(ratios) > 20
        assert min(ratios) >= 4.5


PALE_ON_PAPER = (
    f"""() => {{ {COLOURS}"""
    + """
    return [...document.querySelectorAll('article *')]
        .filter(e => e.checkVisibility() && !e.closest('svg, .katex-mathml'))
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
        .map(e => [e.outerHTML.slice(0, 80), getComputedStyle(e).color])
        .filter(([, colour]) => ratio(luminance(numbers(colour)), 1) < 4.5);
}"""
)


@pytest.mark.parametrize(
    "name", ["local/shapley.html", "global/decision-boundaries.html", "reference/models.html"]
)
def test_on_paper_all_text_is_dark_in_the_dark_theme_too(visitor, name):
    visitor.page.emulate_media(color_scheme="dark")
    page = visitor.open(name)
    assert page.evaluate(PALE_ON_PAPER)  # on the screen it is light
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(PALE_ON_PAPER) == []
    # Code has a ground of its own.
    ratios = page.evaluate(CONTRAST, "article code.literal")
    assert ratios
    assert min(ratios) >= 4.5


def test_the_table_of_methods_and_models_fits_a_desktop(visitor):
    """Every column is seen without scrolling, and none is ruled off from the next."""
    page = visitor.open("reference/models.html")
    tables = page.locator("article table.xk-methods")
    assert tables.count() == 2
    for table in tables.all():
        width, room = table.evaluate("e => [e.offsetWidth, e.parentElement.clientWidth]")
        assert width <= room
        rule = "e => getComputedStyle(e.querySelector('td ~ td')).borderLeftWidth"
        assert table.evaluate(rule) == "0px"


def test_mathematics_is_drawn_without_a_script(open_without_scripts):
    page = open_without_scripts("local/shapley.html")
    formulas = page.locator("article .katex-html")
    assert formulas.count() > 20
    for number in range(formulas.count()):
        box = formulas.nth(number).bounding_box()
        assert box is not None
        assert box["width"] > 2
        assert box["height"] > 5
    assert page.locator(".katex-error").count() == 0


def test_the_fonts_of_mathematics_and_icons_are_used(visitor):
    page = visitor.open("local/shapley.html")
    loaded = page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts]"
        ".filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', '')))"
    )
    assert "KaTeX_Math" in loaded
    assert any("Font Awesome" in family for family in loaded)
