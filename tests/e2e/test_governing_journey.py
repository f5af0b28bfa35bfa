"""What takes two people, and what is brought as a file, clicked through at a desk and on a phone."""

import io

import pytest
from openpyxl import load_workbook

from approvals.models import AgentActionRequest, Suggestion
from approvals.services.backtest import run_backtest
from governance.models import DncEntry, FieldOwnership, PolicyRelease
from governance.services.matrix_files import MATRIX
from governance.services.table_files import export_table
from tests.approvals.services.test_promotion import suggest
from tests.builders.approvals import crm_value
from tests.builders.console import make_login
from tests.builders.crm_connectors import make_record
from tests.builders.dnc import list_entry
from tests.builders.governance import allow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shoot(visit, step):
    visit.shoot(step)
    assert not visit.is_scrolling_sideways(), step


def as_person(visit, user, path):
    """Whoever sits here now: the session before is dropped with its cookies."""
    visit.page.context.clear_cookies()
    visit.log_in(user.username)
    visit.open(path)


def test_a_redirected_write_is_promoted_and_another_dismissed(visit, site, worker):
    """REG-05, REG-06: what an agent may not write comes to a person, who writes it or says why not."""
    allow(site.world.approver_user, site.world.workspace, "promote_suggestions")
    deal, other = (make_record(site.connection_id, "deals", next_step="Call Ann") for _ in range(2))
    suggest(site, deal)
    suggest(site, other, "Visit the fair in the great hall of the exhibition centre, and bring the offer")
    page = visit.page
    as_person(visit, site.world.approver_user, "/suggestions/")
    shoot(visit, "1-open")
    as_person(visit, make_login(site.world.workspace, "view_requests", name="Rea Reads"), "/suggestions/")
    assert page.locator(".cs-suggestion").count() == 2
    assert page.locator(".cs-suggestion :is(button, input)").count() == 0
    shoot(visit, "1-read")
    as_person(visit, site.world.approver_user, "/suggestions/")
    page.locator(".cs-suggestion", has_text="Send the offer").get_by_role("button", name="Promote:").click()
    page.wait_for_url("**/suggestions/**")
    assert page.get_by_text("Promotion on its way").first.is_visible()
    page.locator(".cs-suggestion", has_text="Visit the fair").get_by_role("checkbox").check()
    page.fill("[name=reason]:visible", "the fair is over")
    page.get_by_role("button", name="Dismiss ticked").click()
    page.wait_for_url("**/suggestions/**")
    shoot(visit, "2-settled")
    promotion = Suggestion.objects.get(promotion_id__isnull=False).promotion_id
    visit.open(f"/requests/{promotion}/")
    visit.reload_until("executed")
    assert crm_value(site, "next_step", record=deal, object_type="deals") == "Send the offer"
    assert crm_value(site, "next_step", record=other, object_type="deals") == "Call Ann"


def test_two_people_take_somebody_off_the_list(visit, site):
    """DNC-04: one of compliance proposes, another countersigns; until then the entry stops every send."""
    workspace = site.world.workspace
    entry_id = list_entry(workspace, "jane@example.com")
    rights = ("manage_dnc", "add_dnc", "countersign_changes", "view_requests")
    cora = make_login(workspace, *rights, name="Cora Compliance")
    carl = make_login(workspace, *rights, name="Carl Countersigns")
    page = visit.page
    as_person(visit, cora, f"/admin/governance/dncentry/{entry_id}/change/")
    shoot(visit, "1-entry")
    page.get_by_role("link", name="Propose to take it off").click()
    page.fill("[name=reason]:visible", "she asked us to call again, in writing")
    shoot(visit, "2-propose")
    page.locator("form [type=submit]").last.click()
    assert page.get_by_text("until another person of compliance countersigns").first.is_visible()
    assert DncEntry.objects.get(pk=entry_id).removed_at is None

    as_person(visit, carl, "/admin/governance/changeproposal/")
    shoot(visit, "3-waiting")
    page.locator("a[href$='/countersign/']").click()
    if page.locator("[name=reason]:visible").count():
        page.fill("[name=reason]:visible", "I read her letter")
    shoot(visit, "4-countersign")
    page.locator("form [type=submit]").last.click()
    visit.open(f"/admin/governance/dncentry/{entry_id}/change/")
    assert page.get_by_text("by two people and stops nothing any more").first.is_visible()
    shoot(visit, "5-taken-off")
    assert DncEntry.objects.get(pk=entry_id).removed_at is not None


def test_a_version_reaches_production_by_a_backtest_and_a_second_person(visit, site):
    """POL-06, SBX-03: what is missing is named; nothing is in force in production before the second word."""
    workspace = site.world.workspace
    rosa = make_login(workspace, "publish_policy", "countersign_changes", "view_requests", name="Rosa Proposes")
    carl = make_login(workspace, "countersign_changes", "view_requests", name="Carl Countersigns")
    version = PolicyRelease.objects.get(workspace=workspace, environment="sandbox").version
    address, page = f"/admin/governance/policyversion/{version.pk}/promote/", visit.page
    as_person(visit, rosa, address)
    assert page.get_by_text("no backtest").is_visible()
    shoot(visit, "1-missing")
    page.select_option("[name=days]", "7")
    page.get_by_role("button", name="Run the backtest").click()
    while run_backtest(seconds=5):
        pass
    page.get_by_text("Look at every changed request").wait_for()
    visit.open(address)
    page.fill("[name=reason]:visible", "it proved itself in the sandbox")
    shoot(visit, "2-ready")
    page.get_by_role("button", name="Propose", exact=True).click()
    page.wait_for_load_state()
    assert not PolicyRelease.objects.filter(environment="production").exists()

    as_person(visit, carl, "/admin/governance/changeproposal/")
    page.locator("a[href$='/countersign/']").click()
    if page.locator("[name=reason]:visible").count():
        page.fill("[name=reason]:visible", "the figures agree")
    shoot(visit, "3-countersign")
    page.locator("form [type=submit]").last.click()
    page.wait_for_load_state()
    assert PolicyRelease.objects.get(environment="production").version_id == version.pk
    shoot(visit, "4-in-force")


def changed_workbook(content, before, after):
    """The exported workbook as a person sends it back: one word changed, one row that no field stands behind."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.active
    for row in sheet.iter_rows():
        if row[2].value == "industry":
            for cell in row:
                cell.value = after if cell.value == before else cell.value
    sheet.append(["embedded", "companies", "no_such_field"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_the_matrix_is_brought_as_a_workbook(visit, site):
    """REG-03: the bad row is named with its line, nothing changes at a look, the good rows are taken when told."""
    workspace = site.world.workspace
    content = export_table(table=MATRIX, workspace_id=workspace.pk, kind="xlsx")
    file = {"name": "matrix.xlsx", "mimeType": XLSX, "buffer": changed_workbook(content, "safe_write", "approval")}
    as_person(visit, site.world.approver_user, f"/admin/governance/fieldownership/import/{workspace.pk}/")
    page = visit.page
    shoot(visit, "1-bring")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Look at the changes").click()
    assert page.get_by_text("companies.no_such_field").first.is_visible()
    shoot(visit, "2-look")
    assert FieldOwnership.objects.get(field__name="industry").permission_level == "safe_write"
    page.get_by_role("button", name="Take the 1 good row").click()
    assert page.get_by_text("This file was taken").is_visible()
    shoot(visit, "3-taken")
    assert FieldOwnership.objects.get(field__name="industry").permission_level == "approval"


def test_a_proposal_is_tried_on_the_draft(visit, site):
    """POL-07: typed by hand, judged by both policies, and no request comes of it."""
    FieldOwnership.objects.filter(field__name="numberofemployees").update(permission_level="blocked")
    as_person(visit, site.world.approver_user, "/try/")
    page = visit.page
    shoot(visit, "1-form")
    example = page.locator("[name=body]").input_value().replace('"101"', f'"{site.company}"')
    page.fill("[name=body]", example)
    page.get_by_role("button", name="What would happen?").click()
    assert page.get_by_text("The draft decides it otherwise").is_visible()
    shoot(visit, "2-answers")
    assert not AgentActionRequest.objects.exists()
