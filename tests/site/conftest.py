import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from visitor import Visitor

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


class Soups(dict[str, BeautifulSoup]):
    """The pages of the site as trees, each parsed once, for tests that only look at them."""

    def __init__(self, site: Path) -> None:
        self.site = site

    def __missing__(self, name: str) -> BeautifulSoup:
        text = (self.site / name).read_text(encoding="utf-8")
        return self.setdefault(name, BeautifulSoup(text, "html.parser"))


@pytest.fixture(scope="session")
def soups(site: Path) -> Soups:
    return Soups(site)


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


@pytest.fixture(scope="session")
def window(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """One window for all tests. A tab that stays open spares each test the start of a process."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.new_page().goto(address + "404.html")
    yield context
    context.close()


@pytest.fixture
def visitor(window: BrowserContext, address: str) -> Iterator[Visitor]:
    """Open a fresh tab of a desktop's size; nothing is kept from the tests before."""
    visitor = Visitor(address, window, window.new_page())
    kept = {"origin": address.rstrip("/"), "storageTypes": "all"}
    window.new_cdp_session(visitor.page).send("Storage.clearDataForOrigin", kept)
    visitor.watch()
    yield visitor
    for page in window.pages[1:]:
        page.close()
    window.unroute_all()


@pytest.fixture(scope="session")
def window_without_scripts(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(java_script_enabled=False)
    yield context
    context.close()


@pytest.fixture
def open_without_scripts(
    window_without_scripts: BrowserContext, address: str
) -> Iterator[Callable[[str], Page]]:
    """Open a page of the site in a browser that runs no JavaScript."""
    page = window_without_scripts.new_page()

    def open_page(name: str) -> Page:
        page.goto(address + name)
        return page

    yield open_page
    page.close()


@pytest.fixture(scope="session")
def axe() -> str:
    return (REPOSITORY / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
