"""axe-core finds nothing against WCAG 2.2 A and AA on any page, in either theme."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async rules => {
  const runOnly = { type: "tag", values: rules };
  const found = await axe.run({ runOnly, resultTypes: ["violations"] });
  return found.violations.flatMap(violation => violation.nodes.map(node =>
    `${violation.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""


@pytest.fixture
def axe(repository):
    return (repository / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page, axe):
    page.evaluate(axe)
    return page.evaluate(RUN, RULES)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_a_rule(browser, address, page_names, axe, theme):
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    broken = {}
    for name in page_names:
        page.goto(address + name, wait_until="load")
        found = violations(page, axe)
        if found:
            broken[name] = found[:5]
    context.close()
    assert broken == {}


def test_a_broken_rule_would_be_found(visitor, axe):
    page = visitor.open("index.html")
    page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<input>')")
    assert any(found.startswith("label: article > input") for found in violations(page, axe))
