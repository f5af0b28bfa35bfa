"""What became of an agent's value, told from the CRM's history alone (silent rejections)."""

from datetime import UTC, datetime, timedelta

import pytest

from approvals.domain.overwriting import judge_field, next_look
from crm_connectors.domain.record import HistoryEntry

AT = datetime(2026, 6, 1, tzinfo=UTC)
OURS = "request:1"


def entry(before, after, actor="human:rep", key="", minute=0):
    return HistoryEntry(
        field="industry",
        before=before,
        after=after,
        actor=actor,
        at=AT + timedelta(minutes=minute),
        operation_key=key,
    )


WRITE = entry("IT", "Retail", "agent.enrichment", OURS)


def judge(*later):
    found = judge_field(tuple(reversed((WRITE, *later))), request_id=1, reverts=frozenset({"request:2"}))
    return found and (found.fate.value, found.at)


@pytest.mark.parametrize(
    ("later", "fate"),
    [
        ((), None),
        ((entry("Retail", "IT", minute=1),), "overwritten"),
        ((entry("Retail", "Mining", minute=1),), "overwritten"),
        ((entry("Retail", "Mining", "grace.liu@example.com", minute=1),), "overwritten"),
        ((entry("Retail", "Mining", "agent.other", "", 1),), "replaced"),
        ((entry("Retail", None, minute=1),), "overwritten"),
        ((entry("Retail", "Retail", minute=1),), None),
        ((entry("Retail", "IT", "agent.other", "request:7", 1),), "replaced"),
        ((entry("Retail", "IT", "integration:clearbit", minute=1),), "replaced"),
        ((entry("Retail", "IT", "person:9", "request:2", 1),), "reverted"),
        ((entry("Retail", "IT", "person:9", "request:8", 1),), "overwritten"),
        ((entry("Retail", "X", "agent.other", "request:7", 1), entry("X", "Y", minute=2)), "replaced"),
        ((entry("Retail", "X", minute=1), entry("X", "Retail", minute=2)), "overwritten"),
    ],
)
def test_the_first_other_value_after_the_write_tells(later, fate):
    assert judge(*later) == (None if fate is None else (fate, AT + timedelta(minutes=1)))


def test_without_the_agents_own_write_nothing_can_be_told():
    assert judge_field((entry("Retail", "IT"),), request_id=1, reverts=frozenset()) is None
    assert judge_field((), request_id=1, reverts=frozenset()) is None


def test_it_is_looked_at_ever_less_often_and_once_at_the_end():
    until, now, looks = AT + timedelta(days=14), AT, 0
    while now < until:
        now = next_look(written_at=AT, now=now, until=until)
        looks += 1
    assert now == until
    assert looks < 120


def test_a_suggestion_that_was_promoted_was_accepted():
    """The promotion empties the suggestion field in a person's name; that is no rejection."""
    emptied = entry("IT", None, key="request:3", actor="person:7")
    found = judge_field((emptied, WRITE), request_id=1, reverts=frozenset(), promotions=frozenset({"request:3"}))
    assert found is not None
    assert found.fate == "kept"
