"""POL-08: the whole policy is one file. What is exported, changed and applied is what the rows say afterwards."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.yaml_reading import PolicyFileError
from governance.models import (
    ActionTier,
    ApproverGroup,
    FieldOwnership,
    Grant,
    KillSwitch,
    Membership,
    PolicyVersion,
    RegisteredField,
    System,
    WritePath,
)
from governance.selectors.access import NotAllowedError
from governance.selectors.compilation import compile_policy
from governance.selectors.policy_rows import export_policy
from governance.selectors.policy_sections import SECTIONS
from governance.services.policy_file.plan import (
    PlanChangedError,
    PlanReasonMissingError,
    apply_policy_file,
    plan_policy_file,
)
from tests.builders.console import log_in, make_login
from tests.builders.governance import make_stage_requirement, make_world, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = make_world()
    make_stage_requirement(world.connection, "closedwon", "amount", "dealname")
    publish(world)
    return world


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "edit_policy", "manage_agents", name="Rosa Edits")


def export(world) -> str:
    return export_policy(world.workspace.pk)


def plan(world, text: str):
    return plan_policy_file(text.encode(), workspace_id=world.workspace.pk)


def apply(world, text: str, user, **more):
    values = {"reason": "reviewed", "now": get_now(), **more}
    return apply_policy_file(text.encode(), workspace_id=world.workspace.pk, user_id=user.pk, **values)


def edited(text: str, pattern: str, replacement: str) -> str:
    changed, count = re.subn(pattern, replacement, text, count=1, flags=re.M)
    assert count == 1, pattern
    return changed


def test_what_is_exported_changes_nothing_and_is_the_same_again(world, rosa) -> None:
    """Byte for byte, also after it was applied."""
    text = export(world)
    assert plan(world, text).lines == ()
    apply(world, text, rosa)
    assert export(world) == text
    assert not LedgerEvent.objects.filter(type="policy_file.applied").exists()


def test_every_kind_of_change_is_planned_in_words_and_applied(world, rosa) -> None:
    """A row changed, one new, one gone, a reference, a list, a group's people."""
    text = export(world)
    text = edited(text, r"(action: update\n    risk_tier: )gated", r"\1approval")
    text = edited(
        text, r"members: \[rosa.acme@example.com\]", "members: [olga.acme@example.com, rosa.acme@example.com]"
    )
    text = edited(text, r"required_fields: \[amount, dealname\]", "required_fields: [amount]")
    text = edited(text, r"    suggestion_field: embedded/deals/agent_suggested_next_step", "    suggestion_field: null")
    grant = r"^  - agent: agent.enrichment\n    connection: embedded\n    object_type: companies\n    action: read\n"
    text = edited(text, grant + r"(    .*\n)+", "")
    seen = plan(world, text)
    assert "~ tiers update: risk_tier gated → approval" in seen.lines
    assert "- grants agent.enrichment embedded companies read" in seen.lines
    assert any(line.startswith("~ approver_groups revops: members") for line in seen.lines)
    assert any(line.startswith("~ matrix embedded/deals/next_step: suggestion_field") for line in seen.lines)
    assert len(seen.lines) == 5
    assert apply(world, text, rosa, expected_digest=seen.digest).lines == seen.lines
    assert export(world) == text
    assert plan(world, text).lines == ()
    assert ActionTier.objects.get(action="update").risk_tier == "approval"
    assert Membership.objects.filter(group__slug="revops").count() == 2
    assert not Grant.objects.filter(action="read", object_type="companies").exists()


def test_a_new_row_may_name_what_the_same_file_makes(world, rosa) -> None:
    text = export(world)
    text = edited(
        text,
        r"^approver_groups:\n",
        "approver_groups:\n  - slug: legal\n    name: Legal\n    members: [olga.acme@example.com]\n",
    )
    text = edited(text, r"(action: create\n(?:    .*\n)*?    approver_groups: )\[revops\]", r"\1[legal]")
    apply(world, text, rosa)
    assert [group.slug for group in ActionTier.objects.get(action="create").approver_groups.all()] == ["legal"]
    assert ApproverGroup.objects.get(slug="legal").workspace == world.workspace


def test_a_plan_changes_nothing(world) -> None:
    text, before = export(world), ActionTier.history.count()
    seen = plan(world, edited(text, "risk_tier: gated", "risk_tier: blocked"))
    assert seen.lines
    assert export(world) == text
    assert (ActionTier.history.count(), LedgerEvent.objects.filter(type="config.changed").count()) == (before, 0)


def test_what_is_applied_is_a_draft_on_record(world, rosa) -> None:
    """History names the person, each row has its event, the whole one more; the version in force stays."""
    apply(world, edited(export(world), "risk_tier: gated", "risk_tier: blocked"), rosa)
    assert PolicyVersion.objects.count() == 1
    assert ActionTier.objects.get(action="update").history.latest().history_user == rosa
    bodies = [bytes(body).decode() for body in LedgerEvent.objects.order_by("id").values_list("body", flat=True)]
    assert any('"type":"config.changed"' in body and str(rosa.person_id) in body for body in bodies)
    assert '"rows":{"tiers.updated":1}' in bodies[-1]


def test_a_section_that_is_left_out_stays(world) -> None:
    """An older file does not wipe what it does not know; an empty list does."""
    text = export(world)
    head = text[: text.index("\ngrants:")]
    assert plan(world, head).lines == ()
    assert {"grants", "golden_cases"} <= set(plan(world, head).absent)
    assert len(plan(world, head + "\ngrants: []\n").lines) == Grant.objects.count()


def test_a_draft_that_could_not_be_published_says_so(world) -> None:
    seen = plan(world, edited(export(world), r"members: \[rosa.acme@example.com\]", "members: []"))
    assert any("revops" in error.message for error in seen.errors)


@pytest.mark.parametrize(
    ("pattern", "replacement", "words"),
    [
        ("^grants:", "grantz:", r"line \d+, column 1: there is no section `grantz`"),
        (r"^    risk_tier: gated", "    risk_tear: gated", r"line \d+, column 5: `tiers` has no `risk_tear`"),
        (r"^    risk_tier: gated", "    risk_tier: gatted", r"line \d+, column 16: `risk_tier`"),
        (r"^  - agent: agent.enrichment", "  - agent: agent.nobody", r"line \d+, column 12: there is no agent"),
        (
            r"approver_groups: \[revops\]",
            "approver_groups: [nobody]",
            r"line \d+, .*there is no approver group `nobody`",
        ),
        (r"approver_groups: \[revops\]", "approver_groups: [revops, revops]", "twice"),
        (r"approver_groups: \[revops\]", "approver_groups: revops", "is a list of names"),
        (
            r"approvals_needed: 1",
            "approvals_needed: true",
            r"line \d+, column 23: `approvals_needed` is a whole number",
        ),
        (r"approvals_needed: 1", 'approvals_needed: "1"', "is a whole number"),
        (r"approvals_needed: 1", "approvals_needed: -1", "approvals_needed"),
        (r"min_confidence: 0.7", "min_confidence: 7", r"line \d+"),
        (r"^    is_withdrawn: false", "    is_withdrawn: no", "is true or false"),
        (r"^    write_fields: \[.*\]", "    write_fields: all", "is a list"),
        (r"^    risk_tier: gated", "    risk_tier: gated\n    risk_tier: blocked", "stands here twice"),
        (r"^workspace: acme", "workspace: other", "of another workspace"),
        (r"^format: 1", "format: 2", "only format 1"),
        (r"^format: 1\n", "", "`format` is missing"),
        (
            r"^  - field: embedded/companies/country",
            "  - field: embedded/companies/countr",
            "there is no registered field",
        ),
        (
            r"^    object_type: companies\n    name: country",
            "    object_type: companies\n    name: countr",
            "not in the schema",
        ),
        (r"^  - slug: revops", "  - slug: &x revops", "anchors"),
        (r"^  - slug: revops", "  - name: revops", "twice"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(world, rosa, pattern: str, replacement: str, words: str) -> None:
    """Unknown names, wrong kinds, duplicates: the line and the column, and nothing is changed."""
    text = export(world)
    with pytest.raises(PolicyFileError, match=words):
        apply(world, edited(text, pattern, replacement), rosa)
    assert export(world) == text


def test_a_row_that_stands_twice_is_refused(world) -> None:
    text = export(world)
    tier = re.search(r"  - action: update\n(?:    .*\n)+", text)
    assert tier is not None
    with pytest.raises(PolicyFileError, match=r"line \d+, column 5: `update` stands in `tiers` twice"):
        plan(world, text.replace(tier[0], tier[0] * 2))


def test_a_row_that_others_need_does_not_go(world) -> None:
    """An approver group that a tier names is missing then; without the tiers' naming it, it goes."""
    text = export(world)
    group = re.search(r"  - slug: revops\n(?:    .*\n)+", text)
    assert group is not None
    lonely = text.replace(group[0], "").replace("approver_groups:\n\n", "approver_groups: []\n\n")
    with pytest.raises(PolicyFileError, match="approver group `revops`"):
        plan(world, lonely)
    assert plan(world, lonely.replace("[revops]", "[]")).lines


def test_what_takes_two_people_is_not_done_by_file(world, rosa) -> None:
    """Stage stays closed to agents: a file is no way around the second person."""
    text = edited(
        export(world), r"(field: embedded/deals/dealstage\n(?:    .*\n)*?    permission_level: )blocked", r"\1approval"
    )
    with pytest.raises(PolicyFileError, match="second person"):
        apply(world, text, rosa)


def test_only_who_edits_policy_applies_and_says_why(world, rosa) -> None:
    text = edited(export(world), "risk_tier: gated", "risk_tier: blocked")
    with pytest.raises(NotAllowedError):
        apply(world, text, make_login(world.workspace, "view_requests", name="Vera Views"))
    with pytest.raises(PlanReasonMissingError):
        apply(world, text, rosa, reason=" ")
    with pytest.raises(PlanChangedError):
        apply(world, text, rosa, expected_digest=plan(world, export(world)).digest)
    assert ActionTier.objects.get(action="update").risk_tier == "gated"


def test_the_commands_say_by_their_exit_code_what_is_to_do(world, rosa, tmp_path: Path, capsys) -> None:
    """0 nothing to change, 2 changes, 1 error."""
    file = tmp_path / "policy.yaml"
    where = ("--workspace", world.workspace.slug)
    call_command("governance_export", str(file), *where)
    call_command("governance_plan", str(file), *where)
    assert "nothing to change" in capsys.readouterr().out
    file.write_text(edited(file.read_text(), "risk_tier: gated", "risk_tier: blocked"))
    with pytest.raises(SystemExit) as ended:
        call_command("governance_plan", str(file), *where)
    assert ended.value.code == 2
    call_command("governance_apply", str(file), *where, "--as", rosa.username, "--reason", "reviewed", "--yes")
    call_command("governance_plan", str(file), *where)
    out = StringIO()
    call_command("governance_export", "-", *where, stdout=out)
    assert out.getvalue() == file.read_text()
    file.write_text("format: 1\nworkspace: [")
    with pytest.raises(CommandError, match="line 2"):
        call_command("governance_plan", str(file), *where)
    with pytest.raises(CommandError):
        call_command("governance_apply", str(file), *where, "--as", "nobody", "--reason", "x", "--yes")


def test_the_console_shows_the_plan_and_applies_it(world, rosa) -> None:
    """Download, upload, plan, apply; refused without the right."""
    rosa.is_staff = True
    rosa.save()
    client = log_in(rosa)
    base = f"/admin/governance/policyversion/file/{world.workspace.pk}/"
    text = client.get(f"{base}download/").content.decode()
    assert text == export(world)
    changed = edited(text, "risk_tier: gated", "risk_tier: blocked")
    page = client.post(base, {"file": _upload(changed)}).content.decode()
    assert "~ tiers update: risk_tier gated → blocked" in page
    assert ActionTier.objects.get(action="update").risk_tier == "gated"
    digest = plan(world, changed).digest
    answer = client.post(base, {"content": changed, "digest": digest, "reason": "reviewed"}, follow=True)
    assert "are a draft now" in answer.content.decode()
    assert ActionTier.objects.get(action="update").risk_tier == "blocked"
    assert "Line 2" in client.post(base, {"file": _upload("a: 1\nb: [")}).content.decode()
    viewer = make_login(world.workspace, "view_requests", name="Vera Views")
    assert log_in(viewer).get(f"{base}download/").status_code == 403
    assert log_in(viewer).post(base, {"content": text, "digest": "x", "reason": "x"}).status_code == 403


def _upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("policy.yaml", text.encode())


NOT_POLICY = {"governance_workspace"}  # the boundary itself: its slug stands in the file's head


def test_every_table_that_the_compiler_reads_is_in_the_file(world) -> None:
    """A new kind of policy row is exported or this fails: what compiles into the document is in `SECTIONS`."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        compile_policy(workspace_id=world.workspace.pk)
    read = {name for query in queries for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    held = {section.model._meta.db_table for section in SECTIONS}
    held |= {
        section.column(name).remote_field.through._meta.db_table
        for section in SECTIONS
        for name in section.columns
        if section.column(name).many_to_many
    }
    named = {
        section.column(name).related_model._meta.db_table
        for section in SECTIONS
        for name in section.columns
        if section.column(name).is_relation
    }
    assert read - held - named - NOT_POLICY == set()
    assert not any(section.model is KillSwitch for section in SECTIONS), "what bites at once is no policy"
    assert FieldOwnership._meta.db_table in held
    assert RegisteredField._meta.db_table in held


def test_the_inventory_goes_out_and_comes_back_byte_for_byte(world, rosa) -> None:
    """REG-10: systems and write paths are part of the file."""
    system = System.objects.create(workspace=world.workspace, name="Routing", writes=["companies"])
    path = {"connection": world.connection, "kind": "routing", "system": system}
    WritePath.objects.create(name="By size", triggers=["companies.numberofemployees"], changes=["companies"], **path)
    text = export(world)
    assert plan(world, text).lines == ()
    apply(world, edited(text, r"(?s)^systems:.*\Z", "systems: []\nwrite_paths: []\n"), rosa)
    assert (System.objects.count(), WritePath.objects.count()) == (0, 0)
    apply(world, text, rosa)
    assert export(world) == text
    assert WritePath.objects.get().system.name == "Routing"


def test_a_misspelt_place_and_a_system_that_is_none_are_refused_with_their_line(world) -> None:
    WritePath.objects.create(connection=world.connection, name="By size", kind="routing", changes=["companies"])
    text = export(world)
    head, rows = text.split("write_paths:")
    misspelt = f"{head}write_paths:{rows.replace('companies', 'companys')}"
    nobodys = f"{head}write_paths:{rows.replace('system: null', 'system: Nobody')}"
    for wrong, words in ((misspelt, "not in the field registry"), (nobodys, "no system `Nobody`")):
        with pytest.raises(PolicyFileError, match=words) as refused:
            plan(world, wrong)
        line = int(re.match(r"line (\d+)", str(refused.value)).group(1))
        named = wrong.splitlines()[line - 1]
        assert "companys" in named or "Nobody" in named


def test_a_file_never_brings_a_gone_field_back(world) -> None:
    """REG-01: only the CRM's schema says what is gone."""
    text = export(world)
    RegisteredField.objects.filter(name="industry").update(review_state="gone")
    with pytest.raises(PolicyFileError, match="only the CRM's schema"):
        plan(world, text)


def test_a_file_seats_nobody_for_who_only_edits_policy(world) -> None:
    """IDN-07: who decides is no draft. Sales ops drafts policy, and does not put people among the approvers."""
    ops = make_login(world.workspace, "edit_policy", name="Otto Ops")
    members = "members: [olga.acme@example.com, rosa.acme@example.com]"
    with pytest.raises(NotAllowedError):
        apply(world, edited(export(world), r"members: \[rosa.acme@example.com\]", members), ops)
    assert Membership.objects.filter(group__slug="revops").count() == 1
    apply(world, edited(export(world), "risk_tier: gated", "risk_tier: blocked"), ops)


@pytest.mark.parametrize("how", ["given back", "removed"])
def test_a_file_frees_no_withdrawn_grant_for_who_only_edits_policy(world, rosa, how: str) -> None:
    """PRM-06: it would bite with nobody publishing; removed it could come again as a new one."""
    drafter = make_login(world.workspace, "edit_policy", name="Dora Drafts")
    granted = export(world)
    grant = Grant.objects.order_by("pk").first()
    Grant.objects.filter(pk=grant.pk).update(is_withdrawn=True)
    text = granted if how == "given back" else re.sub(r"^grants:\n(?:[ -].*\n)+", "grants: []\n", granted, flags=re.M)
    with pytest.raises(NotAllowedError):
        apply(world, text, drafter)
    assert Grant.objects.get(pk=grant.pk).is_withdrawn
    apply(world, text, rosa)
    assert not Grant.objects.filter(pk=grant.pk, is_withdrawn=True).exists()


def test_a_file_withdraws_a_grant_for_who_edits_policy(world) -> None:
    drafter = make_login(world.workspace, "edit_policy", name="Dora Drafts")
    apply(world, edited(export(world), r"^    is_withdrawn: false", "    is_withdrawn: true"), drafter)
    assert Grant.objects.filter(is_withdrawn=True).count() == 1
