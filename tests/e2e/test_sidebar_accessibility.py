"""No serious finding of axe-core on any page of an administrator's sidebar: desk and phone, light and dark."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.urls import reverse

from governance.models import User
from tests.doors.walking import make_house
from tests.e2e.conftest import VIEWPORTS, a_stage, a_window
from tests.e2e.test_accessibility import RULES, SERIOUS

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ALIKE = "#nav-sidebar-inner li, tbody tr:nth-child(n + 5)"
"""The sidebar's entries are the same everywhere, and looked at on the home page; the rows of a table are alike. With
all of them axe-core takes twice as long."""

REMOVE = "alike => document.querySelectorAll(alike).forEach(node => node.remove())"
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that light and dark differ in."""

FINDINGS = """options => axe.run({...options, resultTypes: ['violations'], preload: false}).then(answer =>
    answer.violations.map(found =>
        [found.impact, found.id, found.nodes.slice(0, 3).map(node => node.target.join(' ')).join(', ')]))"""
TURN = "theme => document.documentElement.classList.toggle('dark', theme === 'dark')"
LIGHT = "localStorage.setItem('adminTheme', JSON.stringify('light'))"
AT_ONCE = """const sheet = new CSSStyleSheet();
sheet.replaceSync('* {transition: none !important}');
document.adoptedStyleSheets = [sheet];"""
LINKS = """[...new Set([...document.querySelectorAll('#nav-sidebar-inner a[href^="/"]')].map(link => link.pathname))]"""
FEWEST = 70


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """A row of most kinds, and an administrator."""

    def make():
        site = make_house().site
        User.objects.filter(pk=site.world.approver_user.pk).update(is_superuser=True)
        return site

    with a_stage(django_db_blocker, make) as stage:
        yield stage


def test_no_page_of_the_sidebar_has_a_serious_finding(browser, house):
    """Each page is opened once, and looked at four times: some eighty pages would else take minutes."""
    with a_window(browser, house.address, "sidebar", "desk") as visit:
        visit.enter(house.site.world.approver_user)
        for script in (LIGHT, AT_ONCE, AXE_SCRIPT):
            visit.page.add_init_script(script)
        visit.open(reverse("admin:index"))
        paths = visit.page.evaluate(LINKS)
        found = look_at(visit.page, "sidebar")
        for path in paths:
            visit.open(path)
            visit.page.evaluate(REMOVE, ALIKE)
            found += look_at(visit.page, path)
    assert len(paths) >= FEWEST, paths
    assert found == []


def look_at(page, name):
    """In light for all that axe knows, in dark for the colours."""
    found = []
    for size, theme in (("desk", "light"), ("desk", "dark"), ("phone", "dark"), ("phone", "light")):
        page.set_viewport_size(VIEWPORTS[size])
        page.evaluate(TURN, theme)
        lines = page.evaluate(FINDINGS, RULES if theme == "light" else COLOURS)
        found += [f"{name}, {size}, {theme}: {line}" for line in lines if line[0] in SERIOUS]
    page.set_viewport_size(VIEWPORTS["desk"])
    return found
