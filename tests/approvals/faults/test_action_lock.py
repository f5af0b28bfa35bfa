"""Locks of a session end with whoever took them, whatever interrupts the taking (EXE-01, F28)."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from approvals.adapters import action_lock
from approvals.adapters.action_lock import hold_action
from approvals.services import sweep
from approvals.services.bulk_turn import work_on_bulk_reverts
from audit.domain.identifier import new_id
from audit.selectors.prepared import prepared_cursor
from crm_connectors.services import signing_in

pytestmark = pytest.mark.django_db(transaction=True)
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"


class Interrupted:
    """A cursor during whose statement the task's time limit falls: the server has done it, nobody reads the answer."""

    def __init__(self, cursor):
        self._cursor = cursor

    def __enter__(self):
        self._cursor.__enter__()
        return self

    def __exit__(self, *error):
        self._cursor.__exit__(*error)

    def execute(self, *statement):
        self._cursor.execute(*statement)
        raise SoftTimeLimitExceeded


def count_held():
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        return cursor.fetchone()[0]


@pytest.mark.postgres
def test_a_time_limit_while_an_action_is_taken_leaves_no_lock(monkeypatch):
    """A worker keeps its connection from task to task: nobody else could ever execute what it still held."""
    monkeypatch.setattr(action_lock, "prepared_cursor", lambda: Interrupted(prepared_cursor()))
    with pytest.raises(SoftTimeLimitExceeded), hold_action(new_id()):
        pass
    assert count_held() == 0


@pytest.mark.postgres
def test_a_time_limit_while_a_sign_in_is_taken_leaves_no_lock(monkeypatch):
    """IDN-05."""

    def take_and_break(take):
        take()
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(signing_in, "_wait_for", take_and_break)
    with pytest.raises(SoftTimeLimitExceeded), signing_in.alone_signing_in(new_id()):
        pass
    assert count_held() == 0


def test_the_time_limit_of_a_sweep_ends_it():
    """EXE-02: swallowed, the task would go on past its limit until it is killed."""

    def interrupt():
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded):
        sweep._guard(new_id(), interrupt)


def test_the_time_limit_of_a_turn_of_bulk_reverts_ends_it(monkeypatch):
    """RVT-02."""

    def interrupt(*_):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("approvals.services.bulk_turn.take_job", lambda **_: object())
    monkeypatch.setattr("approvals.services.bulk_turn._step", interrupt)
    with pytest.raises(SoftTimeLimitExceeded):
        work_on_bulk_reverts(seconds=1, worker="w")
