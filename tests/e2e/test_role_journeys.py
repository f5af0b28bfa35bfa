"""Each role does its main job: by the keyboard alone at a desk, by touch on a phone (IDN-07, APR-03, EXC-02)."""

from pathlib import Path

import openpyxl
import pytest

from approvals.models import AgentActionRequest, ExceptionCase
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.domain.roles import Role
from governance.models import ChangeProposal, DncEntry, KillSwitch, Membership, Rule, User
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.roles import assign_role
from tests.builders.approvals import submit, submit_executed, submit_pending, vote
from tests.builders.console import log_in
from tests.builders.crm_connectors import make_record
from tests.builders.exceptions import make_case
from tests.builders.governance import make_person, make_user
from tests.builders.quality import settle

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

READING_MS = 700


@pytest.fixture
def someone(stage, request):
    """A login of a role, fresh for each journey."""

    def make(role):
        user = make_user(make_person(f"{role.value} {request.node.name}"), is_staff=False)
        by = Actor("human", "test")
        assign_role(user_id=user.pk, workspace_id=stage.site.world.workspace.pk, role=role, actor=by, now=get_now())
        return User.objects.select_related("person").get(pk=user.pk)

    return make


def company(stage, name, **values):
    return {"object": "companies", "id": make_record(stage.site.connection_id, "companies", name=name, **values)}


def test_a_manager_clears_ten_diffs(window, stage, someone):
    """Desk: one key a diff, the next one loads itself. Phone: one tap a diff. None is decided by anything else."""
    manager, page = someone(Role.SALES_MANAGER), window.page
    Membership.objects.create(group=stage.site.world.group, person=manager.person)
    before = {"name": f"{window.name} NV"}
    rows = [submit_pending(stage.site, target=company(stage, f"C{n} {window.name}"), changes=before) for n in range(10)]
    window.enter(manager)
    window.open(f"/review/{rows[0].pk}/?object=companies")
    for place, row in enumerate(rows):
        page.wait_for_url(f"**/review/{row.pk}/**")
        page.wait_for_timeout(READING_MS)  # a key held over from the page before decides nothing
        if window.is_phone:
            page.get_by_role("button", name="Approve", exact=True).tap()
        elif place == 4:
            page.keyboard.press("r")
            page.keyboard.press("Tab")
            page.get_by_label("In your words").focus()
            page.keyboard.type("a wrong name")
            window.press_on(page.get_by_role("button", name="Deny it"))
        else:
            page.keyboard.press("a")
    page.wait_for_url(lambda url: url.split("?")[0].endswith("/review/"))
    ended = [AgentActionRequest.objects.get(pk=row.pk).status for row in rows]
    wanted = ["approved"] * 10
    if not window.is_phone:
        wanted[4] = "denied"
    assert ended == wanted
    assert not window.is_scrolling_sideways()


def test_a_rep_sees_their_own_requests_and_decides_nothing(window, stage, someone):
    rep, page = someone(Role.REP), window.page
    Membership.objects.create(group=stage.site.world.group, person=rep.person)
    target = company(stage, f"Own {window.name}")
    record = CrmRecord.objects.get(crm_object__name="companies", number=int(target["id"]))
    record.values["owner"] = rep.person.email
    record.save(update_fields=["values"])
    row = submit_pending(stage.site, target=target, changes={"annualrevenue": 7})
    window.enter(rep)
    window.open("/mine/")
    assert page.get_by_text(f"Own {window.name}").first.is_visible()
    assert page.get_by_role("link", name="Inbox").count() == 0
    answer = page.goto(f"{window.address}/review/{row.pk}/")
    assert answer.status in (403, 404)
    window.trouble.clear()  # the browser notes the refusal as an error
    assert log_in(rep).post(f"/review/{row.pk}/approve/", {"digest": row.digest}).status_code in (403, 404)
    assert AgentActionRequest.objects.get(pk=row.pk).status == "pending"
    window.open("/mine/")
    window.press_on(page.get_by_role("link", name="Report this").first)
    page.wait_for_url(f"**/requests/{row.pk}/report/")
    assert not window.is_scrolling_sideways()
    vote(stage.site, row, verdict="deny", reason="leave nothing to the others")


def test_an_auditor_reads_a_trace_and_takes_the_report(window, stage, someone, tmp_path: Path):
    auditor, page = someone(Role.AUDITOR), window.page
    row = submit_executed(stage.site, target=company(stage, f"Told {window.name}"), expected=None)
    settle()
    window.enter(auditor)
    window.open(f"/requests/{row.pk}/")
    assert page.get_by_text("executed", exact=True).first.is_visible()
    assert page.get_by_role("link", name="Revert…").count() == 0
    assert page.get_by_role("button", name="Approve").count() == 0
    window.open("/reports/")
    with page.expect_download() as download:
        window.press_on(page.get_by_role("link", name="Excel"))
    download.value.save_as(tmp_path / "week.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "week.xlsx").worksheets
    assert any(stage.site.world.agent.name in map(str, values) for sheet in sheets for values in sheet.values)
    assert not window.is_scrolling_sideways()


def test_compliance_looks_an_address_up_and_asks_to_take_it_off(window, stage, someone):
    officer, page = someone(Role.COMPLIANCE), window.page
    workspace, address = stage.site.world.workspace, f"listed-{window.name[-5:]}@example.com"
    by, entry = Actor("human", "test"), NewDncEntry(kind="email", value=address, reason="asked us", source="console")
    entry_id = add_dnc_entry(workspace_id=workspace.pk, entry=entry, actor=by, now=get_now())
    window.enter(officer)
    window.open("/admin/governance/dncentry/")
    type_in(window, page.get_by_label("An address, phone number"), address)
    window.press_on(page.get_by_role("button", name="Ask the list"))
    page.locator(".cs-dnc-key", has_text="Listed").wait_for()
    window.press_on(page.get_by_role("link", name=address).first)
    page.wait_for_url(f"**/{entry_id}/change/")
    window.press_on(page.get_by_role("link", name="Propose to take it off"))
    type_in(window, page.locator("[name=reason]:visible:not(.cs-stop-panel *)"), "they wrote that it was a mistake")
    with page.expect_navigation():
        window.press_on(page.get_by_role("button", name="Propose", exact=False).last)
    assert page.get_by_text("to take it off:").is_visible()
    assert ChangeProposal.objects.filter(proposed_by=officer.person).count() == 1
    assert DncEntry.objects.get(pk=entry_id).removed_at is None


def test_sales_ops_triages_a_case_and_revops_drafts_the_rule(window, stage, someone):
    ops, revops, page = someone(Role.SALES_OPS), someone(Role.REVOPS_ADMIN), window.page
    manager = someone(Role.SALES_MANAGER)
    target = company(stage, f"Bad {window.name}")
    denied = submit(stage.site, target=target, changes={"numberofemployees": "many"}, expected=None)
    case = make_case(
        stage.site.world.workspace,
        requests=(denied.request_id,),
        field="industry" if window.is_phone else "numberofemployees",
        object_type="companies",
        code=window.name[-40:],
    )
    window.enter(ops)
    window.open(f"/exceptions/?code={case.code}")
    if window.is_phone:
        page.locator("[data-tick]").tap()
        assert page.locator(".cs-triage").bounding_box()["height"] < 844 / 3
        page.get_by_role("button", name="Own").tap()
    else:
        for key in ("j", "x", "o"):
            page.keyboard.press(key)
    page.get_by_text("Done: 1 of 1").wait_for()
    window.open(f"/exceptions/{case.pk}/")
    assert page.get_by_text("Make a rule from this").count() == 1  # who drafts policy; a manager does not
    page.get_by_label("Hand over to").select_option(label=revops.person.name)
    with page.expect_navigation():
        window.press_on(page.get_by_role("button", name="Hand over"))
    assert ExceptionCase.objects.get(pk=case.pk).owner_id == revops.person_id

    window.enter(manager)
    window.open(f"/exceptions/{case.pk}/")
    assert page.get_by_text("Make a rule from this").count() == 0
    window.enter(revops)
    window.open(f"/exceptions/{case.pk}/")
    window.press_on(page.get_by_role("link", name="Draft a rule…"))
    page.wait_for_url("**/rule/add/**")
    name = page.get_by_label("Name", exact=True)
    name.fill(f"Rule, {window.name[-5:]}")
    page.get_by_label("Owner").select_option(index=1)
    with page.expect_response(lambda answer: "/rule/add/" in answer.url and answer.request.method == "POST") as saved:
        window.press_on(page.get_by_role("button", name="Save", exact=True))
    assert saved.value.ok, saved.value.text()
    page.wait_for_url(f"**/exceptions/{case.pk}/")
    settle()
    case.refresh_from_db()
    assert case.change_id == str(Rule.objects.get(name=f"Rule, {window.name[-5:]}").pk)
    assert not window.is_scrolling_sideways()


def test_revops_stops_one_agent_from_any_page(window, stage, someone):
    revops, page = someone(Role.REVOPS_ADMIN), window.page
    window.enter(revops)
    window.open("/reports/")
    window.press_on(page.locator("[data-stopper] > summary"))
    type_in(window, page.get_by_label("More, if you like"), window.name)
    kind, button = ("enroll", "Stop enrolling") if window.is_phone else ("send", "Stop sending")
    window.press_on(page.get_by_role("button", name=button))
    page.wait_for_url("**/stops/**")
    switch = KillSwitch.objects.get(reason__contains=window.name)
    assert (switch.kind, switch.lifted_at) == (kind, None)
    assert page.locator(".cs-banner").first.is_visible()
    assert not window.is_scrolling_sideways()


def test_quality_is_scored_by_its_keys(window, stage, someone):
    """1 passes and goes on, 2 fails and asks what is wrong, Enter sends; on a phone the same by touch (QAS-02)."""
    scorer, page = someone(Role.SALES_OPS), window.page
    for n in range(2):
        submit_executed(stage.site, target=company(stage, f"Scored {n} {window.name}"), expected=None)
    settle()
    window.enter(scorer)
    window.open("/quality/")
    if window.is_phone:
        page.get_by_role("button", name="Score the next one").tap()
    else:
        page.keyboard.press("n")
    page.wait_for_url("**/quality/*-*/")
    assert not page.get_by_label("How bad is it?").is_visible()
    questions = page.locator("[data-question]")
    for place in range(questions.count()):
        fails = place == 0
        if window.is_phone:
            questions.nth(place).locator(f"[value={'fail' if fails else 'pass'}]").tap()
        else:
            page.keyboard.press("2" if fails else "1")
        if fails:
            type_in(window, questions.nth(0).get_by_role("textbox"), "the register says 200")
            if not window.is_phone:
                window.tab_to(questions.nth(1).get_by_role("radio").first)
    first = page.url
    window.press_on(page.get_by_role("button", name="Score and next"))
    page.get_by_text("Not scored").wait_for()  # how bad it is was not said: the card comes back as it was
    window.trouble.clear()
    assert questions.nth(0).get_by_role("textbox").input_value() == "the register says 200"
    page.get_by_label("How bad is it?").select_option("low")
    window.press_on(page.get_by_role("button", name="Score and next"))
    page.wait_for_url(lambda url: "/quality/" in url and url != first and not url.endswith("/score/"))
    assert page.get_by_text("Scored: it failed.").is_visible()
    assert not window.is_scrolling_sideways()


def type_in(window, box, text):
    """Come to the box as this window's person does, and type."""
    if window.is_phone:
        box.tap()
    else:
        window.tab_to(box)
    window.page.keyboard.type(text)
