"""Every picture of the site says what is to be seen, and loads when it is near."""

import re

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pictures(soups, page_names):
    return [(name, picture) for name in page_names for picture in soups[name].select("article img")]


def test_every_picture_says_in_words_what_is_to_be_seen(pictures):
    assert len(pictures) >= 5
    for name, picture in pictures:
        words = re.findall(r"\w+", picture.get("alt", ""))
        assert len(words) >= 5, (name, picture)


def test_no_two_pictures_of_a_page_say_the_same(pictures):
    texts = [(name, p["alt"]) for name, p in pictures if "xk-dark" not in p.get("class", [])]
    assert len(texts) == len(set(texts))


def test_every_figure_of_a_cell_has_a_form_for_dark_pages_that_says_the_same(pictures):
    forms = {
        theme: [
            (name, p["alt"], p["width"], p["height"])
            for name, p in pictures
            if f"xk-{theme}" in p.get("class", [])
        ]
        for theme in ("light", "dark")
    }
    assert len(forms["light"]) >= 50
    assert forms["light"] == forms["dark"]


def test_pictures_load_late_and_keep_their_place(pictures):
    for name, picture in pictures:
        assert picture["loading"] == "lazy", (name, picture)
        assert int(picture["width"]) > 0
        assert int(picture["height"]) > 0
