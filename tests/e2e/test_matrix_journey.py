"""The ownership matrix in a real browser, with the rows of a large CRM: typed, pasted, undone, saved, settled."""

import logging
import time

import pytest
from django.urls import reverse

from governance.models import FieldOwnership, PolicyVersion, RegisteredField
from tests.builders.governance import allow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
ROWS = 2_000
log = logging.getLogger(__name__)


@pytest.fixture
def fields(site):
    """Two thousand reviewed fields with a row each, `bulk_0000` …"""
    made = RegisteredField.objects.bulk_create(
        RegisteredField(
            connection=site.world.connection,
            object_type="companies",
            name=f"bulk_{number:04}",
            label=f"Bulk {number}",
            field_type="string",
            review_state="reviewed",
            classification="enrichment",
        )
        for number in range(ROWS)
    )
    FieldOwnership.objects.bulk_create(
        FieldOwnership(field=field, owner_role="revops", permission_level="safe_write", allowed_writers=["agent"])
        for field in made
    )


@pytest.fixture
def desk(visit, site, fields):
    if visit.is_phone:
        pytest.skip("the sheet needs a wider screen; a phone shows cards")
    visit.enter(site.world.approver_user)
    open_sheet(visit)
    return visit


def open_sheet(visit):
    visit.open(reverse("admin:governance_fieldownership_changelist"))
    visit.page.locator(".tabulator-row").first.wait_for()


def only(visit, text):
    """Type into the filter above the field's name."""
    place = visit.page.locator("[tabulator-field=name] .tabulator-header-filter input").first
    place.fill(text)
    place.press("Enter")
    visit.page.wait_for_timeout(500)


def cell(visit, field, column):
    row = visit.page.locator(".tabulator-row", has_text=field)
    return row.locator(f".tabulator-cell[tabulator-field={column}]")


def level(field):
    return FieldOwnership.objects.get(field__name=field).permission_level


def state(visit):
    return visit.page.locator("#cs-state").inner_text()


def said(visit):
    return visit.page.locator("#cs-said").inner_text()


def paste(visit, text):
    """What a spreadsheet puts on the clipboard."""
    visit.page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def save(visit):
    visit.page.locator("#cs-save").click()
    visit.page.wait_for_function("!document.getElementById('cs-said').textContent.startsWith('Saving')")


def expect_conflict(visit):
    """The browser tells of an answer that is no success; this one is wanted."""
    assert [line for line in visit.trouble if "409" in line]
    visit.trouble[:] = [line for line in visit.trouble if "409" not in line]


def test_a_cell_is_typed_undone_and_saved(desk):
    """REG-03: a letter takes the place of what is there, the beginning of a choice stands for it."""
    page = desk.page
    only(desk, "bulk_0007")
    cell(desk, "bulk_0007", "permission_level").click()
    page.keyboard.type("re")
    page.keyboard.press("Enter")
    assert state(desk) == "1 cell in 1 row changed, not saved yet"
    assert cell(desk, "bulk_0007", "permission_level").inner_text() == "read only"
    desk.shoot("1-typed")
    page.locator("#cs-undo").click()
    assert (state(desk), cell(desk, "bulk_0007", "permission_level").inner_text()) == (
        "Everything is saved",
        "safe write",
    )
    cell(desk, "bulk_0007", "permission_level").click()
    page.keyboard.press("Control+y")
    save(desk)
    assert said(desk) == "1 row is saved. Publish the policy to put this in force."
    assert (state(desk), level("bulk_0007")) == ("Everything is saved", "read_only")


def test_a_block_is_pasted_and_a_wrong_cell_keeps_all_of_it_back(desk):
    """REG-03: all or nothing, and the wrong cell is named and marked."""
    page = desk.page
    only(desk, "bulk_001")
    cell(desk, "bulk_0010", "permission_level").click()
    paste(desk, "blocked\tagent, human\nnonsense\thuman\nblocked\thuman")
    assert said(desk) == "Pasted into 6 cells."
    save(desk)
    assert page.get_by_text("Nothing was saved: 1 thing to mend").is_visible()
    expect_conflict(desk)
    desk.shoot("1-refused")
    assert level("bulk_0010") == "safe_write"
    assert "cs-wrong" in cell(desk, "bulk_0011", "permission_level").get_attribute("class")
    page.locator(".cs-problem-list button").click()
    only(desk, "bulk_001")
    cell(desk, "bulk_0011", "permission_level").click()
    page.keyboard.type("appro")
    page.keyboard.press("Enter")
    save(desk)
    desk.shoot("2-mended")
    assert [level(f"bulk_001{number}") for number in (0, 1, 2)] == ["blocked", "approval", "blocked"]
    assert FieldOwnership.objects.get(field__name="bulk_0010").allowed_writers == ["agent", "human"]


def test_two_thousand_rows_are_set_at_once_and_saved(desk):
    """REG-03: what is in sight is selected as a whole; the times are printed, nothing hangs on them."""
    page = desk.page
    began = time.monotonic()
    open_sheet(desk)
    painted = time.monotonic() - began
    only(desk, "bulk_")
    page.locator(".tabulator-col[tabulator-field=source_of_truth] .tabulator-col-title").click()
    page.fill("#cs-set-value", "ERP")
    page.get_by_role("button", name="Set selection").click()
    assert said(desk) == f"{ROWS} cells set to “ERP”."
    desk.shoot("1-set")
    began = time.monotonic()
    save(desk)
    saved = time.monotonic() - began
    log.warning("%d rows: first paint %.2f s, save %.2f s", ROWS, painted, saved)
    assert FieldOwnership.objects.filter(source_of_truth="ERP").count() == ROWS
    only(desk, "no such field")
    page.get_by_text("No field matches the filters.").wait_for()
    page.locator("#cs-clear-filters").click()
    page.locator(".tabulator-row").first.wait_for()


def test_what_somebody_else_changed_meanwhile_is_settled_and_published(desk, site):
    """REG-03, RVT-03: before, now and mine side by side; then the policy is published."""
    allow(site.world.approver_user, site.world.workspace, "publish_policy", "view_requests")
    page = desk.page
    only(desk, "bulk_0020")
    cell(desk, "bulk_0020", "permission_level").click()
    page.keyboard.type("bl")
    page.keyboard.press("Enter")
    FieldOwnership.objects.filter(field__name="bulk_0020").update(source_of_truth="ERP")
    save(desk)
    assert page.get_by_text("companies.bulk_0020 was changed by someone else meanwhile").is_visible()
    expect_conflict(desk)
    desk.shoot("1-conflict")
    page.get_by_role("button", name="Keep mine, with their other changes").click()
    assert cell(desk, "bulk_0020", "source_of_truth").inner_text() == "ERP"
    save(desk)
    assert level("bulk_0020") == "blocked"
    assert FieldOwnership.objects.get(field__name="bulk_0020").source_of_truth == "ERP"
    before = PolicyVersion.objects.count()
    publish(desk, site.world.workspace)
    assert PolicyVersion.objects.count() == before + 1


def publish(visit, workspace):
    page = visit.page
    visit.open(reverse("admin:governance_policyversion_publish", args=[workspace.pk]))
    visit.shoot("2-draft")
    page.fill("[name=reason]:visible", "the matrix was reviewed")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state()
    visit.shoot("3-published")


def test_a_phone_finds_a_field_and_opens_its_row(visit, site, fields):
    """A sheet of twenty columns is no use there: cards, and the row's own page."""
    if not visit.is_phone:
        pytest.skip("for narrow screens")
    visit.enter(site.world.approver_user)
    visit.open(reverse("admin:governance_fieldownership_changelist"))
    page = visit.page
    page.locator(".cs-card").first.wait_for()
    page.fill("#cs-search", "bulk_0042")
    assert page.locator("#cs-card-count").inner_text() == "1 of 1 fields"
    visit.shoot("1-card")
    assert not visit.is_scrolling_sideways()
    page.locator(".cs-card").get_by_role("link", name="Edit").click()
    page.wait_for_load_state()
    visit.shoot("2-row")
    assert not visit.is_scrolling_sideways()
