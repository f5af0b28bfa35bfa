"""Change lists in a real browser, at a desk and on a phone: sort, filter, tick, and find the way (OPS-01)."""

import pytest
from django.urls import reverse

from approvals.models import ExceptionCase
from governance.models import User
from tests.builders.approvals import submit_pending
from tests.builders.exceptions import make_case

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SMALL = """() => {
    // A box to tick is small, and reaches further than it is drawn.
    const reach = found => found.type === 'checkbox' ? parseFloat(getComputedStyle(found, '::before').height) || 0 : 0;
    return [...document.querySelectorAll('#main :is(a, button, select, summary, input:not([type=hidden]))')]
    .filter(found => found.checkVisibility({visibilityProperty: true}) && found.getBoundingClientRect().height > 0)
    .map(found => found.closest('label') ?? found)
    .filter(found => Math.max(found.getBoundingClientRect().height, reach(found)) < 43.5)
    .map(found => `${found.tagName} ${found.className} ${found.innerText}`)
}"""
LISTS = (
    "approvals_agentactionrequest",
    "approvals_exceptioncase",
    "audit_ledgerevent",
    "governance_agent",
    "governance_budget",
    "governance_breakglass",
    "governance_fieldownership",
    "governance_registeredfield",
)


@pytest.fixture
def root(site):
    user = site.world.approver_user
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    submit_pending(site)
    for number in range(60):
        make_case(site.world.workspace, agent=site.world.agent.name, field=f"field_{number:02}")
    return user


def cells(page, name):
    return page.locator(f"#result_list .field-{name}").all_inner_texts()


def test_what_stands_on_a_list_fits_a_thumb(visit, root):
    if not visit.is_phone:
        pytest.skip("a mouse is finer")
    visit.enter(root)
    for name in LISTS:
        visit.open(reverse(f"admin:{name}_changelist"))
        visit.page.wait_for_selector("h1:visible")
        assert visit.page.evaluate(SMALL) == [], name
        assert not visit.page.evaluate("document.documentElement.scrollWidth > innerWidth"), name


def test_a_list_is_sorted_narrowed_and_leafed_through(visit, root):
    visit.enter(root)
    page = visit.page
    address = reverse("admin:approvals_exceptioncase_changelist")
    visit.open(address)
    assert len(cells(page, "field")) == 50
    page.get_by_role("link", name="2", exact=True).click()
    page.wait_for_url("**p=2**")
    assert len(cells(page, "field")) == 10
    visit.open(f"{address}?o=2")
    assert cells(page, "field")[:2] == ["field_00", "field_01"]
    visit.press_on(page.get_by_role("button", name="Filters"))
    page.get_by_role("link", name="closed", exact=True).first.click()
    page.wait_for_url("**state__exact=closed**")
    assert page.get_by_text("Nothing like this").is_visible()


def test_a_row_leads_to_its_page_and_back(visit, root):
    visit.enter(root)
    page = visit.page
    visit.open(reverse("admin:approvals_exceptioncase_changelist"))
    newest = ExceptionCase.objects.latest("id")
    page.locator(f'#result_list a[href*="{newest.pk}"]').click()
    page.wait_for_url(f"**/{newest.pk}/change/**")
    page.locator("#header-inner h1 a").first.click()
    page.wait_for_url("**/exceptioncase/**")


def test_ticked_rows_offer_what_may_be_done(visit, root):
    """unfold's and Django's own scripts find the boxes in rows that we draw."""
    visit.enter(root)
    page = visit.page
    visit.open(reverse("admin:governance_user_changelist"))
    assert not page.locator("#changelist-actions").is_visible()
    page.locator(f'input.action-select[value="{root.pk}"]').check()
    assert page.locator("#changelist-actions").is_visible()
    assert page.locator(".action-counter").inner_text().startswith("1 of")
    page.locator("#action-toggle").check()
    count = User.objects.count()
    assert page.locator(".action-counter").inner_text().startswith(f"{count} of {count}")


def test_the_sidebar_opens_and_closes_by_its_own_button(visit, root):
    if not visit.is_phone:
        pytest.skip("at a desk it stands open")
    visit.enter(root)
    page = visit.page
    for address in (reverse("admin:governance_agent_changelist"), reverse("approvals:inbox")):
        visit.open(address)
        entry = page.locator("#nav-sidebar-apps").get_by_role("link", name="Inbox")
        assert not entry.is_visible()
        page.get_by_role("button", name="Show or hide the navigation").click()
        assert entry.bounding_box()["height"] >= 44
        page.get_by_role("button", name="Hide the navigation", exact=True).click()
        entry.wait_for(state="hidden")
