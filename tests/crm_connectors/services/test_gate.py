"""The gate of a connection: one row that all processes go by (F28, F40)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from audit.domain.event import Actor
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from audit.services.append import LedgerUnavailableError
from crm_connectors.domain.gate import MAX_FAILURES, calls_per_window, pause_seconds, window_seconds
from crm_connectors.models import ConnectionGate
from crm_connectors.port import AmbiguousError, AuthError, LimitedError, NotFoundError, RejectedError, TransientError
from crm_connectors.services import gate as gate_module
from crm_connectors.services.gate import ConnectionRowGate
from crm_connectors.services.pause_ending import close_breaker, end_auth_pause
from governance.models import Connection
from governance.selectors.access import NotAllowedError
from tests.builders.crm_connectors import make_embedded_connection
from tests.builders.governance import allow, make_user
from tests.statements import captured_statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection_id(monkeypatch):
    monkeypatch.setattr(gate_module, "FRESH_SECONDS", 3_600)
    return make_embedded_connection()


def make_person_with(permission, connection_id):
    user = make_user()
    allow(user, Connection.objects.get(pk=connection_id).workspace, permission)
    return user


def make_gate(connection_id, *, limit=0):
    """As another process would: it remembers nothing."""
    gate_module._memories.pop(connection_id, None)
    return ConnectionRowGate(connection_id, calls_per_10_seconds=limit, call_seconds=30)


def call(gate, error=None):
    with gate.passing():
        if error is not None:
            raise error


def fail(gate, error=None, times=1):
    error = error or TransientError("no")
    for _ in range(times):
        with pytest.raises(type(error)):
            call(gate, error)


def row(connection_id):
    return ConnectionGate.objects.get(pk=connection_id)


def events(connection_id):
    kept = LedgerEvent.objects.filter(subject_id=str(connection_id), type__startswith="connection.").order_by("at")
    return [event.type for event in kept]


def pass_time(connection_id, seconds):
    """All that the row says lies so much earlier."""
    kept = row(connection_id)
    for name in ("opens_next_at", "not_before"):
        if getattr(kept, name) is not None:
            setattr(kept, name, getattr(kept, name) - timedelta(seconds=seconds))
    kept.save()


def test_a_good_call_behind_a_closed_breaker_writes_nothing(connection_id):
    gate = make_gate(connection_id)
    call(gate)
    with captured_statements() as statements:
        for _ in range(5):
            call(gate)
    assert list(statements) == []


def test_failures_in_a_row_pause_the_connection_for_every_process(connection_id):
    fail(make_gate(connection_id), times=MAX_FAILURES - 1)
    call(make_gate(connection_id))
    fail(make_gate(connection_id), times=MAX_FAILURES - 1)
    assert events(connection_id) == []

    fail(make_gate(connection_id), AmbiguousError("no answer"))

    assert events(connection_id) == ["connection.paused"]
    with pytest.raises(LimitedError) as caught:
        call(make_gate(connection_id))
    assert 0 < caught.value.retry_after_seconds <= pause_seconds(0)


def test_what_the_crm_refuses_is_no_failure_of_the_crm(connection_id):
    gate = make_gate(connection_id)
    for error in (RejectedError("no"), NotFoundError("no"), ValueError("ours")):
        fail(gate, error, times=MAX_FAILURES)
    call(make_gate(connection_id))
    assert row(connection_id).failures_count == 0


def test_after_the_pause_one_call_tries_and_closes_it(connection_id):
    fail(make_gate(connection_id), times=MAX_FAILURES)
    pass_time(connection_id, 20)
    first, second = make_gate(connection_id), make_gate(connection_id)
    with first.passing():
        with pytest.raises(LimitedError):
            call(second)
        assert row(connection_id).state == "half_open"
    call(make_gate(connection_id))
    assert events(connection_id) == ["connection.paused", "connection.resumed"]


def test_a_try_that_fails_pauses_for_longer(connection_id):
    fail(make_gate(connection_id), times=MAX_FAILURES)
    pass_time(connection_id, 20)
    fail(make_gate(connection_id))
    kept = row(connection_id)
    assert (kept.state, kept.pauses_count) == ("open", 2)
    wait = (kept.opens_next_at - get_now()).total_seconds()
    assert pause_seconds(0) < wait <= pause_seconds(1)
    assert events(connection_id) == ["connection.paused"]


def test_a_try_whose_process_died_is_taken_over(connection_id):
    fail(make_gate(connection_id), times=MAX_FAILURES)
    pass_time(connection_id, 20)
    make_gate(connection_id).passing().__enter__()
    with pytest.raises(LimitedError):
        call(make_gate(connection_id))
    pass_time(connection_id, 40)
    call(make_gate(connection_id))
    assert row(connection_id).state == "closed"


def test_a_refused_credential_pauses_until_a_new_one_is_set(connection_id):
    """F40: connector paused, actions stay queued."""
    fail(make_gate(connection_id), AuthError("the token was revoked"))
    pass_time(connection_id, 10_000)
    with pytest.raises(AuthError, match="the token was revoked"):
        call(make_gate(connection_id))
    end_auth_pause(connection_id=connection_id, actor=Actor("human", "maya"), now=get_now())
    call(make_gate(connection_id))
    assert events(connection_id) == ["connection.paused", "connection.resumed"]


def test_a_good_call_that_overlapped_does_not_lift_a_refused_credential(connection_id):
    slow = make_gate(connection_id)
    fail(slow)
    with slow.passing():
        fail(make_gate(connection_id), AuthError("revoked"))
    with pytest.raises(AuthError):
        call(make_gate(connection_id))


def test_the_crms_not_before_holds_for_everyone(connection_id):
    """F28: Retry-After."""
    fail(make_gate(connection_id), LimitedError("slow down", retry_after_seconds=40))
    fail(make_gate(connection_id), LimitedError("ours"))
    with pytest.raises(LimitedError) as caught:
        call(make_gate(connection_id))
    assert 30 < caught.value.retry_after_seconds <= 40
    pass_time(connection_id, 41)
    call(make_gate(connection_id))
    assert events(connection_id) == []


def test_a_shorter_wait_does_not_shorten_a_longer_one(connection_id):
    one, other = make_gate(connection_id), make_gate(connection_id)
    with one.passing():
        fail(other, LimitedError("slow down", retry_after_seconds=40))
        until = row(connection_id).not_before
    fail(make_gate(connection_id), LimitedError("x"))
    assert row(connection_id).not_before == until


def test_processes_share_the_limit(connection_id, monkeypatch):
    """No more calls in a window than it holds, however many processes there are."""
    monkeypatch.setattr(gate_module, "MAX_WAIT_SECONDS", -1)
    monkeypatch.setattr(gate_module._Memory, "now", lambda _self: 1_000_000.5)
    done = 0
    for _ in range(40):
        try:
            call(make_gate(connection_id, limit=220))
            done += 1
        except LimitedError:
            break
    assert 1 <= done <= calls_per_window(220) == 20
    gate = make_gate(connection_id, limit=220)
    with pytest.raises(LimitedError):
        call(gate)


def test_one_process_uses_the_whole_window_in_few_writes(connection_id, monkeypatch):
    monkeypatch.setattr(gate_module, "MAX_WAIT_SECONDS", -1)
    monkeypatch.setattr(gate_module._Memory, "now", lambda _self: 1_000_000.5)
    gate = make_gate(connection_id, limit=220)
    gate._look()
    with captured_statements() as statements:
        for _ in range(20):
            call(gate)
    assert len(list(statements)) == 4
    with pytest.raises(LimitedError):
        call(gate)


def test_a_call_waits_for_the_next_window(connection_id):
    gate = make_gate(connection_id, limit=22)
    for _ in range(4):
        call(gate)
    assert row(connection_id).window_slots <= 2


@pytest.mark.parametrize("limit", [2, 5, 10, 11, 100, 190, 10_000])
def test_no_ten_seconds_see_more_than_was_allowed(limit):
    length, each = window_seconds(limit), calls_per_window(limit)
    assert (10 // length + 1) * each <= limit


def test_a_person_closes_it_with_a_reason(connection_id):
    fail(make_gate(connection_id), AuthError("revoked"))
    user = make_person_with("manage_agents", connection_id)
    with pytest.raises(ValueError, match="say why"):
        close_breaker(connection_id=connection_id, user_id=user.pk, reason=" ", now=get_now())
    assert close_breaker(connection_id=connection_id, user_id=user.pk, reason="renewed at the CRM", now=get_now())
    call(make_gate(connection_id))
    assert not close_breaker(connection_id=connection_id, user_id=user.pk, reason="again", now=get_now())
    assert events(connection_id) == ["connection.paused", "connection.resumed"]


def test_nobody_else_closes_it(connection_id):
    fail(make_gate(connection_id), AuthError("revoked"))
    user = make_person_with("view_requests", connection_id)
    with pytest.raises(NotAllowedError):
        close_breaker(connection_id=connection_id, user_id=user.pk, reason="please", now=get_now())
    assert row(connection_id).state == "open"


def test_an_outcome_that_cannot_be_noted_does_not_hide_the_calls_own(connection_id, monkeypatch):
    def fail(*_, **__):
        raise LedgerUnavailableError("down")

    monkeypatch.setattr("crm_connectors.services.gate_outcomes.append_event", fail)
    fail_with = AuthError("revoked")
    gate = make_gate(connection_id)
    with pytest.raises(AuthError, match="revoked"):
        call(gate, fail_with)
    assert row(connection_id).state == "closed", "no pause without its event"


def test_a_state_that_nobody_knows_is_refused(connection_id):
    with pytest.raises(IntegrityError):
        ConnectionGate.objects.create(connection_id=connection_id, state="ajar")


@pytest.mark.parametrize("seconds", [31_536_000.0, 1e30, float("inf")])
def test_an_absurd_wait_is_believed_for_an_hour(connection_id, seconds):
    """F28: a CRM that asks for a year, or for a number that no calendar holds, does not switch itself off."""
    fail(make_gate(connection_id), LimitedError("slow down", retry_after_seconds=seconds))
    wait = (row(connection_id).not_before - get_now()).total_seconds()
    assert 3_500 < wait <= 3_600
    assert TransientError("busy", retry_after_seconds=seconds).retry_after_seconds == 3_600


def test_a_row_that_another_thread_forgets_meanwhile_is_still_looked_at(connection_id, monkeypatch):
    gate = make_gate(connection_id)

    def forget_and_tell():
        gate._forget()
        return get_now()

    monkeypatch.setattr(gate_module, "get_now", forget_and_tell)
    call(gate)
    assert row(connection_id).state == "closed"
