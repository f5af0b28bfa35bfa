"""A stop between two writes of one operation holds the second (KIL-01, DESIGN §8.5)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from audit.domain.event import Actor
from audit.selectors.clock import get_now
from crm_connectors.hubspot.connector import KIND
from crm_connectors.hubspot.settings import HubSpotSettings
from crm_connectors.port import AmbiguousError, Connector
from crm_connectors.services.connectors import get_connector
from crm_connectors.services.stops import RowStops
from crm_connectors.simulators.hubspot.access import PRIVATE_TOKEN
from crm_connectors.wiring import OpenGate, Wiring
from governance.models import Agent, Connection
from governance.services.switches import engage_switch
from tests.builders.crm_connectors import make_embedded_connection, make_operation
from tests.builders.governance import make_agent
from tests.doubles.hubspot_portal import ServedPortal, serving_portal
from tests.doubles.kept_secrets import KeptSecrets

pytestmark = pytest.mark.django_db
PERSON = "person:01a20153-0000-7000-8000-000000000001"


class StopBetween(RowStops):
    """Somebody engages a switch after the first look, which is while the first write is on its way."""

    def __init__(self, connection_id: UUID, kind: str, agent: Agent | None = None) -> None:
        super().__init__(connection_id)
        self._kind, self._agent, self.looks = kind, agent, 0

    def in_force(self, actor: str) -> frozenset[UUID]:
        self.looks += 1
        if self.looks == 2:
            engage(Connection.objects.get(pk=self._connection_id), self._kind, self._agent)
        return super().in_force(actor)


def engage(connection: Connection, kind: str, agent: Agent | None = None) -> None:
    engage_switch(
        workspace_id=connection.workspace_id,
        kind=kind,
        agent_id=agent.pk if agent else None,
        reason="stop",
        actor=Actor("human", "p"),
        now=get_now(),
    )


@pytest.fixture(scope="module")
def served() -> Iterator[ServedPortal]:
    with serving_portal() as served:
        yield served


@pytest.fixture
def connection(served: ServedPortal, settings: Any) -> Connection:
    served.portal.clear()
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    return Connection.objects.get(pk=make_embedded_connection())


@pytest.fixture
def agent(connection: Connection) -> Agent:
    return make_agent(connection.workspace, name="agent.one")


def connect(served: ServedPortal, connection: Connection, stops: RowStops) -> Connector:
    told = HubSpotSettings(base_url=served.url)
    secrets = KeptSecrets(access_token=PRIVATE_TOKEN)
    wiring = Wiring(connection_id=connection.pk, settings=told, secrets=secrets, gate=OpenGate(), stops=stops)
    return KIND.make(wiring)


def backwards(served: ServedPortal, actor: str) -> Any:
    record = served.add("companies", name="Umicore", lifecyclestage="customer")
    return make_operation(record, values={"lifecyclestage": "lead"}, before={"lifecyclestage": "customer"}, actor=actor)


def stage(served: ServedPortal, record_id: str) -> str | None:
    return served.portal.records["companies"][record_id].values.get("lifecyclestage")


@pytest.mark.parametrize(
    ("kind", "actor"),
    [("all", PERSON), ("write_back", PERSON), ("all", "agent.one"), ("write_back", "agent.one"),
     ("read_only", "agent.one"), ("agent", "agent.one")],
)  # fmt: skip
def test_a_stop_between_the_two_writes_of_a_stage_that_goes_back(served, connection, agent, kind, actor):
    """The second write is never sent; what is left is said to be unknown, for a person."""
    stops = StopBetween(connection.pk, kind, agent if kind == "agent" else None)
    operation = backwards(served, actor)

    with pytest.raises(AmbiguousError, match="a stop came between"):
        connect(served, connection, stops).send(operation)

    assert stage(served, operation.record_id) in (None, "")
    assert [entry.kind for entry in served.portal.journal.entries] == ["create", "update"]


def test_a_stop_of_another_agent_holds_nothing(served, connection, agent):
    other = make_agent(connection.workspace, agent.owner, name="agent.two")
    operation = backwards(served, "agent.one")

    connect(served, connection, StopBetween(connection.pk, "agent", other)).send(operation)

    assert stage(served, operation.record_id) == "lead"


def test_what_stops_agents_holds_no_persons_undoing(served, connection):
    operation = backwards(served, PERSON)

    connect(served, connection, StopBetween(connection.pk, "read_only")).send(operation)

    assert stage(served, operation.record_id) == "lead"


def test_what_was_in_force_before_is_the_callers_to_judge(served, connection):
    """An incident release lets a person's undoing pass the stops that it names."""
    engage(connection, "all")
    operation = backwards(served, PERSON)

    connect(served, connection, RowStops(connection.pk)).send(operation)

    assert stage(served, operation.record_id) == "lead"


def test_connections_are_served_with_the_stops_of_their_workspace(connection, monkeypatch):
    """The registry hands each connector the stops that people really set."""
    Connection.objects.filter(pk=connection.pk).update(kind="hubspot")
    made = get_connector(connection.pk)
    assert made._portal.stops.in_force(PERSON) == frozenset()  # type: ignore[attr-defined]
    engage(connection, "all")
    assert len(made._portal.stops.in_force(PERSON)) == 1  # type: ignore[attr-defined]
