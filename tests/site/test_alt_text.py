"""Every picture of the site says what is to be seen, and loads when it is near."""

import re

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow


def pictures(site, page_names):
    for name in page_names:
        soup = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        for picture in soup.select("article img"):
            yield name, picture


def test_every_picture_says_in_words_what_is_to_be_seen(site, page_names):
    found = list(pictures(site, page_names))
    assert len(found) >= 5
    for name, picture in found:
        words = re.findall(r"\w+", picture.get("alt", ""))
        assert len(words) >= 5, (name, picture)


def test_no_two_pictures_of_a_page_say_the_same(site, page_names):
    texts = [(name, picture["alt"]) for name, picture in pictures(site, page_names)]
    assert len(texts) == len(set(texts))


def test_pictures_load_late_and_keep_their_place(site, page_names):
    for name, picture in pictures(site, page_names):
        assert picture["loading"] == "lazy", (name, picture)
        assert int(picture["width"]) > 0
        assert int(picture["height"]) > 0
