"""Planted faults in links, fragments, pictures, formulas, claims and live figures end the build.

All faults stand in one small book, since a build names every fault that it finds.
"""

import pytest
from PIL import Image

pytestmark = pytest.mark.slow

EXTENSIONS = ("alt_text", "claims", "fragments", "live", "mathematics")
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
    "formula": ("$$\n\\frac{1}{\n$$", "formula cannot be drawn"),
}


@pytest.fixture
def book(tiny_book, repository):
    """A small book with this book's own checks."""
    folder = repository / "book" / "_ext"
    lines = ["title: Tiny", "only_build_toc_files: true", "execute:", "  execute_notebooks: cache"]
    lines += ["sphinx:", "  local_extensions:", *(f"    {n}: {folder}" for n in EXTENSIONS)]
    lines += ["  config:", "    myst_heading_anchors: 3"]
    tiny_book.write("_config.yml", "\n".join(lines))
    Image.new("L", (4, 4)).save(tiny_book.folder / "dot.png")
    tiny_book.write("sound.md", SOUND)
    return tiny_book


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


def test_every_fault_is_named_with_file_and_line(book):
    expected = {}
    for name, (text, words) in FAULTS.items():
        path = book.write(f"{name}.md", f"# {name}\n\nText.\n\n{text}\n")
        expected[f"{path}:5: "] = words
    path = book.chapter("cells", "# Cells\n\nText.\n" + CELL % PLOT + CELL % CLAIM + CELL % CLAIM)
    # What a cell shows is placed two lines below the cell's fence.
    expected[f"{path}:14: WARNING"] = "picture without alt text (output of a cell)"
    expected[f"{path}:24: WARNING"] = "claim stands twice on this page: 'Two is less than three'"
    book.toc("sound", "cells", *FAULTS)
    done = book.build()
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for place, words in expected.items():
        assert any(place in line and words in line for line in said.splitlines()), (
            f"{place}: {words}\n{said}"
        )
    assert "sound.md" not in done.stderr


def test_a_sound_book_is_built(book):
    book.chapter("cells", "# Cells\n" + CELL % (ALT + PLOT) + CELL % CLAIM)
    book.toc("sound", "cells")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'alt="A line that rises"' in book.page("cells")
    listed = book.page("sound")
    assert 'class="katex"' in listed
    assert "1 claim in 1 chapter," in listed
    assert "Two is less than three</a>" in listed
    assert "2 &lt; 3</span>" in listed
    assert 'href="cells.html#claim-' in listed
