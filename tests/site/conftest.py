import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.needs import find_chromium
from tools.serve import serving

REPOSITORY = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site() -> Path:
    """The built site: _build/html, or the folder that XK_SITE names."""
    folder = Path(os.environ.get("XK_SITE", REPOSITORY / "_build" / "html"))
    assert (folder / "index.html").is_file(), f"{folder} has no site: run `make book` first"
    return folder


@pytest.fixture(scope="session")
def page_names(site: Path) -> list[str]:
    """Every page of the site, as a path below its root."""
    found = (p.relative_to(site).as_posix() for p in site.rglob("*.html"))
    names = sorted(name for name in found if not name.startswith("_"))
    assert "index.html" in names
    return names


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the built site is served while the tests run."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium of the system's."""
    chromium = find_chromium()
    assert chromium, "no Chromium found: install one, or name it in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A reader who may speak to the site's own host only, and notes every fault."""

    address: str
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, name: str) -> Page:
        self.page.goto(self.address + name, wait_until="load")
        return self.page


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    """Open a fresh browser window with a phone-sized or desktop view set by the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visitor = Visitor(address, context, context.new_page())
    host = urlsplit(address).netloc

    def guard(route) -> None:
        url = route.request.url
        if urlsplit(url).netloc == host or url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            visitor.outside.append(url)
            route.abort()

    def note_response(response) -> None:
        if response.status >= 400:
            visitor.faults.append(f"{response.status} for {response.url}")

    def note_failure(request) -> None:
        # Going to the next page ends what the last one was still loading.
        if request.failure != "net::ERR_ABORTED":
            visitor.faults.append(f"{request.failure}: {request.url}")

    context.route("**/*", guard)
    page = visitor.page
    page.on("pageerror", lambda error: visitor.faults.append(f"{page.url}: {error}"))
    page.on("requestfailed", note_failure)
    page.on("response", note_response)
    page.on(
        "console",
        lambda message: (
            visitor.faults.append(f"{page.url}: {message.text}")
            if message.type in ("error", "warning")
            else None
        ),
    )
    yield visitor
    context.close()
