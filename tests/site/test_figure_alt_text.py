"""The text that a figure brings along reaches the page, from the kernel to the tag."""

import pytest

pytestmark = pytest.mark.slow

SET_UP = """
```{code-cell} python
import numpy as np, matplotlib.pyplot as plt
from xaikit import effects, plot
e = effects.ale(lambda X: 3 * X[:, 0], np.linspace(0, 1, 30)[:, None], 0)
```
"""


@pytest.fixture
def book(tiny_book, repository):
    folder = (repository / "book" / "_ext").as_posix()
    execution = "execute:\n  execute_notebooks: cache\n"
    extension = f"sphinx:\n  local_extensions:\n    alt_text: {folder}\n"
    tiny_book.replace("_config.yml", execution, execution + extension)
    return tiny_book


def test_a_figure_says_what_is_seen_where_the_cell_does_not(book):
    drawn = "\n```{code-cell} python\n%splot.effect(e)\nplt.show()\n```\n"
    given = "---\nmystnb:\n  image:\n    alt: As the author has it\n---\n"
    book.chapter("one", "# One\n" + SET_UP + drawn % "" + drawn % given)
    book.toc("one")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    page = book.page("one")
    assert page.count('alt="Line of the accumulated local effect of x0') == 1
    assert page.count('alt="As the author has it"') == 1


def test_a_figure_that_others_have_drawn_on_too_must_be_described(book):
    mixed = "_, (a, b) = plt.subplots(1, 2)\nplot.effect(e, ax=a)\nb.plot([1, 2])\nplt.show()"
    book.chapter("one", "# One\n" + SET_UP + f"\n```{{code-cell}} python\n{mixed}\n```\n")
    book.toc("one")
    done = book.build()
    assert done.returncode == 1
    assert "picture without alt text (output of a cell)" in done.stdout + done.stderr
