"""The check of links, on pages written for it; the site itself is checked by its build."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book" / "_ext"))

import fragments


@pytest.fixture
def pages(tmp_path):
    texts = {
        "index.html": '<h1 id="top">A</h1><a href="part/one.html">one</a>',
        "part/one.html": '<p id="a b">x</p><a name="old"></a><img src="../dot.png">',
        "part/index.html": "<p>part</p>",
        "dot.png": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [name for name in texts if name.endswith(".html")]
    return tmp_path, {name: fragments.Page(tmp_path / name) for name in names}


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("part/one.html", "index.html"),
        ("part/one.html#a%20b", "index.html"),
        ("one.html#old", "part/index.html"),
        ("../index.html#top", "part/one.html"),
        ("part/", "index.html"),
        ("#top", "index.html"),
        ("#", "index.html"),
        ("dot.png?v=1", "index.html"),
        ("https://example.org/gone", "index.html"),
        ("mailto:a@example.org", "index.html"),
        ("data:image/png;base64,AA", "index.html"),
    ],
)
def test_a_link_that_leads_somewhere(pages, link, page):
    site, known = pages
    assert fragments.fault(link, page, known, site) is None


@pytest.mark.parametrize(
    ("link", "page", "words"),
    [
        ("gone.html", "index.html", "there is no gone.html"),
        ("one.html", "index.html", "there is no one.html"),
        ("part/one.html#lost", "index.html", "part/one.html has no #lost"),
        ("#lost", "part/one.html", "part/one.html has no #lost"),
        ("../../outside.html", "part/one.html", "there is no ../outside.html"),
        ("dot.jpg", "index.html", "there is no dot.jpg"),
    ],
)
def test_a_link_that_leads_nowhere(pages, link, page, words):
    site, known = pages
    assert fragments.fault(link, page, known, site) == words


def test_links_and_places_are_read_off_a_page(pages):
    _, known = pages
    assert list(known["part/one.html"].links) == ["../dot.png"]
    assert known["part/one.html"].places == {"a b", "old"}


def test_the_line_of_a_link_in_its_source(tmp_path):
    source = tmp_path / "page.md"
    source.write_text("# A\n\n[x](two.md#place)\n\n[y](three.md)\n", encoding="utf-8")
    assert fragments.line_of("two.html#place", source) == 3
    assert fragments.line_of("three.html", source) == 5
    assert fragments.line_of("four.html", source) is None
