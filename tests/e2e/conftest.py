"""A browser, a live server and the embedded worker's loop: the product as a person meets it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.test.utils import modify_settings
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from approvals.dispatch import wake
from approvals.services.sweep import run_due
from governance.models import User
from tests.builders.api import Site, make_site
from tests.builders.console import log_in
from tests.builders.governance import PASSWORD, allow
from tests.builders.quality import make_sampling_site
from tests.emptying import empty_tables
from tests.process_state import forget_anchors, forget_memories

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

    def enter(self, user: User) -> None:
        """Signed in already: for whoever's journey does not begin at the form."""
        session = log_in(user).session.session_key
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}])

    def tab_to(self, place: Locator) -> None:
        """Reach a control as the keyboard does, by Tab alone."""
        for _ in range(150):
            if place.evaluate("place => place === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never came to {place}")

    def press_on(self, place: Locator, key: str = "Enter") -> None:
        """Do what the control does: by Tab and a key at a desk, by a finger on a phone."""
        if self.is_phone:
            place.tap()
            return
        self.tab_to(place)
        self.page.keyboard.press(key)

    @property
    def is_phone(self) -> bool:
        return self.name.endswith("-phone")

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


@dataclass(frozen=True)
class Stage:
    """One server and one database for all tests of a module: what they make stays until its end."""

    site: Site
    address: str


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    """Its tests are marked `django_db(transaction=True)`; what each leaves stays for the next of the module."""
    with a_stage(django_db_blocker, make_sampling_site) as made:
        yield made


@contextmanager
def a_stage(django_db_blocker: Any, make: Callable[[], Site]) -> Iterator[Stage]:
    """A server on what `make` puts into the database, until the block ends."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: None)
        server = LiveServer("127.0.0.1")
        with modify_settings(ALLOWED_HOSTS={"append": "127.0.0.1"}):
            yield Stage(make(), server.url)
        server.stop()
        empty_tables()
        forget_anchors()


@pytest.fixture(autouse=True)
def clean_process_state(request: pytest.FixtureRequest) -> Iterator[None]:
    """As for every test; on a stage the ledger stays until the module's end, and so does its anchor."""
    yield
    if "stage" not in request.fixturenames:
        forget_anchors()
    forget_memories()


@contextmanager
def a_window(browser: Browser, address: str, name: str, size: str) -> Iterator[Visit]:
    """A window of either size. Console errors, refused scripts and styles, and page errors fail the test at its end."""
    context: BrowserContext = browser.new_context(
        viewport=VIEWPORTS[size], has_touch=size == "phone", reduced_motion="reduce"
    )
    page = context.new_page()
    visit = Visit(page, address, f"{name}-{size}")
    page.on("console", lambda message: visit.trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visit.trouble.append(str(error)))
    page.on("dialog", lambda dialog: (visit.trouble.append("a dialog opened"), dialog.dismiss()))
    yield visit
    context.close()
    assert visit.trouble == []


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
    """A window on a database of its own."""
    with a_window(browser, live_server.url, request.node.originalname, request.param) as visit:
        yield visit


@pytest.fixture(params=["desk", "phone"])
def window(request: pytest.FixtureRequest, browser: Browser, stage: Stage) -> Iterator[Visit]:
    """A window on the module's stage."""
    with a_window(browser, stage.address, request.node.originalname, request.param) as visit:
        yield visit
