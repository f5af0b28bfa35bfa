"""A canary bears an agent's name and counts in nothing that is told of the agent: one test for each place (QAS-02).

Each asks before the canary was planted and again after somebody decided it, or while it waits where that is what could
be counted; each fails when the place leaves it out no longer.
"""

from datetime import timedelta

import pytest

from approvals.domain.measures import Measure
from approvals.models import AgentActionRequest, Canary, Notification, Vote
from approvals.selectors.habits import count_recent
from approvals.selectors.incidents import get_blast_radius
from approvals.selectors.measured import counted_as
from approvals.selectors.overview import get_overview
from approvals.selectors.own_requests import list_own_requests
from approvals.selectors.past_requests import decided_requests
from approvals.selectors.sampling import list_executed
from approvals.selectors.standing_rights import list_last_uses
from approvals.selectors.tallies import Question, count_tallies
from approvals.services import shadow
from approvals.services.canary_planting import plant_canaries
from approvals.services.pages.trying import get_example
from approvals.services.rule_trial import try_rule
from approvals.services.shadow import run_shadows
from approvals.services.standing import StandingRefusedError, apply_standing_approval, give_standing_approval
from audit.selectors.clock import get_now
from crm_connectors.models import CrmRecord
from governance.domain.document import BreakerRule
from governance.models import ShadowRun
from governance.services.shadow import start_shadow
from tests.builders.approvals import get, submit, submit_pending, vote
from tests.builders.exceptions import make_case, make_incident
from tests.builders.quality import make_sampling_site, plant_canary, settle
from tests.builders.rules import make_draft, when

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
RULE = {"environment": "sandbox", "window_seconds": 3600, "min_calls": 1, "open_seconds": 60, "probes": 1}


@pytest.fixture
def site():
    """Every decision of a person draws a canary."""
    return make_sampling_site(
        restricted_percent=0, new_agent_percent=0, safe_percent=0, risky_percent=0, canary_every=1
    )


def count_breakers(site):
    """What breakers on decisions and on spending would have counted by now."""
    since = get_now() - DAY
    rules = [
        BreakerRule(name="denials", signal="denials", ratio=0.1, **RULE),
        BreakerRule(name="spend", signal="spend", amount=1, currency="USD", **RULE),
    ]
    return count_tallies(site.world.workspace.pk, [Question(rule, since) for rule in rules])


COUNTS = {
    "last_uses": lambda site: list_last_uses(site.world.workspace).actions,
    "delegated": lambda site: list_last_uses(site.world.workspace).delegated,
    "home": lambda site: get_overview(workspace_id=site.world.workspace.pk, now=get_now()).finished,
    "backtest": lambda site: decided_requests(
        site.world.workspace.pk, since=get_now() - DAY, until=get_now() + DAY
    ).count(),
    "report_rows": lambda _: counted_as(AgentActionRequest.objects.all(), Measure.RECEIVED).count(),
    "habits": lambda site: count_recent(site.world.workspace.pk, get_now()),
    "breakers": count_breakers,
    "example": lambda site: get_example(site.world.workspace.pk),
    "trial": lambda site: try_rule(
        workspace_id=site.world.workspace.pk, rule=make_draft(site.world, when("confidence", "less", "0.99")).rule
    ),
    "reps_records": lambda site: list_own_requests(workspace_id=site.world.workspace.pk, email="rita@example.com"),
    "executed": lambda _: list_executed(Canary.objects.exclude(request=None).values_list("request", flat=True)),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("verdict", ["", "approve", "deny"])
def test_it_is_left_out(site, name, verdict):
    """PRM-11, IDN-08, LIM-04, LIM-05, POL-04, POL-06, REP-01: while it waits, and after either word on it."""
    count = COUNTS[name]
    for row in CrmRecord.objects.all():
        CrmRecord.objects.filter(pk=row.pk).update(values={**row.values, "owner": "rita@example.com"})
    request = submit_pending(site, usage={"tokens": 1, "spend_micros": 500, "currency": "USD"})
    vote(site, request, verdict="deny", reason="no")
    before = count(site)
    settle()
    assert plant_canaries(now=get_now()) == 1
    canary = get(Canary.objects.get(request__isnull=False).request_id)
    if verdict:
        vote(site, canary, verdict=verdict, reason="no")
        settle()
    assert count(site) == before


def test_a_shadow_run_does_not_judge_it(site, monkeypatch):
    """POL-06."""
    monkeypatch.setattr(shadow, "SETTLING", timedelta(seconds=-5))
    start_shadow(workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, now=get_now())
    plant_canary(site)
    assert run_shadows() == 1
    assert ShadowRun.objects.get().judged == 1


def test_the_agent_may_ask_for_as_much_while_one_waits(site, monkeypatch):
    """LIM-02: what waits in its name without its knowledge takes no place of its own."""
    monkeypatch.setattr("approvals.selectors.intake_context.MAX_WAITING_PER_AGENT", 1)
    plant_canary(site)
    assert submit(site, changes={"annualrevenue": 5}, expected=None).status == "pending"


def test_an_incident_does_not_count_it_in_its_reach(site):
    """EXC-04."""
    case = make_case(site.world.workspace, agent=site.world.agent.name)
    incident = make_incident(case, began_at=get_now() - DAY)
    canary = plant_canary(site)
    assert get_blast_radius(incident, now=get_now() + DAY).requests == 1
    vote(site, canary, verdict="deny", reason="no")
    assert get_blast_radius(incident, now=get_now() + DAY).denied == 1


def test_the_agents_owner_is_told_nothing_of_it(site):
    """APR-13: nobody asked for it."""
    vote(site, plant_canary(site), verdict="deny", reason="no")
    settle()
    told = Notification.objects.filter(kind="request_decided")
    canary = Canary.objects.get(request__isnull=False).request
    assert told.exists()
    assert not told.filter(path__contains=str(canary.pk)).exists()


def test_no_canary_is_made_of_another(site):
    """QAS-02: what stands behind each is what the agent itself asked for."""
    number = {"changes": {"annualrevenue": 5_000_000}, "expected": None}
    vote(site, plant_canary(site, field="annualrevenue", **number), verdict="deny", reason="no")
    vote(site, submit_pending(site, **number), verdict="deny", reason="no")
    AgentActionRequest.objects.filter(actor_type="agent").update(outcome="allow")
    settle()
    assert plant_canaries(now=get_now()) == 0
    assert Canary.objects.latest("id").skipped == "nothing_fits"


def test_no_standing_approval_is_given_for_one_or_agrees_to_one(site):
    """APR-11: neither by who voted on it, nor beforehand."""
    first = submit_pending(site)
    vote(site, first)
    place = {"days": 1, "max_uses": 5, "is_any_value": True, "confidence_gap": 1.0, "now": get_now()}
    give_standing_approval(request_id=first.pk, person_id=site.world.approver.pk, **place)
    AgentActionRequest.objects.filter(pk=first.pk).update(status="cancelled")
    settle()
    assert plant_canaries(now=get_now()) == 1
    canary = get(Canary.objects.get(request__isnull=False).request_id)
    apply_standing_approval(request_id=canary.pk, now=get_now())
    assert get(canary.pk).status == "pending"
    assert not Vote.objects.filter(request=canary).exists()
    Vote.objects.create(
        request=canary,
        person=site.world.approver,
        digest=canary.digest,
        verdict="approve",
        user_id_seen="",
        reason="",
        created_at=get_now(),
    )
    with pytest.raises(StandingRefusedError, match="only an agent's"):
        give_standing_approval(request_id=canary.pk, person_id=site.world.approver.pk, **place)
