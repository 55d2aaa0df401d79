"""axe-core finds nothing against WCAG 2.2 A and AA on any page, in either theme."""

import pytest
from walk import violations

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pages")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_a_rule(walks, theme):
    broken = {name: seen.broken_rules[:5] for name, seen in walks[theme].pages.items()}
    assert {name: rules for name, rules in broken.items() if rules} == {}


def test_a_broken_rule_would_be_found(visitor, axe):
    page = visitor.open("index.html")
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<input>')")
    assert any(found.startswith("label: article > input") for found in violations(page, axe))
