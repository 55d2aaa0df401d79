"""A walk over the whole site: each page is opened once in either theme and asked everything.

To open a page costs more than most of what is asked of it. In the light theme it is opened at
a desktop's width and then narrowed to a phone's, in the dark one the other way round.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page
from visitor import Visitor

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
VIEWS = {"light": (DESKTOP, PHONE), "dark": (PHONE, DESKTOP)}

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """async rules => {
  const runOnly = { type: "tag", values: rules };
  const found = await axe.run({ runOnly, resultTypes: ["violations"] });
  return found.violations.flatMap(violation => violation.nodes.map(node =>
    `${violation.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}"""

# Most of a chapter's elements are words of its code and parts of its formulas, all drawn in a
# few ways. Blocks that show none but ways seen before become plain text, and those folded away,
# of which axe asks nothing, are emptied, or it would take five times as long.
SHOW_EACH_WAY_ONCE = """() => {
    const seen = new Set();
    const way = e => `${e.className} ${e.getAttribute('style')?.match(/color[^;]*/g) ?? ''}`;
    for (const block of document.querySelectorAll('.highlight pre, .katex')) {
        if (!block.checkVisibility()) {
            block.textContent = '';
            continue;
        }
        const ways = [...block.querySelectorAll('[class]')].map(way);
        const known = ways.every(each => seen.has(each));
        ways.forEach(each => seen.add(each));
        if (known && !block.querySelector('a')) block.textContent = block.textContent;
    }
}"""

ICONS = """() => [...document.querySelectorAll('i[class*="fa-"], span[class*="fa-"], svg')]
    .filter(e => e.offsetParent && e.tagName !== 'svg')
    .map(e => [e.className, getComputedStyle(e, '::before').content])"""

# When the letters are there and no script has anything left to do.
SETTLED = """async () => {
    await document.fonts.ready;
    await new Promise(done => requestIdleCallback(done));
}"""

# Nothing may stick out of the text unless something around it scrolls.
STICKING_OUT = """width => {
    const clipped = e => {
        for (; e && e.tagName !== 'BODY'; e = e.parentElement) {
            const style = getComputedStyle(e);
            if (['auto', 'scroll', 'hidden', 'clip'].includes(style.overflowX)) return true;
        }
        return false;
    };
    return [...document.querySelectorAll('article *')]
        .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > width + 1)
        .filter(e => !clipped(e))
        .map(e => e.outerHTML.slice(0, 120));
}"""


@dataclass
class Seen:
    """What one page showed in one theme."""

    title: str
    theme: str
    width: int  # of the view in which it was opened, and of what it shows there
    scroll_width: int
    sticking_out: list[str]
    icons: list[tuple[str, str]]
    bytes: dict[str, float]  # of each thing that it loads, by its address
    headings: list[bool] = field(default_factory=list)  # is it visible, in either view
    broken_rules: list[str] = field(default_factory=list)


@dataclass
class Walk:
    """What all pages showed in one theme, by their names."""

    pages: dict[str, Seen]
    faults: list[str]
    outside: list[str]


def violations(page: Page, axe: str) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA; little else can be asked after it."""
    page.evaluate(SHOW_EACH_WAY_ONCE)
    page.evaluate(axe)
    found: list[str] = page.evaluate(RUN_AXE, RULES)
    return found


def walk(browser: Browser, address: str, names: list[str], theme: str, axe: str) -> Walk:
    """Open every page in one theme."""
    view, _ = VIEWS[theme]
    context = browser.new_context(viewport=view, color_scheme=theme, reduced_motion="reduce")
    visitor = Visitor(address, context, context.new_page())
    visitor.watch()
    meter = Meter(context.new_cdp_session(visitor.page))
    pages = {name: look(visitor, meter, name, theme, axe) for name in names}
    visitor.page.wait_for_load_state("networkidle")
    context.close()
    return Walk(pages, visitor.faults, visitor.outside)


def look(visitor: Visitor, meter: "Meter", name: str, theme: str, axe: str) -> Seen:
    """Open one page and ask it everything."""
    view, other = VIEWS[theme]
    page = visitor.page
    page.set_viewport_size(view)
    visitor.open(name)
    page.evaluate(SETTLED)
    heading = page.locator("article h1").first
    seen = Seen(
        title=page.title(),
        theme=page.evaluate("document.documentElement.dataset.theme"),
        width=view["width"],
        scroll_width=page.evaluate("document.documentElement.scrollWidth"),
        sticking_out=page.evaluate(STICKING_OUT, view["width"]),
        icons=page.evaluate(ICONS),
        bytes=meter.bytes[page.url],  # what comes late is still added
        headings=[heading.is_visible()],
    )
    page.set_viewport_size(other)
    seen.headings.append(heading.is_visible())
    page.set_viewport_size(DESKTOP)
    seen.broken_rules = violations(page, axe)
    return seen


class Meter:
    """Count the bytes that come over the wire for each page, with nothing taken from a cache."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes: dict[str, dict[str, float]] = defaultdict(dict)
        self._asked: dict[str, tuple[str, str]] = {}
        session.on("Network.requestWillBeSent", self._note_request)
        session.on("Network.loadingFinished", self._note_end)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _note_request(self, event: dict[str, Any]) -> None:
        self._asked[event["requestId"]] = event["documentURL"], event["request"]["url"]

    def _note_end(self, event: dict[str, Any]) -> None:
        # Of the page that asked: the one before may still be loading.
        page, url = self._asked[event["requestId"]]
        self.bytes[page][url] = event["encodedDataLength"]
