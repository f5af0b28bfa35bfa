"""What a reviewer's browser loads on the first visit: little, from here alone, under the strict policy (CNS-03)."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.builders.api import make_site
from tests.builders.approvals import submit_pending
from tests.builders.console import log_in
from tests.builders.governance import allow

pytestmark = pytest.mark.django_db

MOST_BYTES = 200_000
PAGES = ("inbox", "exceptions", "requests", "stops", "review")


class _Loaded(HTMLParser):
    """Addresses that a browser loads by itself, and the names of the icons that the page draws."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: set[str] = set()
        self.icons: set[str] = set()
        self._is_icon = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._is_icon = "material-symbols-outlined" in values.get("class", "")
        if tag == "link" and values.get("rel") in ("stylesheet", "icon"):
            self.addresses.add(values["href"])
        if tag in ("script", "img") and values.get("src"):
            self.addresses.add(values["src"])

    def handle_data(self, data: str) -> None:
        if self._is_icon and data.strip():
            self.icons.add(data.strip())
            self._is_icon = False


@pytest.fixture
def opened():
    """A page's answer, by its name."""
    site = make_site()
    row = submit_pending(site)
    allow(site.world.approver_user, site.world.workspace, "handle_exceptions", "engage_switches", "view_quality")
    client = log_in(site.world.approver_user)

    def open_page(name: str):
        return client.get(reverse(f"approvals:{name}", args=[row.pk] if name == "review" else []))

    return open_page


def load(address: str) -> bytes:
    """The asset as it is sent: compressed where we compress."""
    answer = Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, address
    return answer.getvalue()


def fonts_of(address: str) -> set[str]:
    """What a style sheet loads in its turn: every font that it declares, whether this page needs it or not."""
    text = Client().get(address).getvalue().decode()
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text)
    return {urljoin(address, name) for name in found if not name.startswith("data:")}


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_loads_at_most_200_kilobytes(opened, name):
    answer = opened(name)
    parser = _Loaded()
    parser.feed(answer.content.decode())
    sheets = {address for address in parser.addresses if address.endswith(".css")}
    everything = parser.addresses.union(*(fonts_of(address) for address in sheets))
    assert all(address.startswith("/static/") for address in everything)
    weights = {address: len(load(address)) for address in everything}
    assert sum(weights.values()) <= MOST_BYTES, sorted(weights.items(), key=lambda item: -item[1])
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_every_icon_of_the_page_is_in_the_small_font(opened, name):
    parser = _Loaded()
    parser.feed(opened(name).content.decode())
    path = finders.find("approvals/fonts/icons.txt")
    assert parser.icons
    assert parser.icons <= set(Path(path).read_text("utf-8").split())


def test_text_assets_are_compressed_for_who_accepts_it_and_the_same():
    address = "/static/approvals/console.css"
    plain, small = Client().get(address), Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert int(small.headers["Content-Length"]) == len(small.content) < len(plain.getvalue()) / 3
