"""A reader in a browser, who may speak to the site's own host only."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page


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

    def watch(self) -> None:
        """Let through what goes to the site, and note what does not or goes wrong."""
        host = urlsplit(self.address).netloc

        def guard(route) -> None:
            url = route.request.url
            if urlsplit(url).netloc == host or url.startswith(("data:", "blob:")):
                route.continue_()
            else:
                self.outside.append(url)
                route.abort()

        def note_response(response) -> None:
            if response.status >= 400:
                self.faults.append(f"{response.status} for {response.url}")

        def note_failure(request) -> None:
            # Going to the next page ends what the last one was still loading.
            if request.failure != "net::ERR_ABORTED":
                self.faults.append(f"{request.failure}: {request.url}")

        def note_message(message) -> None:
            if message.type in ("error", "warning"):
                self.faults.append(f"{self.page.url}: {message.text}")

        self.context.route("**/*", guard)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("requestfailed", note_failure)
        self.page.on("response", note_response)
        self.page.on("console", note_message)
