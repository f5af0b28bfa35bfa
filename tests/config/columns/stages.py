"""Fitting cases for the rows that bite at once: what somebody sees happen, asked again after each change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models, transaction

from approvals.api.examples import NEW_DNC
from approvals.domain.touch_keys import person_key
from approvals.models import StandingApproval, Touched, Vote
from approvals.services.standing import give_standing_approval
from approvals.services.watch import watch
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from governance.models import (
    ActionTier,
    Agent,
    AgentBaseline,
    AgentHabit,
    AgentVersion,
    BreakerState,
    BreakGlass,
    BudgetCounter,
    ChangeProposal,
    Connection,
    ControlEvidence,
    Credential,
    Delegation,
    DncEntry,
    FrequencyCap,
    Grant,
    Membership,
    PolicyRelease,
    PolicyVersion,
    RegisteredField,
    SecretKeeper,
    StandIn,
    Touch,
    TouchKey,
)
from governance.selectors import policy
from governance.selectors.controls import SANDBOX_REVERT, gather_controls
from tests.builders.api import Site, make_site, post
from tests.builders.approvals import NAME_CHANGE, get, make_approver, submit, submit_executed, submit_pending, vote
from tests.builders.dnc import list_entry
from tests.builders.frequency import make_cap
from tests.builders.governance import (
    make_agent,
    make_anomaly,
    make_breaker,
    make_budget,
    make_connection,
    make_credential,
    make_group,
    make_integration,
    make_integration_token,
    make_person,
    make_switch,
    make_user,
    make_workspace,
    make_world,
    publish,
)
from tests.builders.lives import asked, carried_out, claimed, lived, voted
from tests.builders.other_values import unsaved
from tests.builders.outward import email_to, make_contact, make_sending_site
from tests.builders.routing import make_colleague, stand_in
from tests.builders.rules import make_rule, when


@dataclass(frozen=True)
class Stage:
    """`rows` are changed one column at a time, `observe` says what happens then.

    `along`: what the table wants changed together with a column.
    """

    rows: list[models.Model]
    observe: Callable[[], Any]
    along: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def elsewhere() -> None:
    """Another row of everything, for references to go to."""
    other = make_workspace("globex")
    person = make_person("Theo Theirs")
    make_group(other, "theirs", person)
    make_connection(other, "theirs")
    make_agent(other, person, name="agent.theirs")


def agents() -> Stage:
    site = make_site()
    elsewhere()
    Agent.objects.update(owner=make_person("Another Owner"))
    make_agent(site.world.workspace, site.world.approver, name="agent.second")
    row = Agent.objects.get(pk=site.world.agent.pk)
    return Stage([row], lambda: [lived(site), lived(site, **NAME_CHANGE)])


def agent_versions() -> Stage:
    """Whether the agent is known again by what it says that it is."""
    site = make_site()
    elsewhere()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    row = AgentVersion.objects.get(pk=get(submit(site).request_id).agent_version_id)
    return Stage([row], lambda: get(submit(site).request_id).agent_version_id == row.pk)


def connections() -> Stage:
    site = make_sending_site(risk_tier="autonomous")
    elsewhere()
    Connection.objects.filter(pk=site.connection_id).update(brand="South")
    list_entry(site.world.workspace, "jane@acme.example", brand="North")
    contact = make_contact(site)
    row = Connection.objects.get(pk=site.connection_id)
    return Stage([row], lambda: [lived(site), asked(site, **email_to(contact))])


def grants() -> Stage:
    """Withdrawn, it bites before anything is published."""
    site = make_site()
    elsewhere()
    row = Grant.objects.get(agent=site.world.agent, object_type="companies", action="update")
    return Stage([row], lambda: lived(site))


def registered_fields() -> Stage:
    """REG-01: reviewed once, and changed at the CRM since."""
    site = make_site()
    rows = RegisteredField.objects.filter(name="numberofemployees", object_type="companies")
    rows.update(was_reviewed=True, review_state="unreviewed")
    return Stage([rows.get()], lambda: lived(site))


def memberships() -> Stage:
    site = make_site()
    elsewhere()
    row = Membership.objects.get(group=site.world.group)
    return Stage([row], lambda: lived(site, **NAME_CHANGE))


def people() -> Stage:
    """Whoever approves, and whoever an agent acts for."""
    site = make_site()
    row = site.world.approver
    make_delegation(site, site.world.owner)
    rows: list[models.Model] = [row, site.world.owner]
    return Stage(rows, lambda: [lived(site, **NAME_CHANGE), lived(site, on_behalf_of=site.world.owner.email)])


def make_delegation(site: Site, person: Any) -> Delegation:
    now = get_now()
    return Delegation.objects.create(
        agent=site.world.agent,
        person=person,
        connection=site.world.connection,
        actions=["update"],
        objects_named=["companies"],
        reason="away",
        granted_by=person,
        created_at=now - timedelta(days=5000),
        expires_at=now + timedelta(days=5),
    )


def delegations() -> Stage:
    site = make_site()
    elsewhere()
    ana = make_person("Ana Rep")
    row = make_delegation(site, ana)
    revoked = {"revoked_at": {"revoked_by": ana}}
    return Stage([row], lambda: lived(site, on_behalf_of=ana.email), revoked)


def break_glasses() -> Stage:
    site = make_site()
    elsewhere()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    ActionTier.objects.filter(action="update").update(risk_tier="blocked")
    publish(site.world)
    now, first, second = get_now(), make_person("Sam Asks"), make_person("Carl Countersigns")
    row = BreakGlass.objects.create(
        proposal=make_proposal(site, first),
        agent=site.world.agent,
        connection=site.world.connection,
        action="update",
        object_type="companies",
        record_id=site.company,
        reason="the board meets",
        asked_by=first,
        countersigned_by=second,
        opened_at=now,
        minutes=30,
        expires_at=now + timedelta(minutes=30),
    )
    return Stage([row], lambda: lived(site), {"ended_at": {"ended_by": first}})


def make_proposal(site: Site, person: Any) -> ChangeProposal:
    now = get_now()
    return ChangeProposal.objects.create(
        workspace=site.world.workspace,
        kind="break_glass.open",
        subject="update",
        payload={},
        digest="sha256:" + "0" * 64,
        reason="the board meets",
        proposed_by=person,
        created_at=now,
        expires_at=now + timedelta(hours=1),
    )


def dnc_entries() -> Stage:
    """A person's address, as it would read: no entry is ever changed."""
    site = make_sending_site(risk_tier="autonomous")
    elsewhere()
    Connection.objects.filter(pk=site.connection_id).update(brand="North")
    contact = make_contact(site)
    now = get_now()
    since, until = now - timedelta(days=9000), now + timedelta(days=9)
    list_entry(site.world.workspace, "Ann", "person")
    removal = make_proposal(site, site.world.owner)
    with transaction.atomic():
        list_entry(
            site.world.workspace,
            "Jane",
            "company",
            covers=(("email", "jane@acme.example"),),
            brand="North",
            effective_from=since,
            effective_until=until,
        )
        person, row = DncEntry.objects.order_by("pk")[1:]
        transaction.set_rollback(True)
    unsaved(person).save(force_insert=True)
    return Stage([unsaved(row)], lambda: asked(site, **email_to(contact)), {"removed_at": {"removal": removal.pk}})


def kill_switches() -> Stage:
    site = make_site()
    elsewhere()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    request = get(submit(site).request_id)
    rows: list[models.Model] = [
        make_switch(site.world.workspace, "read_only"),
        make_switch(site.world.workspace, "agent", agent=site.world.agent),
    ]
    lifted = {"lifted_at": {"lifted_by": "human:rosa", "lift_reason": "over"}}
    return Stage(rows, lambda: [lived(site), carried_out(site, request)], lifted)


def budget_counters() -> Stage:
    """One of one was taken."""
    site = make_site()
    make_budget(site.world.workspace, 1, window="day")
    publish(site.world)
    submit_executed(site)
    row = BudgetCounter.objects.get(unit="writes", window="day")

    def counted() -> Any:
        request = get(submit(site, changes={"country": "Norway"}, expected=None).request_id)
        return request.status_code, request.facts["budgets"]

    return Stage([row], counted)


def breaker_states() -> Stage:
    site = make_site()
    elsewhere()
    make_breaker(site.world.workspace, site.world.owner)
    publish(site.world)
    row = BreakerState.objects.create(workspace=site.world.workspace, name="watched", opened_at=get_now())
    return Stage([row], lambda: lived(site))


def baselines() -> Stage:
    """Three an hour are usual, so that a third passes; and an agent that is new may write what it never wrote."""
    site = make_site()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    make_anomaly(site.world.workspace, 1, window="hour", factor=1.0)
    make_anomaly(site.world.workspace, 1, signal="new_fields", window="day")
    publish(site.world)
    now = get_now()
    row = AgentBaseline.objects.create(agent=site.world.agent, per_hour=3, known_since=now, computed_at=now)
    make_habits(site)
    submit(site)
    submit(site)
    return Stage([row], lambda: [lived(site), watch(now=get_now())])


def habits() -> Stage:
    """Two fields that it never wrote before today are one too many."""
    site = make_site()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    make_anomaly(site.world.workspace, 1, signal="new_fields", window="day")
    publish(site.world)
    now = get_now()
    AgentBaseline.objects.create(agent=site.world.agent, known_since=now - timedelta(days=9), computed_at=now)
    make_habits(site)
    return Stage([AgentHabit.objects.latest("pk")], lambda: watch(now=get_now()))


def make_habits(site: Site) -> None:
    for key in ("a" * 64, "b" * 64):
        AgentHabit.objects.create(agent=site.world.agent, signal="new_fields", key=key, first_at=get_now())


def stand_ins() -> Stage:
    site = make_site()
    elsewhere()
    tina, _ = make_colleague(site)
    make_user(make_person("Nora New"))
    row = stand_in(site, tina)
    StandIn.objects.filter(pk=row.pk).update(starts_at=get_now() - timedelta(days=5))
    row.refresh_from_db()
    request = submit_pending(site)
    return Stage([row], lambda: carried_out(site, request, tina), {"revoked_at": {"revoked_by": tina}})


def secret_keepers() -> Stage:
    """The approver has seen the secret of the credential that asked."""
    site = make_site()
    make_user(make_person("Nora New"))
    make_credential(site.world.agent)
    row = SecretKeeper.objects.create(credential=site.world.credential, person=site.world.approver, seen_at=get_now())
    request = submit_pending(site)
    return Stage([row], lambda: carried_out(site, request, site.world.approver))


def touches() -> Stage:
    """Jane got an e-mail a moment ago, and one in two days is enough; her record's own touch is out of the way."""
    site, contact = make_touched_site(is_of_agent=True, channels=["send_email"])
    row = Touch.objects.latest("pk")
    Touch.objects.exclude(pk=row.pk).delete()
    TouchKey.objects.create(id=new_id(), workspace=site.world.workspace, version=1, ceiling=1)
    return Stage([row], lambda: asked(site, **email_to(contact)), {"state": {"touched_at": None}})


def waiting_touches() -> Stage:
    """Two that were approved when two were enough: whoever was reserved first goes first."""
    site, contact = make_touched_site(is_sent=False, max_touches=2)
    waiting = [submit_pending(site, **email_to(contact)) for _ in range(2)]
    for request in waiting:
        vote(site, request)
    FrequencyCap.objects.update(max_touches=1)
    publish(site.world)
    first = Touch.objects.filter(request_id=waiting[0].pk)
    return Stage(list(first), lambda: [claimed(request) for request in waiting])


def touch_keys() -> Stage:
    """She replied, and nobody resumed since."""
    site, contact = make_touched_site(max_touches=None, window_hours=0, stops_after=["replied"])
    row = TouchKey.objects.latest("pk")
    row.replied_at, row.resumed_at = get_now(), get_now() - timedelta(days=5000)
    row.save()
    return Stage([row], lambda: asked(site, **email_to(contact)))


def make_touched_site(*, is_sent: bool = True, is_of_agent: bool = False, **cap: Any) -> tuple[Site, str]:
    site = make_sending_site()
    elsewhere()
    make_cap(site.world, agent=site.world.agent if is_of_agent else None, **cap)
    publish(site.world)
    contact = make_contact(site)
    if is_sent:
        asked(site, **email_to(contact))
        Touch.objects.update(state="sent", touched_at=get_now())
    return site, contact


def first_touches() -> Stage:
    """APR-08: who was never reached is looked at."""
    site = make_sending_site(risk_tier="autonomous")
    elsewhere()
    make_rule(site.world, when("newness", "one_of", "person"), effect="deny")
    publish(site.world)
    contact = make_contact(site)
    key = person_key("jane@acme.example")
    row = Touched.objects.create(workspace=site.world.workspace, key=key, first_at=get_now())
    return Stage([row], lambda: asked(site, **email_to(contact)))


def standing_approvals() -> Stage:
    site = make_site()
    elsewhere()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    request = submit_pending(site)
    vote(site, request)
    row = give_standing_approval(
        request_id=request.pk,
        person_id=site.world.approver.pk,
        days=30,
        max_uses=2,
        is_any_value=False,
        confidence_gap=0.05,
        now=get_now(),
    )
    submit(site, changes={"country": "Norway"}, expected=None)
    submit(site, **NAME_CHANGE)
    return Stage([StandingApproval.objects.get(pk=row)], lambda: lived(site, **NAME_CHANGE))


def votes() -> Stage:
    """The first of two that are needed, as it would read."""
    site = make_site()
    ActionTier.objects.filter(action="update").update(approvals_needed=2)
    second, _ = make_approver(site, "Nora New")
    make_approver(site, "Nils Next")
    publish(site.world)
    request = submit_pending(site)
    submit_pending(site)
    make_ended_standing(site, request, second)
    with transaction.atomic():
        voted(site, request)
        row = Vote.objects.get()
        transaction.set_rollback(True)
    return Stage([unsaved(row)], lambda: carried_out(site, get(request.pk), second))


def make_ended_standing(site: Site, request: Any, person: Any) -> StandingApproval:
    now = get_now()
    return StandingApproval.objects.create(
        workspace=site.world.workspace,
        number=1,
        person=person,
        agent=site.world.agent,
        connection=site.world.connection,
        action="update",
        object_type="companies",
        fields=["name"],
        min_confidence=0.5,
        max_uses=2,
        given_for=request,
        created_at=now,
        expires_at=now + timedelta(days=1),
        revoked_at=now,
        revoked_by=person,
    )


def credentials() -> Stage:
    site = make_site()
    elsewhere()
    return Stage([Credential.objects.get(pk=site.world.credential.pk)], lambda: lived(site))


def integrations() -> Stage:
    """A system that may add to the do-not-contact list."""
    world = make_world()
    elsewhere()
    row = make_integration(world.workspace)
    token = make_integration_token(row)

    def added() -> Any:
        answer = post("/dnc/entries/", NEW_DNC, token=token)
        return answer.status_code, list(DncEntry.objects.values_list("workspace__slug", "added_by"))

    return Stage([row], added)


def evidence() -> Stage:
    """PRM-08: a revert that was proven in the sandbox, of this agent."""
    site = make_site()
    make_agent(site.world.workspace, site.world.owner, name="agent.second")
    row = ControlEvidence.objects.create(
        workspace=site.world.workspace, agent=site.world.agent, kind=SANDBOX_REVERT, subject="", created_at=get_now()
    )
    return Stage([row], lambda: [(item.control, item.is_live) for item in gather_controls(site.world.agent.pk)])


def policy_releases() -> Stage:
    """The second release of two, as it would read: with it, updates are blocked."""
    site = make_site()
    elsewhere()
    release, version = draw_second_release(site)
    version.save(force_insert=True)
    return Stage([release], lambda: lived(site))


def policy_versions() -> Stage:
    """What that release puts in force, as it would read."""
    site = make_site()
    elsewhere()
    release, version = draw_second_release(site)

    def released() -> Any:
        policy._indexes.clear()  # what this process has read of published policies
        unsaved(release).save(force_insert=True)
        return lived(site)

    return Stage([version], released)


def draw_second_release(site: Site) -> tuple[models.Model, models.Model]:
    with transaction.atomic():
        ActionTier.objects.filter(action="update").update(risk_tier="blocked")
        publish(site.world)
        release = PolicyRelease.objects.latest("number")
        version = PolicyVersion.objects.latest("number")
        transaction.set_rollback(True)
    return unsaved(release), unsaved(version)


STAGES: Mapping[str, Callable[[], Stage]] = {
    "agent": agents,
    "agent version": agent_versions,
    "usual of an agent": baselines,
    "habit of an agent": habits,
    "connection": connections,
    "credential": credentials,
    "integration": integrations,
    "grant": grants,
    "registered field": registered_fields,
    "membership": memberships,
    "person": people,
    "stand-in": stand_ins,
    "secret keeper": secret_keepers,
    "delegation": delegations,
    "break-glass": break_glasses,
    "do-not-contact entry": dnc_entries,
    "kill switch": kill_switches,
    "budget counter": budget_counters,
    "breaker state": breaker_states,
    "touch": touches,
    "waiting touch": waiting_touches,
    "touch key": touch_keys,
    "first touch": first_touches,
    "vote": votes,
    "standing approval": standing_approvals,
    "control evidence": evidence,
    "policy release": policy_releases,
    "policy version": policy_versions,
}
