"""PRM-08: in the story, too, an agent rises only by what was shown, and by two people. LIM-04: one bounce trips."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from config.demo import raising
from config.demo.budgets import BREAKER, make_breaker_quick
from governance.models import Agent, Breaker, ChangeProposal, DncEntry
from governance.services.evidence import SANDBOX_REVERT, Evidence, record_all_evidence

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> Agent:
    call_command("seed_starter", verbosity=0)
    return Agent.objects.select_related("workspace").get(name="agent.routing")


def show_a_revert(agent: Agent) -> None:
    with transaction.atomic():
        proof = Evidence(agent.workspace_id, agent.workspace.slug, agent.pk, SANDBOX_REVERT, "request-1", {})
        record_all_evidence([proof], now=get_now())


def test_the_system_names_what_is_missing(agent: Agent) -> None:
    answer = raising._ask(agent)
    assert answer.startswith("refused, the level `autonomous` requires what is not in place yet")
    assert "taken back in the sandbox" in answer
    assert "do-not-contact list" in answer
    assert not ChangeProposal.objects.exists()


def test_unproven_it_stays_and_proven_it_rises_by_two_people(agent: Agent) -> None:
    said: list[Any] = []
    assert not raising._raise(agent, said.append)
    assert "stays as it is" in said[0]
    raising._keep_a_list(agent)
    raising._keep_a_list(agent)
    assert DncEntry.objects.count() == 1
    show_a_revert(agent)
    assert raising._raise(agent, said.append)
    agent.refresh_from_db()
    assert agent.autonomy_level == "autonomous"
    change = ChangeProposal.objects.get(kind="agent.autonomy")
    assert change.status == "applied"
    assert len(said) == 1


def test_one_bounce_is_enough_in_a_demo_and_that_is_on_record(agent: Agent) -> None:
    for _ in range(2):
        make_breaker_quick(agent.workspace, Actor("system", "test"))
    assert Breaker.objects.get(name=BREAKER).min_calls == 1
    rows = LedgerEvent.objects.filter(type="config.changed", actor_id="test")
    assert rows.count() == 1
