"""The starter pack in force, its limits widened so that a benchmark's load stays allowed, and its enrichment agent."""

import contextlib
from io import StringIO
from typing import Any

from django.core.management import call_command

from audit.selectors.clock import get_now
from governance.domain.starter.people import PUBLISHER
from governance.domain.vocabulary import AutonomyLevel
from governance.models import (
    Agent,
    Anomaly,
    ApproverGroup,
    Breaker,
    Budget,
    Connection,
    FrequencyCap,
    Person,
    Rule,
    User,
)
from governance.services.publish import NothingChangedError, publish_policy
from tests.builders.api import Site, make_body
from tests.builders.crm_connectors import make_record
from tests.builders.governance import World, make_credential, make_token, make_user

WIDE = 1_000_000_000
IN_FORCE = (Anomaly, Breaker, Budget, FrequencyCap, Rule)


def make_starter_site() -> Site:
    """What `seed_starter` loads, with WIDE budgets and anomaly stops, and one company; the agent works by itself.

    Commits; for the scratch database of a run.
    """
    call_command("seed_starter", json=True, stdout=StringIO())
    agent = Agent.objects.select_related("workspace", "owner").get(name="agent.enrichment")
    Agent.objects.filter(pk=agent.pk).update(autonomy_level=AutonomyLevel.AUTONOMOUS)
    agent.refresh_from_db()
    Budget.objects.filter(workspace=agent.workspace).update(limit=WIDE)
    Anomaly.objects.filter(workspace=agent.workspace).update(floor=WIDE)
    empty = [model.__name__ for model in IN_FORCE if not model.objects.filter(workspace=agent.workspace).exists()]
    assert not empty, empty
    publisher = Person.objects.get(email=PUBLISHER)
    with contextlib.suppress(NothingChangedError):  # an earlier benchmark of the run published it
        publish_policy(workspace_id=agent.workspace_id, person_id=publisher.pk, reason="bench", now=get_now())
    return _site(agent, publisher)


def starter_body(site: Site) -> dict[str, Any]:
    """The proposal of the builders for an empty field, its source dated: so the starter's freshness asks for it."""
    body = make_body(site, expected={"numberofemployees": None})
    return body | {"evidence": [body["evidence"][0] | {"observed_at": get_now().isoformat()}, *body["evidence"][1:]]}


def _site(agent: Agent, approver: Person) -> Site:
    connection = Connection.objects.get(workspace=agent.workspace, name="embedded")
    credential = make_credential(agent)
    world = World(
        workspace=agent.workspace,
        owner=agent.owner,
        approver=approver,
        approver_user=User.objects.filter(person=approver).first() or make_user(approver),
        group=ApproverGroup.objects.filter(workspace=agent.workspace).order_by("slug")[0],
        connection=connection,
        agent=agent,
        credential=credential,
        token=make_token(credential),
    )
    return Site(world, make_record(connection.pk, "companies", name="Umicore"))
