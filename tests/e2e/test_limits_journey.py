"""What is left of budgets, and the do-not-contact list by hand and by file, at a desk and on a phone."""

import pytest
from django.urls import reverse

from governance.models import DncEntry, GoldenCase, PolicyVersion
from governance.services.dnc_import_work import work_on_imports
from tests.builders.approvals import get, submit, submit_executed
from tests.builders.console import make_login
from tests.builders.dnc import ask, kinds
from tests.builders.governance import make_budget, publish
from tests.e2e.test_governing_journey import shoot

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
LIST = b"""kind,value,reason
email,ann@acme.example,asked by phone
email,no address,typed wrong
phone,+41 44 668 18 00,letter
"""


def test_the_budgets_page_shows_what_is_left_as_it_is_taken(visit, site):
    """LIM-01: the bar of what was drawn on stands first, warns near its end, and says when it renews."""
    make_budget(site.world.workspace, 2, window="day")
    publish(site.world)
    visit.enter(make_login(site.world.workspace, "edit_policy", name="Rosa Limits"))
    address, page = reverse("admin:governance_budget_changelist"), visit.page
    visit.open(address)
    assert not page.get_by_text(f"{site.world.agent.name}: 1 of 2 writes").is_visible()
    submit_executed(site)
    page.reload()
    line = page.locator("[aria-label*='1 of 2 writes'], li", has_text="2 writes").first
    line.wait_for()
    shoot(visit, "1-half")
    submit_executed(site, changes={"country": "Norway"}, expected=None)
    denied = get(submit(site, changes={"country": "Sweden"}, expected=None).request_id)
    assert denied.status_code == "budget_exhausted"
    page.reload()
    shoot(visit, "2-used-up")
    assert page.get_by_text("2 of 2 writes").first.is_visible()


def test_compliance_puts_somebody_on_the_list_by_hand(visit, site):
    """DNC-02, DNC-03: how it will match is shown before it is there."""
    workspace = site.world.workspace
    visit.enter(make_login(workspace, "add_dnc", "manage_dnc", name="Cora Compliance"))
    page = visit.page
    visit.open(reverse("admin:governance_dncentry_changelist"))
    shoot(visit, "1-list")
    visit.open(reverse("admin:governance_dncentry_add"))
    page.fill("[name=value]", "Jane.Doe+x@GMail.com")
    page.locator("#cs-dnc-look").get_by_text("janedoe@gmail.com").first.wait_for()
    shoot(visit, "2-look")
    page.fill(".cs-dnc-fields [name=reason]", "asked on the phone")
    page.get_by_role("button", name="Put on the list").click()
    page.wait_for_url(lambda url: "/add/" not in url)
    shoot(visit, "3-listed")
    assert kinds(ask(workspace, "janedoe@googlemail.com")) == ["email"]


def test_a_file_with_a_bad_row_is_reported_and_its_good_rows_taken(visit, site):
    """DNC-04: nothing is listed before the word; the bad row is named with its line."""
    visit.enter(make_login(site.world.workspace, "add_dnc", "manage_dnc", name="Cora Compliance"))
    page = visit.page
    visit.open(reverse("admin:governance_dncimport_changelist"))
    shoot(visit, "1-bring")
    page.set_input_files("[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST})
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/change/")
    while work_on_imports(seconds=5):
        pass
    page.reload()
    page.get_by_text("What to mend").wait_for()
    shoot(visit, "2-report")
    assert page.get_by_text("no address").first.is_visible()
    assert not DncEntry.objects.exists()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as CSV").click()
    assert b"no address" in download.value.path().read_bytes()
    page.get_by_role("button", name="Take the 2 good rows").click()
    page.wait_for_load_state()
    while work_on_imports(seconds=5):
        pass
    page.reload()
    shoot(visit, "3-done")
    assert sorted(DncEntry.objects.values_list("kind", flat=True)) == ["email", "phone"]


def test_a_failing_golden_case_keeps_a_draft_out_of_the_sandbox(visit, site):
    """POL-05: the case is named on the draft's page; kept again, the draft is published."""
    workspace = site.world.workspace
    request = get(submit(site).request_id)
    case = GoldenCase.objects.create(
        workspace=workspace, name="Staff numbers are denied", facts=request.facts, expected_outcome="deny"
    )
    make_budget(workspace, 77, window="day")
    visit.enter(make_login(workspace, "publish_policy", "view_requests", name="Rosa Publishes"))
    page, address = visit.page, reverse("admin:governance_policyversion_publish", args=[workspace.pk])
    visit.open(address)
    assert page.get_by_text("Staff numbers are denied").first.is_visible()
    shoot(visit, "1-failing")
    before = PolicyVersion.objects.count()
    button = page.get_by_role("button", name="Publish in the sandbox")
    assert button.count() == 0 or button.is_disabled()
    GoldenCase.objects.filter(pk=case.pk).update(expected_outcome="allow")
    visit.open(address)
    shoot(visit, "2-kept")
    page.fill("[name=reason]:visible", "the case was wrong")
    button.click()
    page.wait_for_load_state()
    shoot(visit, "3-published")
    assert PolicyVersion.objects.count() == before + 1
