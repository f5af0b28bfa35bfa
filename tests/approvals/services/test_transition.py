"""One writer of status, and a database that refuses every other."""

import itertools

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from approvals.domain.status import TERMINAL, TRANSITIONS, Status, is_legal
from approvals.models import AgentActionRequest
from approvals.services.events import request_event, system
from approvals.services.transition import IllegalTransitionError, advance
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import OutsideTransactionError
from tests.builders.api import make_site
from tests.builders.approvals import get, submit_pending

pytestmark = pytest.mark.django_db


def step(request, *, expected=Status.PENDING, new=Status.CANCELLED, **more):
    event = request_event(request, "request.cancelled", system("test"), data={})
    return advance(request_id=request.pk, expected=expected, new=new, code="test", now=get_now(), event=event, **more)


def test_a_step_moves_the_row_and_appends_its_event():
    request = submit_pending(make_site())
    before = LedgerEvent.objects.count()

    with transaction.atomic():
        assert step(request)

    request.refresh_from_db()
    assert (request.status, request.status_code) == ("cancelled", "test")
    assert request.finished_at is not None
    assert LedgerEvent.objects.count() == before + 1


def test_a_step_that_lost_its_race_changes_nothing_and_tells_nothing():
    """Invariant: no event tells of a change that did not happen."""
    request = submit_pending(make_site())
    before = LedgerEvent.objects.count()

    with transaction.atomic():
        assert not step(request, expected=Status.APPROVED)

    assert get(request.pk).status == "pending"
    assert LedgerEvent.objects.count() == before


def test_an_illegal_step_is_a_defect():
    request = submit_pending(make_site())

    with transaction.atomic(), pytest.raises(IllegalTransitionError):
        step(request, expected=Status.PENDING, new=Status.EXECUTED)


@pytest.mark.django_db(transaction=True)
def test_a_step_outside_a_transaction_is_refused():
    request = submit_pending(make_site())

    with pytest.raises(OutsideTransactionError):
        step(request)

    assert get(request.pk).status == "pending"


def test_the_database_agrees_with_the_table_of_transitions_pair_by_pair():
    """The trigger is made from the same table; every pair is tried against the database itself."""
    request = submit_pending(make_site())
    disagreements = []
    for old, new in itertools.product(Status, Status):
        if old is new:
            continue
        with_guard_off(request.pk, old)
        try:
            with transaction.atomic():
                AgentActionRequest.objects.filter(pk=request.pk).update(status=new)
            is_taken = True
        except DatabaseError:
            is_taken = False
        if is_taken != is_legal(old, new):
            disagreements.append((old.value, new.value))

    assert disagreements == []


def test_no_end_but_the_executed_one_leads_anywhere():
    assert {old for old, _ in TRANSITIONS if old in TERMINAL} == {Status.EXECUTED}


@pytest.mark.parametrize(
    "changes",
    [
        {"body": {"changes": {"amount": 1}}},
        {"fingerprint": "sha256:" + "0" * 64},
        {"idempotency_key": "other"},
        {"agent": None},
        {"record_id": "999"},
        {"action": "delete"},
        {"correlation_id": "other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_was_accepted_never_changes(changes):
    request = submit_pending(make_site())

    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        AgentActionRequest.objects.filter(pk=request.pk).update(**changes)

    assert get(request.pk).fingerprint == request.fingerprint


@pytest.mark.parametrize("name", ["epoch", "attempts_count"])
def test_the_fencing_token_never_falls(name):
    """EXE-02: an epoch that falls would let a worker that was given up write again."""
    request = submit_pending(make_site())
    AgentActionRequest.objects.filter(pk=request.pk).update(**{name: 2})

    with pytest.raises(DatabaseError), transaction.atomic():
        AgentActionRequest.objects.filter(pk=request.pk).update(**{name: 1})

    assert getattr(get(request.pk), name) == 2


def with_guard_off(request_id, status):
    """Put the row into any state, as only the owner of the database could."""
    from approvals.models.guards import install_guards, remove_guards

    remove_guards(connection)
    AgentActionRequest.objects.filter(pk=request_id).update(status=status)
    install_guards(connection)
