"""What is asked of every page about accessibility would find a fault."""

import pytest
from walk import violations

pytestmark = pytest.mark.slow


def test_a_broken_rule_would_be_found(visitor, axe):
    page = visitor.open("index.html")
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<input>')")
    assert any(found.startswith("label: article > input") for found in violations(page, axe))


@pytest.mark.parametrize("selector", [".highlight .c1", ".katex .mord"])
def test_a_pale_colour_would_be_found_in_code_and_formulas(visitor, axe, selector):
    page = visitor.open("local/shapley.html")
    page.add_style_tag(content=f"html {selector} {{ color: #ccc !important; }}")
    assert any(found.startswith("color-contrast") for found in violations(page, axe))
