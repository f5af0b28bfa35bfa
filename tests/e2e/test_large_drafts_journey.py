"""A draft of many rows in a real browser: the home page's count that comes later, a grant's field found by typing."""

import pytest
from django.urls import reverse

from governance.models import FieldOwnership, Grant
from tests.builders.governance import allow, make_field

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def editor(site):
    user = site.world.approver_user
    allow(user, site.world.workspace, "edit_policy", "publish_policy", "manage_agents", "view_ledger")
    return user


def test_the_home_page_counts_the_draft_once_it_is_there(site, visit, editor):
    FieldOwnership.objects.filter(field__name="industry").update(permission_level="approval")
    visit.enter(editor)
    visit.open(reverse("admin:index"))
    visit.page.get_by_text("unpublished policy change", exact=True).wait_for()
    assert visit.page.locator("[data-later]").count() == 0
    assert not visit.is_scrolling_sideways()
    visit.page.emulate_media(color_scheme="light")
    visit.shoot("home")
    visit.page.emulate_media(color_scheme="dark")
    visit.shoot("home-dark")
    assert visit.trouble == []


def test_a_field_of_two_hundred_is_found_by_typing_and_granted(site, visit, editor):
    for number in range(200):
        make_field(site.world.connection, f"{visit.name.replace('-', '_')[-12:]}_{number:04}")
    name = f"{visit.name.replace('-', '_')[-12:]}_0123"
    visit.enter(editor)
    address = f"{reverse('admin:governance_grant_changelist')}?action__exact=update&object_type=companies"
    visit.open(address)
    box = visit.page.locator("#result_list .field-write_fields").first
    box.scroll_into_view_if_needed()
    typed = box.locator("input.select2-search__field")
    typed.focus()
    visit.page.keyboard.type("0123")
    visit.page.locator(".select2-results__option", has_text=name).wait_for()
    visit.shoot("grants")
    visit.page.keyboard.press("Enter")
    visit.page.locator("[name=_save]").first.click()
    visit.page.wait_for_load_state()
    grant = Grant.objects.get(agent=site.world.agent, action="update", object_type="companies")
    assert name in grant.write_fields
    assert visit.trouble == []
