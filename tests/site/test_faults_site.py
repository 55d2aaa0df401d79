"""Planted faults in links, pictures, formulas, claims, outputs and live figures end the build.

All faults stand in one small book, since a build names every fault that it finds, and all
that is sound in another.
"""

import pytest
from bs4 import BeautifulSoup
from PIL import Image

pytestmark = pytest.mark.slow

EXTENSIONS = (
    "alt_text",
    "cells",
    "checked",
    "claims",
    "fragments",
    "live",
    "mathematics",
    "pictures",
)
CELL = "\n```{code-cell} python\n%s\n```\n"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
CLAIM = "import xaikit as xk\nxk.claim('Two is less than three', 2 < 3, evidence='2 < 3')"
ALT = '---\nmystnb:\n  image:\n    alt: "A line that rises"\n---\n'

# Each stands on line 5 of a page of its own, with the words of its warning.
FAULTS = {
    "page-absent": ("[nowhere](absent.md)", "absent.md"),
    "fragment-absent": ("[lost](sound.md#no-such-place)", "no-such-place"),
    "fragment-of-the-page": ("[lost](#no-such-place)", "no-such-place"),
    "html-page": ('<p><a href="absent.html">x</a></p>', "there is no absent.html"),
    "html-fragment": ('<p><a href="sound.html#gone">x</a></p>', "sound.html has no #gone"),
    "html-own-fragment": ('<p><a href="#gone">x</a></p>', "has no #gone"),
    "html-outside": ('<p><a href="../../x.html">x</a></p>', "there is no ../../x.html"),
    "html-picture": ('<p><img src="gone.png" alt="A dot"></p>', "there is no gone.png"),
    "alt-absent": ("```{image} dot.png\n```", "picture without alt text (dot.png)"),
    "alt-file-name": ("```{image} dot.png\n:alt: dot.png\n```", "picture without alt text"),
    "alt-default": ("```{image} dot.png\n:alt: figure\n```", "picture without alt text"),
    "alt-markdown": ("![](dot.png)", "picture without alt text (dot.png)"),
    "alt-caption-only": ("```{figure} dot.png\n\nA caption.\n```", "picture without alt text"),
    "alt-html": ('<p><img src="_images/dot.png"></p>', "picture without alt text in HTML"),
    "live-module": ("```{live} nowhere\n```", "there is no _live/nowhere.js in the book"),
    "live-label": ("```{live} game\n```", "the live figure 'game' needs a :label:"),
    "live-data": (
        "```{live} game\n:label: A game\n:data: made\n```",
        "no cell hands over the data of this live figure: xk.live.hand_over('made', ...)",
    ),
    "live-on-click": (
        "```{live} game\n:label: A game\n:on-click: Load\n```",
        "the live figure 'game' has :on-click: and no :data: to fetch",
    ),
    "sentence-without-claim": (
        "Said. [Nobody claims it.]{.checked #nobody-claims}",
        "no cell that the page shows claims this sentence: xk.claim('nobody-claims', ...)",
    ),
    "sentence-twice": (
        "[One.]{.checked #said-here} [Two.]{.checked #said-here}",
        'Duplicate explicit target name: "said-here"',
    ),
    "sentence-without-name": ("[It.]{.checked}", "a sentence is marked as checked by no name"),
    "formula": ("$$\n\\frac{1}{\n$$", "formula cannot be drawn"),
}


SOUND = """# Sound

## A place

[here](#a-place), [here again](sound.md#a-place), <a href='sound.html#a-place'>and again</a>

```{image} dot.png
:alt: One black dot
```

$x^2$ and $\\phi_i$

```{claims}
```
"""

SAID = "[Once.]{.checked #said-twice} [Hidden.]{.checked #code-hidden}"
NAMED = "xk.claim('said-twice', True)\nxk.claim('never-said', True)\nxk.claim('said-twice', True)"
HIDDEN = ":tags: [remove-input]\n\nxk.claim('code-hidden', True)"

# As shap's compiled tree explainer draws it, twice over one line.
BAR = r"'\r  5%|=                   | 10/200 [00:11<03:29]       '"
BARS = f"import sys\nsys.stderr.write({BAR} + {BAR.replace('11', '12')})\nprint('done')"

EFFECT = """import numpy as np
from xaikit import effects, plot
e = effects.ale(lambda X: 3 * X[:, 0], np.linspace(0, 1, 30)[:, None], 0)
"""
DRAWN = "plot.effect(e)\nplt.show()"
GIVEN = "---\nmystnb:\n  image:\n    alt: As the author has it\n---\n"
CAPTION = """---
mystnb:
  image:
    alt: "A line that falls"
  figure:
    caption: "From two to *minus one*."
---
plt.plot([2, -1]);
"""
MIXED = "_, (a, b) = plt.subplots(1, 2)\nplot.effect(e, ax=a)\nb.plot([1, 2])\nplt.show()"


def write(book, repository, cells):
    """Give a book this book's own checks, a sound page, and a chapter of these cells."""
    folder = repository / "book" / "_ext"
    lines = ["title: Tiny", "only_build_toc_files: true", "execute:", "  execute_notebooks: cache"]
    lines += ["  stderr_output: warn", "parse:", "  myst_enable_extensions:"]
    lines += ["    - attrs_inline", "    - dollarmath"]
    lines += ["sphinx:", "  local_extensions:", *(f"    {n}: {folder}" for n in EXTENSIONS)]
    lines += ["  config:", "    myst_heading_anchors: 3"]
    book.write("_config.yml", "\n".join(lines))
    Image.new("L", (4, 4)).save(book.folder / "dot.png")
    book.write("sound.md", SOUND)
    return book.chapter("cells", "# Cells\n\nText.\n" + "".join(CELL % c for c in cells))


def test_every_fault_is_named_with_file_and_line_and_again_when_none_was_mended(
    new_tiny_book, repository
):
    book = new_tiny_book()
    expected = {}
    for name, (text, words) in FAULTS.items():
        path = book.write(f"{name}.md", f"# {name}\n\nText.\n\n{text}\n")
        expected[f"{path}:5: "] = words
    warned = BARS + "\nsys.stderr.write('Beware')"
    path = write(book, repository, [PLOT, CLAIM, CLAIM, EFFECT + MIXED, warned, NAMED, HIDDEN])
    book.replace("cells.md", "Text.", "{ref}`nowhere` " + SAID)
    expected[f"{path}:10: WARNING"] = "undefined label: 'nowhere'"
    # What a cell shows is placed two lines below the cell's fence.
    expected[f"{path}:14: WARNING"] = "picture without alt text (output of a cell)"
    expected[f"{path}:24: WARNING"] = "two claims have the name 'Two is less than three'"
    # xaikit describes its own figure, but others have drawn on this one too.
    expected[f"{path}:29: WARNING"] = "picture without alt text (output of a cell)"
    expected[f"{path}:39: WARNING"] = "stderr"
    # A sentence in place of a name is for labs.
    unsaid = "no sentence of the page is claimed: [...]{.checked #Two is less than three}"
    expected[f"{path}:19: WARNING"] = unsaid
    expected[f"{path}:46: WARNING"] = "no sentence of the page is claimed"
    expected[f"{path}:47: WARNING"] = "two claims have the name 'said-twice'"
    expected[f"{path}:53: WARNING"] = "the code of this claim is not on the page: use the tag"
    expected[f"{book.folder / 'index.md'}:"] = "nonexisting document 'not-on-disk'"
    book.toc("sound", "cells", "not-on-disk", *FAULTS)
    for _ in range(2):
        done = book.build()
        said = done.stdout + done.stderr
        assert done.returncode == 1, said
        for place, words in expected.items():
            assert any(place in line and words in line for line in said.splitlines()), (
                f"{place}: {words}\n{said}"
            )
        assert "sound.md" not in done.stderr


@pytest.fixture(scope="module")
def sound(new_tiny_book, repository):
    """A book without a fault, built."""
    book = new_tiny_book()
    claim = CLAIM.replace("Two is less than three", "two-and-three")
    cells = [ALT + PLOT, claim, EFFECT + DRAWN, GIVEN + DRAWN, BARS, CAPTION]
    write(book, repository, cells)
    book.replace("cells.md", "Text.", "[Two is less than three.]{.checked #two-and-three}")
    book.toc("sound", "cells")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


def test_a_sound_book_is_built(sound):
    assert 'alt="A line that rises"' in sound.page("cells")
    listed = sound.page("sound")
    assert 'class="katex"' in listed
    assert "1 claim in 1 chapter," in listed
    assert "Two is less than three.</a>" in listed
    assert "2 &lt; 3</span>" in listed
    assert 'href="cells.html#two-and-three"' in listed


def test_a_true_claim_stands_on_its_page(sound):
    page = BeautifulSoup(sound.page("cells"), "html.parser")
    (sentence,) = page.select(".checked#two-and-three")
    assert sentence.get_text() == "Two is less than three."
    assert page.select(".xk-claim") == []


def test_a_bar_that_a_busy_machine_draws_on_stderr_is_left_out(sound):
    page = sound.page("cells")
    assert "done\n" in page
    assert page.count("10/200") == 2  # in the code alone


def test_a_figure_says_what_is_seen_where_the_cell_does_not(sound):
    page = sound.page("cells")
    for alt in ("Line of the accumulated local effect of x0", "As the author has it"):
        assert page.count(f'alt="{alt}') == 2  # in either form


def test_a_figure_stands_in_a_form_for_light_pages_and_one_for_dark_ones(sound):
    pictures = BeautifulSoup(sound.page("cells"), "html.parser").select("article img, main img")
    forms = [(p["class"][0], p["alt"], p["width"], p["height"]) for p in pictures]
    assert len(forms) == 8
    for light, dark in zip(forms[::2], forms[1::2], strict=True):
        assert (light[0], dark[0]) == ("xk-light", "xk-dark")
        assert light[1:] == dark[1:]
        assert int(light[2]) > int(light[3]) > 200
    # One of the four is drawn twice, in the same bytes.
    assert len({picture["src"] for picture in pictures}) == 6
    assert {picture["loading"] for picture in pictures} == {"lazy"}


def test_a_figure_may_have_a_caption_below_both_its_forms(sound):
    (figure,) = BeautifulSoup(sound.page("cells"), "html.parser").select("figure")
    assert [picture["alt"] for picture in figure.select("img")] == ["A line that falls"] * 2
    assert "From two to minus one." in figure.figcaption.get_text()
