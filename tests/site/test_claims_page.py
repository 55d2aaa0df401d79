"""The page of claims says what the chapters say."""

import re

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(soups, page_names):
    """Each claim on the pages, by its address: the sentence and its evidence."""
    claims = {}
    for name in page_names:
        for sentence in soups[name].select(".checked"):
            card = sentence.find_next_sibling(class_="xk-end")
            words = card.select_one(".xk-card-evidence").get_text()
            claims[f"{name}#{sentence['id']}"] = (sentence.get_text(), words)
    return claims


@pytest.fixture(scope="module")
def listed(soups):
    """Each claim on the list, by the address that it links to."""
    claims = {}
    for item in soups["reference/claims.html"].select(".xk-claims li"):
        words = item.select_one(".xk-claim-evidence").get_text(strip=True)
        link = item.find("a")
        claims[link["href"].removeprefix("../")] = (link.get_text(), words)
    return claims


def test_every_claim_is_listed_with_its_evidence_and_a_link(made, listed):
    assert len(made) >= 20
    assert listed == made


def test_each_card_leads_to_the_code_that_claims_its_sentence(soups, page_names):
    for name in page_names:
        # A search of the page for each sentence would take longer than all else here.
        by_id = {element["id"]: element for element in soups[name].find_all(id=True)}
        for sentence in soups[name].select(".checked"):
            link = sentence.find_next_sibling(class_="xk-end").select_one("a.xk-card-code")
            code = by_id[link["href"].removeprefix("#")]
            assert sentence["id"] in code.get_text(), (name, sentence["id"])


def test_the_counts_are_right(soups, made):
    text = soups["reference/claims.html"].find("article").get_text()
    count, chapters = re.search(r"(\d+) claims in (\d+) chapters", text).groups()
    assert int(count) == len(made)
    assert int(chapters) == len({address.split("#")[0] for address in made})


def test_every_chapter_with_code_has_its_time(soups, made):
    rows = soups["reference/times.html"].select("table.xk-times tbody tr")
    seconds = {r.find("a")["href"].removeprefix("../"): r for r in rows if r.find("a")}
    assert {address.split("#")[0] for address in made} <= set(seconds)
    assert all(float(row.find_all("td")[1].get_text()) > 0 for row in rows)
