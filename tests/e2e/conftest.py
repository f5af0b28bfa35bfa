"""A browser, a live server and the embedded worker's loop: the product as a person meets it."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from approvals.dispatch import wake
from approvals.services.sweep import run_due
from tests.builders.api import Site, make_site
from tests.builders.governance import PASSWORD, allow

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
VIEWPORTS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture(scope="session", autouse=True)
def orm_beside_playwright() -> Iterator[None]:
    """Playwright's synchronous API runs an event loop in this thread, where Django would refuse plain queries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield running
        running.close()


@dataclass
class Visit:
    """One person's browser window, and everything in it that went wrong."""

    page: Page
    address: str
    name: str
    trouble: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")

    def log_in(self, username: str) -> None:
        self.open("/admin/login/?next=/review/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("[type=submit]")
        self.page.wait_for_url("**/review/**")

    def reload_until(self, text: str) -> None:
        """The page does not reload itself: a person would press the key."""
        for _ in range(40):
            if self.page.get_by_text(text, exact=True).first.is_visible():
                return
            self.page.wait_for_timeout(250)
            self.page.reload()
        raise AssertionError(f"`{text}` never came to {self.page.url}")

    def shoot(self, step: str) -> None:
        RESULTS.mkdir(exist_ok=True)
        self.page.screenshot(path=RESULTS / f"{self.name}-{step}.png", full_page=True)

    def is_scrolling_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


@pytest.fixture
def site(transactional_db: None) -> Site:
    site = make_site()
    everything = ("engage_switches", "publish_policy", "edit_policy", "view_ledger")
    allow(site.world.approver_user, site.world.workspace, *everything)
    return site


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    """The loop of the embedded worker, in a thread of its own."""
    is_over = threading.Event()

    def loop() -> None:
        while not is_over.is_set():
            wake.wait(0.1)
            wake.clear()
            run_due(worker="e2e")
        connections.close_all()

    thread = threading.Thread(target=loop)
    thread.start()
    yield
    is_over.set()
    thread.join(timeout=10)


@pytest.fixture(params=["desk", "phone"])
def visit(request: pytest.FixtureRequest, browser: Browser, site: Site, live_server: Any) -> Iterator[Visit]:
    """A window of either size. Console errors, refused scripts and styles, and page errors fail the test at its end."""
    context: BrowserContext = browser.new_context(
        viewport=VIEWPORTS[request.param], has_touch=request.param == "phone", reduced_motion="reduce"
    )
    page = context.new_page()
    visit = Visit(page, live_server.url, f"{request.node.originalname}-{request.param}")
    page.on("console", lambda message: visit.trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visit.trouble.append(str(error)))
    page.on("dialog", lambda dialog: (visit.trouble.append("a dialog opened"), dialog.dismiss()))
    yield visit
    context.close()
    assert visit.trouble == []
