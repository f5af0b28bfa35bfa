"""Governance in the console: what each role may do, what is refused, and that every edit is in the ledger."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.roles import Role
from governance.models import (
    ActionTier,
    Agent,
    ChangeProposal,
    Credential,
    FieldOwnership,
    Grant,
    KillSwitch,
    PolicyRelease,
    PolicyVersion,
    RegisteredField,
    User,
)
from governance.services.roles import assign_role
from tests.builders.governance import (
    World,
    make_agent,
    make_person,
    make_switch,
    make_user,
    make_workspace,
    make_world,
    publish,
)

pytestmark = pytest.mark.django_db
MODELS = (
    "agent",
    "connection",
    "registeredfield",
    "revenuefield",
    "stagerequirement",
    "fieldownership",
    "actiontier",
    "approvergroup",
    "killswitch",
    "policyversion",
    "workspace",
    "person",
    "integration",
)


def log_in(world: World, role: str) -> Client:
    user = make_user(make_person(f"A {role}"), username=role)
    assign_role(
        user_id=user.pk, workspace_id=world.workspace.pk, role=role, actor=Actor("system", "test"), now=get_now()
    )
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="config.model_permissions.ModelPermissionsBackend")
    return client


def page(model: str, kind: str, *args: object) -> str:
    return reverse(f"admin:governance_{model}_{kind}", args=args)


def events(type_: str) -> list[dict[str, Any]]:
    rows = LedgerEvent.objects.filter(type=type_).order_by("id").values_list("body", flat=True)
    return [json.loads(bytes(body))["data"] for body in rows]


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back of the page's form, unchanged."""
    form = client.get(url).context["adminform"].form
    inlines = client.get(url).context["inline_admin_formsets"]
    data: dict[str, Any] = {}
    forms = [form, *(inline.formset.management_form for inline in inlines)]
    forms += [item for inline in inlines for item in inline.formset.initial_forms]
    for item in forms:
        for name, field in item.fields.items():
            value = item.get_initial_for_field(field, name)
            if hasattr(field, "prepare_value"):
                value = field.prepare_value(value)
            if isinstance(value, list):
                value = [getattr(entry, "pk", entry) for entry in value]
            if value is not None and value is not False and value != []:
                data[item.add_prefix(name)] = value
    return data


@pytest.mark.parametrize("model", MODELS)
def test_the_auditor_reads_every_page_and_changes_none(model: str) -> None:
    """IDN-07: read-only means read-only."""
    world = make_world()
    publish(world)
    make_switch(world.workspace)
    client = log_in(world, Role.AUDITOR)
    assert client.get(page(model, "changelist")).status_code == 200
    if model != "policyversion":
        assert client.get(page(model, "add")).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_a_login_of_the_console_without_a_role_here_sees_nothing(model: str) -> None:
    world = make_world()
    user = make_user(make_person("Stray"), username="stray")
    client = Client()
    client.force_login(user, backend="config.model_permissions.ModelPermissionsBackend")
    assert world.workspace
    assert client.get(page(model, "changelist")).status_code == 403


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SALES_MANAGER, Role.SALES_OPS, Role.COMPLIANCE])
def test_only_revops_gives_and_ends_credentials(role: str) -> None:
    world = make_world()
    client = log_in(world, role)
    for url in (
        f"/admin/governance/agent/{world.agent.pk}/issue-credential/",
        page("credential", "rotate", world.credential.pk),
        page("credential", "revoke", world.credential.pk),
    ):
        assert client.post(url).status_code == 403
    assert Credential.objects.count() == 1
    assert Credential.objects.get().revoked_at is None


def test_revops_of_another_workspace_is_refused_everything_here() -> None:
    world, other = make_world(), make_world("other", agent_name="agent.other")
    publish(world)
    switch = make_switch(world.workspace)
    client = log_in(other, Role.REVOPS_ADMIN)
    ownership = FieldOwnership.objects.filter(field__connection=world.connection).first()
    assert client.get(page("fieldownership", "change", ownership.pk)).status_code == 302
    for url in (
        f"/admin/governance/agent/{world.agent.pk}/issue-credential/",
        page("credential", "revoke", world.credential.pk),
        page("killswitch", "lift", switch.pk),
        page("policyversion", "publish", world.workspace.pk),
        page("policyversion", "restore", PolicyVersion.objects.get(workspace=world.workspace).pk, "sandbox"),
    ):
        assert client.post(url, {"reason": "mine now"}).status_code == 403, url
    listed = client.get(page("agent", "changelist")).content.decode()
    assert "agent.other" in listed
    assert "agent.enrichment" not in listed


def test_a_secret_is_shown_once_on_a_page_that_no_cache_keeps() -> None:
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    url = f"/admin/governance/agent/{world.agent.pk}/issue-credential/"
    assert "client-secret" not in client.get(url).content.decode()
    answer = client.post(url)
    found = re.search(r'id="client-secret">([^<]+)<', answer.content.decode())
    assert found is not None
    assert "no-store" in answer.headers["Cache-Control"]
    assert Credential.objects.count() == 2
    agent_page = client.get(page("agent", "change", world.agent.pk)).content.decode()
    assert found[1] not in agent_page
    assert "pbkdf2" not in agent_page
    assert len(events("credential.issued")) == 1


def test_rotating_and_revoking_from_the_console() -> None:
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    assert client.get(page("credential", "revoke", world.credential.pk)).status_code == 200
    assert Credential.objects.get().revoked_at is None  # looking is not doing
    assert "client-secret" in client.post(page("credential", "rotate", world.credential.pk)).content.decode()
    assert client.post(page("credential", "revoke", world.credential.pk)).status_code == 302
    assert Credential.objects.get().revoked_at is not None


def test_an_edit_of_the_matrix_is_in_ledger_and_history_and_is_taken_back_by_one_click() -> None:
    """RVT-07, REG-03: history with its difference, and one click back, on record."""
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    row = FieldOwnership.objects.get(field__name="industry")
    row.save()
    url = page("fieldownership", "change", row.pk)
    answer = client.post(url, {**form_of(client, url), "permission_level": "approval"})
    assert answer.status_code == 302, answer.context["errors"]
    row.refresh_from_db()
    assert row.permission_level == "approval"
    assert events("config.changed")[-1] == {
        "model": "fieldownership",
        "operation": "updated",
        "fields": ["permission_level"],
    }
    history = client.get(page("fieldownership", "history", row.pk)).content.decode()
    assert "safe_write" in history
    first = row.history.order_by("history_id").first()
    assert client.post(f"{page('fieldownership', 'history', row.pk)}{first.pk}/").status_code == 302
    row.refresh_from_db()
    assert row.permission_level == "safe_write"
    assert row.history.count() == 4
    assert events("config.reverted")[-1]["fields"] == ["permission_level"]


def test_the_auditor_takes_nothing_back() -> None:
    world = make_world()
    row = FieldOwnership.objects.get(field__name="industry")
    row.permission_level = "approval"
    row.save()
    client = log_in(world, Role.AUDITOR)
    first = row.history.order_by("history_id").first()
    assert client.post(f"{page('fieldownership', 'history', row.pk)}{first.pk}/").status_code == 403
    row.refresh_from_db()
    assert row.permission_level == "approval"


def test_a_reverted_tier_has_its_groups_again() -> None:
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    tier = ActionTier.objects.get(action="update")
    version = tier.history.order_by("-history_id").first()
    tier.approver_groups.clear()
    client.post(f"{page('actiontier', 'history', tier.pk)}{version.pk}/")
    assert list(tier.approver_groups.all()) == [world.group]
    assert events("config.reverted")[-1]["fields"] == ["approver_groups"]


def test_a_grant_is_edited_a_field_a_line_and_must_be_registered() -> None:
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    url = page("agent", "change", world.agent.pk)
    grant = Grant.objects.get(agent=world.agent, object_type="companies", action="update")
    data = form_of(client, url)
    prefix = next(name for name, value in data.items() if str(value) == str(grant.pk)).removesuffix("-id")
    refused = client.post(url, {**data, f"{prefix}-write_fields": "industry\nindustri"})
    assert refused.status_code == 200
    assert "industri" in refused.content.decode()
    accepted = client.post(url, {**data, f"{prefix}-write_fields": "industry\r\n\r\n country \r\nindustry"})
    assert accepted.status_code == 302
    grant.refresh_from_db()
    assert grant.write_fields == ["industry", "country"]
    assert {"model": "grant", "operation": "updated", "fields": ["write_fields"]} in events("config.changed")


def test_an_agent_cannot_be_moved_into_a_workspace_where_one_has_no_role() -> None:
    world, elsewhere = make_world(), make_workspace("elsewhere")
    client = log_in(world, Role.REVOPS_ADMIN)
    url = page("agent", "change", world.agent.pk)
    answer = client.post(url, {**form_of(client, url), "workspace": str(elsewhere.pk)})
    assert answer.status_code == 200  # no valid choice
    assert Agent.objects.get(pk=world.agent.pk).workspace_id == world.workspace.pk


def test_fields_are_reviewed_in_bulk() -> None:
    world = make_world()
    fields = RegisteredField.objects.filter(name__in=["industry", "country"])
    fields.update(review_state="unreviewed")
    ids = [str(pk) for pk in fields.values_list("pk", flat=True)]
    form = {"action": "mark_reviewed", "_selected_action": ids}
    log_in(world, Role.AUDITOR).post(page("registeredfield", "changelist"), form)
    assert not fields.filter(review_state="reviewed").exists()
    log_in(world, Role.REVOPS_ADMIN).post(page("registeredfield", "changelist"), form)
    assert fields.filter(review_state="reviewed").count() == 2
    assert events("fields.reviewed")[-1]["fields"] == ["companies.country", "companies.industry"]


@pytest.mark.parametrize("role", [Role.SALES_MANAGER, Role.SALES_OPS, Role.COMPLIANCE, Role.REVOPS_ADMIN])
def test_whoever_watches_agents_may_stop_them(role: str) -> None:
    world = make_world()
    client = log_in(world, role)
    form = {"workspace": str(world.workspace.pk), "kind": "all", "agent": "", "reason": "looks wrong"}
    answer = client.post(page("killswitch", "add"), form)
    assert answer.status_code == 302, answer.context["errors"]
    assert KillSwitch.objects.get().reason == "looks wrong"
    assert client.post(page("killswitch", "add"), form).status_code == 302
    assert KillSwitch.objects.count() == 1
    assert len(events("switch.engaged")) == 1


def test_a_stop_names_its_agent_and_its_reason() -> None:
    world = make_world()
    stranger = make_agent(make_workspace("other"), name="agent.stranger")
    client = log_in(world, Role.REVOPS_ADMIN)
    form = {"workspace": str(world.workspace.pk), "kind": "agent", "agent": "", "reason": "x"}
    assert client.post(page("killswitch", "add"), form).status_code == 200
    assert client.post(page("killswitch", "add"), form | {"agent": str(stranger.pk)}).status_code == 200
    assert (
        client.post(page("killswitch", "add"), form | {"agent": str(world.agent.pk), "reason": ""}).status_code == 200
    )
    assert KillSwitch.objects.count() == 0
    assert client.post(page("killswitch", "add"), form | {"agent": str(world.agent.pk)}).status_code == 302


def test_lifting_takes_the_right_and_a_reason() -> None:
    world = make_world()
    switch = make_switch(world.workspace)
    url = page("killswitch", "lift", switch.pk)
    assert log_in(world, Role.SALES_MANAGER).post(url, {"reason": "go on"}).status_code == 403
    client = log_in(world, Role.COMPLIANCE)
    assert client.post(url, {"reason": " "}).status_code == 200
    switch.refresh_from_db()
    assert switch.lifted_at is None
    assert client.post(url, {"reason": "it was a drill"}).status_code == 302
    switch.refresh_from_db()
    assert switch.lifted_at is None, "on one word it stays stopped"
    proposal = ChangeProposal.objects.get(kind="switch.lift")
    agree = page("changeproposal", "countersign", proposal.pk)
    assert log_in(world, Role.SALES_OPS).post(agree).status_code in (200, 403)
    client.post(agree)
    switch.refresh_from_db()
    assert switch.lifted_at is None, "the same person agrees to nothing"
    assert log_in(world, Role.REVOPS_ADMIN).post(agree).status_code == 302
    switch.refresh_from_db()
    assert switch.lift_reason == "it was a drill"


def test_the_policy_page_counts_changes_and_publishes_with_a_reason() -> None:
    world = make_world()
    publish(world)
    FieldOwnership.objects.filter(field__name="industry").update(permission_level="approval")
    client = log_in(world, Role.REVOPS_ADMIN)
    assert "1 unpublished change" in client.get(page("policyversion", "changelist")).content.decode()
    url = page("policyversion", "publish", world.workspace.pk)
    assert "permission level" in client.get(url).content.decode()
    client.post(url, {"reason": ""})
    assert PolicyVersion.objects.count() == 1
    client.post(url, {"reason": "industry is looked at from now on"})
    assert PolicyVersion.objects.count() == 2
    assert "everything is published" in client.get(page("policyversion", "changelist")).content.decode()
    newest = PolicyVersion.objects.latest("number")
    assert "permission level" in client.get(page("policyversion", "change", newest.pk)).content.decode()
    first = PolicyVersion.objects.get(number=1)
    client.post(page("policyversion", "restore", first.pk, "sandbox"), {"reason": "too many approvals"})
    assert PolicyRelease.objects.latest("number").version == first


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SALES_MANAGER, Role.SALES_OPS, Role.COMPLIANCE])
def test_others_publish_nothing(role: str) -> None:
    world = make_world()
    publish(world)
    client = log_in(world, role)
    version = PolicyVersion.objects.get()
    assert client.post(page("policyversion", "publish", world.workspace.pk), {"reason": "x"}).status_code == 403
    assert client.post(page("policyversion", "restore", version.pk, "sandbox"), {"reason": "x"}).status_code == 403
    assert client.post(page("policyversion", "delete", version.pk), {"post": "yes"}).status_code in {302, 403}
    assert PolicyVersion.objects.count() == 1


def test_even_a_superuser_changes_no_published_version() -> None:
    world = make_world()
    publish(world)
    root = make_user(username="root")
    root.is_superuser = True
    root.save()
    client = Client()
    client.force_login(root, backend="config.model_permissions.ModelPermissionsBackend")
    version = PolicyVersion.objects.get()
    assert client.get(page("policyversion", "add")).status_code == 403
    assert client.post(page("policyversion", "change", version.pk), {"reason": "other"}).status_code == 403
    assert client.post(page("policyversion", "delete", version.pk), {"post": "yes"}).status_code == 403


def test_logins_are_the_superusers_alone() -> None:
    world = make_world()
    client = log_in(world, Role.REVOPS_ADMIN)
    assert client.get(page("user", "changelist")).status_code == 403
    assert client.get(page("person", "add")).status_code == 403


@pytest.mark.parametrize("key", ["zz", "%00", "9" * 30])
def test_an_address_that_no_row_has_leads_nowhere_and_not_into_an_error(key: str) -> None:
    client = log_in(make_world(), Role.REVOPS_ADMIN)
    client.raise_request_exception = False
    answers = {model: client.get(f"/admin/governance/{model}/{key}/change/").status_code for model in MODELS}
    assert {model: status for model, status in answers.items() if status not in {302, 403, 404}} == {}
