"""Autonomy: raised by two people over live controls, lowered by one; a life takes its steps (PRM-08, IDN-06)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from governance.domain.autonomy import CONTROL_WORDS, LADDER, Control, ControlEvidence, missing_controls
from governance.domain.lifecycle import STEPS
from governance.models import Agent, FieldOwnership, Grant, Membership
from governance.selectors.access import NotAllowedError
from governance.selectors.controls import gather_controls
from governance.services.autonomy import AutonomyError, lower_autonomy
from governance.services.autonomy_page import MENDED_AT
from governance.services.change_kind import ChangeRefusedError
from governance.services.change_proposals import countersign_change
from governance.services.config_changes import revert_config
from governance.services.lifecycle import LifecycleError, change_lifecycle
from governance.services.raise_autonomy import propose_autonomy
from tests.builders.console import log_in, make_login, text_of
from tests.builders.governance import make_field, make_grant, make_tier, make_workspace, make_world, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = make_world()
    publish(world)
    return world


@pytest.fixture
def rosa(world):
    return make_login(world.workspace, "manage_agents", "countersign_changes", name="Rosa Proposes")


@pytest.fixture
def carl(world):
    return make_login(world.workspace, "countersign_changes", "engage_switches", name="Carl Countersigns")


def set_level(world, level: str) -> None:
    Agent.objects.filter(pk=world.agent.pk).update(autonomy_level=level)


def level(world) -> str:
    return Agent.objects.get(pk=world.agent.pk).autonomy_level


def propose(world, user, to="draft_only"):
    return propose_autonomy(
        agent_id=world.agent.pk,
        level=to,
        reason="it earned it",
        person_id=user.person_id,
        user_id=user.pk,
        now=get_now(),
    )


def lower(world, user, to):
    lower_autonomy(agent_id=world.agent.pk, level=to, actor=Actor("human", "x"), user_id=user.pk, now=get_now())


def step(world, user, to, reason="smoke"):
    change_lifecycle(
        agent_id=world.agent.pk,
        lifecycle=to,
        reason=reason,
        actor=Actor("human", str(user.person_id)),
        user_id=user.pk,
        now=get_now(),
    )


def test_a_level_is_raised_by_two_people_when_its_controls_are_live(world, rosa, carl):
    set_level(world, "manual")
    proposal_id = propose(world, rosa)
    assert level(world) == "manual"
    countersign_change(proposal_id=proposal_id, person_id=carl.person_id, user_id=carl.pk, now=get_now())
    assert level(world) == "draft_only"


def test_a_missing_control_is_named_when_proposed(world, rosa):
    set_level(world, "manual")
    world.owner.is_active = False
    world.owner.save()
    with pytest.raises(ChangeRefusedError, match="active person owns the agent"):
        propose(world, rosa)


def test_a_control_that_fell_away_refuses_the_countersignature(world, rosa, carl):
    set_level(world, "manual")
    proposal_id = propose(world, rosa)
    world.owner.is_active = False
    world.owner.save()
    with pytest.raises(ChangeRefusedError):
        countersign_change(proposal_id=proposal_id, person_id=carl.person_id, user_id=carl.pk, now=get_now())
    assert level(world) == "manual"


def test_a_level_that_moved_meanwhile_refuses_the_countersignature(world, rosa, carl):
    set_level(world, "manual")
    proposal_id = propose(world, rosa)
    set_level(world, "with_approval")
    with pytest.raises(ChangeRefusedError, match="meanwhile"):
        countersign_change(proposal_id=proposal_id, person_id=carl.person_id, user_id=carl.pk, now=get_now())


def test_one_person_lowers_at_once_and_never_raises(world, rosa, carl):
    lower(world, rosa, "draft_only")
    assert level(world) == "draft_only"
    for to in ("draft_only", "with_approval", "autonomous", "odd"):
        with pytest.raises(AutonomyError):
            lower(world, rosa, to)
    with pytest.raises(NotAllowedError):
        lower(world, carl, "manual")
    assert level(world) == "draft_only"


def test_the_owner_alone_is_no_approver(world):
    """A group whose only active member owns the agent decides nothing about it."""
    Membership.objects.all().delete()
    Membership.objects.create(group=world.group, person=world.owner)
    evidence = {item.control: item for item in gather_controls(world.agent.pk)}
    assert not evidence[Control.APPROVERS].is_live
    assert "Revops" in evidence[Control.APPROVERS].words


def test_grants_that_are_not_published_are_no_grants(world):
    Grant.objects.all().delete()
    assert {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.GRANTS]
    publish(world)
    assert not {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.GRANTS]


def test_nobody_to_stop_it_is_a_missing_control(world, carl):
    assert {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.KILL_SWITCH]
    carl.is_active = False
    carl.save()
    assert not {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.KILL_SWITCH]


@pytest.mark.parametrize("control", list(Control))
def test_every_control_counts_for_the_highest_level(control):
    live = [ControlEvidence(control=item, is_live=item != control, words="") for item in Control]
    assert missing_controls("autonomous", live) == (control.value,)
    assert missing_controls("autonomous", [item for item in live if item.is_live]) == (control.value,)
    assert control in CONTROL_WORDS


def test_an_unknown_level_requires_everything():
    assert set(missing_controls("odd", [])) == {control.value for control in Control}
    assert missing_controls(LADDER[0], []) == ()


# ---- no other way up ---------------------------------------------------------------------------------------------


def test_editing_the_agent_raises_nothing(world, rosa):
    """PRM-08: the form takes no level, however it is posted."""
    set_level(world, "manual")
    address = reverse("admin:governance_agent_change", args=[world.agent.pk])
    client = log_in(rosa)
    assert "controls, raise or lower" in text_of(client.get(address))
    answer = client.post(
        address,
        {
            "workspace": str(world.workspace.pk),
            "name": world.agent.name,
            "owner": str(world.owner.pk),
            "purpose": "another one",
            "autonomy_level": "autonomous",
            "lifecycle": "retired",
            "grants-TOTAL_FORMS": "0",
            "grants-INITIAL_FORMS": "0",
            "credentials-TOTAL_FORMS": "0",
            "versions-TOTAL_FORMS": "0",
            "versions-INITIAL_FORMS": "0",
            "credentials-INITIAL_FORMS": "0",
        },
    )
    agent = Agent.objects.get()
    assert answer.status_code == 302
    assert (agent.purpose, agent.autonomy_level, agent.lifecycle) == ("another one", "manual", "active")


def test_a_revert_of_history_raises_nothing(world, rosa):
    """PRM-08: going back to a version of more freedom keeps today's level and lifecycle."""
    agent = world.agent
    free = agent.history.first()
    agent.autonomy_level, agent.lifecycle, agent.purpose = "manual", "quarantined", "another"
    agent.save()
    revert_config(
        model=Agent,
        history_id=free.pk,
        workspace_id=world.workspace.pk,
        actor=Actor("human", "rosa"),
        now=get_now() + timedelta(seconds=1),
    )
    agent.refresh_from_db()
    assert (agent.autonomy_level, agent.lifecycle, agent.purpose) == ("manual", "quarantined", "fills gaps")


def test_the_model_itself_refuses_a_higher_level_and_a_wrong_step(world):
    agent = world.agent
    agent.autonomy_level = "manual"
    agent.save()
    agent.autonomy_level = "draft_only"
    with pytest.raises(ValidationError, match="second person"):
        agent.full_clean()
    Agent.objects.update(lifecycle="retired")
    agent.autonomy_level = "manual"
    with pytest.raises(ValidationError, match="does not go"):
        agent.full_clean()


def test_stage_is_not_opened_by_an_edit_of_the_matrix(world):
    row = FieldOwnership.objects.get(field__name="dealstage")
    for opened in ("approval", "safe_write"):
        row.permission_level = opened
        with pytest.raises(ValidationError, match="second person"):
            row.full_clean()
    row.permission_level = "read_only"
    row.full_clean()


# ---- lifecycle ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", list(STEPS))
@pytest.mark.parametrize("new", list(STEPS))
def test_only_the_steps_of_the_table_are_taken(world, rosa, old, new):
    Agent.objects.update(lifecycle=old)
    if new in STEPS[old]:
        step(world, rosa, new)
        assert Agent.objects.get().lifecycle == new
        assert LedgerEvent.objects.filter(type="agent.lifecycle_changed").count() == 1
    else:
        with pytest.raises(LifecycleError):
            step(world, rosa, new)
        assert Agent.objects.get().lifecycle == old


def test_shutting_out_takes_less_than_letting_in(world, carl):
    """Whoever may stop agents quarantines; only who manages agents lets them work again."""
    step(world, carl, "quarantined")
    for to in ("active", "read_only", "retired"):
        with pytest.raises(NotAllowedError):
            step(world, carl, to)
    assert Agent.objects.get().lifecycle == "quarantined"


def test_a_step_has_a_reason_and_a_permission(world, rosa):
    with pytest.raises(LifecycleError):
        step(world, rosa, "quarantined", reason=" ")
    stranger = make_login(make_workspace("other"), "manage_agents", "engage_switches", name="Stranger")
    with pytest.raises(NotAllowedError):
        step(world, stranger, "quarantined")


# ---- pages -------------------------------------------------------------------------------------------------------


def page(name, world, *args):
    return reverse(f"admin:governance_agent_{name}", args=[world.agent.pk, *args])


def test_the_ladder_shows_what_is_missing_and_where_to_mend_it(world, rosa):
    set_level(world, "manual")
    text = text_of(log_in(rosa).get(page("autonomy", world)))
    assert "Propose this level" in text
    assert "missing" in text
    assert reverse("admin:governance_agent_raise", args=[world.agent.pk, "draft_only"]) in text
    assert reverse("admin:governance_agent_raise", args=[world.agent.pk, "autonomous"]) not in text


def test_an_address_of_a_level_that_lacks_controls_is_refused_in_words(world, rosa):
    set_level(world, "manual")
    text = text_of(log_in(rosa).post(page("raise", world, "autonomous"), {"reason": "please"}))
    assert "requires what is not in place yet" in text


@pytest.mark.parametrize(("name", "step_name"), [("raise", "draft_only"), ("lower", "manual"), ("lifecycle", "active")])
def test_who_may_only_look_changes_nothing(world, name, step_name):
    auditor = make_login(world.workspace, "view_ledger", name="Aldo")
    client: Client = log_in(auditor)
    assert client.get(page("autonomy", world)).status_code == 200
    assert client.post(page(name, world, step_name), {"reason": "x"}).status_code == 403
    assert log_in(make_login(world.workspace, name="Rep")).get(page("autonomy", world)).status_code == 403


def test_who_may_send_needs_a_do_not_contact_list(world):
    assert {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.DNC]
    make_tier(world.workspace, "send_email", world.group, risk_tier="approval")
    make_field(world.connection, "subject", object_type="emails")
    make_grant(world.agent, world.connection, object_type="emails", action="send_email")
    publish(world)
    assert not {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.DNC]


def test_published_budgets_are_a_live_control(world):
    """PRM-08: the world's sizes are published and cover what the agent is granted."""
    assert {item.control: item.is_live for item in gather_controls(world.agent.pk)}[Control.BUDGETS]


@pytest.mark.parametrize("control", sorted(set(Control) - {Control.BREAKER}))
def test_every_control_is_mended_on_a_page_that_exists(control):
    assert reverse(f"admin:{MENDED_AT[control]}")
