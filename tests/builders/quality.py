"""Quality in tests: a site that samples, and the ledger followed to its end."""

from typing import Any

from approvals.models import AgentActionRequest, Canary, QualitySample, SamplingPeriod, SamplingPlan
from approvals.services.canary_planting import plant_canaries
from approvals.services.followers import follow_ledger
from approvals.services.sampling_periods import keep_periods
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from governance.models import Person, User
from tests.builders.api import Site, make_site
from tests.builders.approvals import get, submit_executed, submit_pending, vote
from tests.builders.governance import allow, make_person, make_user


def make_sampling_site(**rates: Any) -> Site:
    """A published world whose plan draws everything, unless said otherwise, in an open period."""
    site = make_site()
    everything = dict.fromkeys(("restricted_percent", "new_agent_percent", "safe_percent", "risky_percent"), 100)
    SamplingPlan.objects.create(workspace=site.world.workspace, **{**everything, **rates})
    settle()
    return site


def settle() -> None:
    """What the background does: periods, leaves, followers."""
    keep_periods(now=get_now())
    maintain_ledger(now=get_now())
    follow_ledger()


def make_sample(site: Site, **changes: Any) -> QualitySample:
    """A request that was executed and drawn."""
    request = submit_executed(site, **changes)
    settle()
    return QualitySample.objects.get(request=request)


def plant_canary(site: Site, *, field: str = "name", **proposal: Any) -> AgentActionRequest:
    """A canary made of a request that the world's approver has denied; the plan must draw every time."""
    vote(site, submit_pending(site, **proposal), verdict="deny", reason="no")
    settle()
    assert plant_canaries(now=get_now()) == 1
    return get(Canary.objects.get(request__isnull=False, outcome="", field=field).request_id)


def decide_canary(site: Site, person: Person) -> Canary:
    """The row of a canary that this person let through as this agent's; its workspace must have an open period."""
    rows = [submit_pending(site, changes={"name": name}, expected=None) for name in ("Drawn", "Bad")]
    drawn_from, request = rows
    return Canary.objects.create(
        workspace=site.world.workspace,
        period=SamplingPeriod.objects.filter(workspace=site.world.workspace).latest("number"),
        drawn_from=drawn_from,
        base=drawn_from,
        request=request,
        share=0.0,
        drawn_at=get_now(),
        pattern="another_company",
        field="name",
        outcome="missed",
        person=person,
        decided_at=get_now(),
    )


def make_scorer(site: Site, name: str = "Quinn Quality") -> tuple[Person, User]:
    """A person who may score and had no hand in anything."""
    person = make_person(name)
    user = make_user(person)
    allow(user, site.world.workspace, "view_requests", "view_quality", "score_quality")
    return person, user
