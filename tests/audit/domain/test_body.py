"""The bytes of an event: one shape, nothing truncated, no personal data in them (AUD-02, AUD-07)."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest

from audit.domain.body import (
    MAX_BODY_BYTES,
    EventTooLargeError,
    InvalidEventError,
    broken_commitments,
    format_time,
    read_body,
    read_values,
    write_event,
)
from audit.domain.event import Actor, Subject
from tests.builders.audit import NOW, new_event

ID = uuid.UUID("019843c2-0000-7000-8000-000000000001")
SALTS = {"email": bytes(range(16)), "score": bytes(16)}


def write(event):
    return write_event(event, event_id=ID, at=NOW, salts=SALTS)


def test_the_body_of_an_event():
    body = write(new_event(subject=Subject("request", "7"), values={"email": "jane@example.com"})).body
    assert json.loads(body) == {
        "v": 1,
        "id": str(ID),
        "type": "request.received",
        "at": "2026-03-01T09:30:00.123456Z",
        "workspace": "acme",
        "actor": {"type": "agent", "id": "agent.enrichment"},
        "subject": {"type": "request", "id": "7"},
        "correlation_id": "corr-1",
        "data": {"fields": ["industry"]},
        "commitments": {"email": sha256(bytes(range(16)) + b'"jane@example.com"').hexdigest()},
    }
    assert b"jane" not in body


def test_what_is_written_reads_back():
    written = write(new_event(values={"email": "jane@example.com", "score": 1.5}))
    body, values = read_body(written.body), read_values(written.erasable)
    assert body.id == str(ID)
    assert json.loads(bytes(values["score"].value)) == 1.5
    assert broken_commitments(body, values) == []


def test_another_value_or_salt_breaks_the_commitment():
    written = write(new_event(values={"email": "jane@example.com"}))
    body = read_body(written.body)
    for old, new in [(b"jane", b"john"), (b"0001", b"0002"), (b'"salt":"00', b'"salt":"0'), (b"email", b"other")]:
        forged = written.erasable.replace(old, new)
        assert forged != written.erasable
        assert len(broken_commitments(body, read_values(forged))) == 1


def test_control_characters_stay_on_one_line():
    """No log line can be injected: CR, LF and escape sequences are escaped by the format."""
    body = write(new_event(data={"note": "a\r\nb\x1b[31m", "bidi": "\u202e"})).body
    assert b"\n" not in body
    assert b"\x1b" not in body


@pytest.mark.parametrize("text", ["x" * 201, "a\x00b"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: {"workspace": text},
        lambda text: {"correlation_id": text},
        lambda text: {"actor": Actor("agent", text)},
        lambda text: {"subject": Subject(text, "1")},
    ],
)
def test_a_name_that_fits_no_column_is_refused(change, text):
    with pytest.raises(InvalidEventError):
        write(new_event(**change(text)))


@pytest.mark.parametrize("data", [{"a": float("nan")}, {"a": 2**53}, {"a": "\ud800"}, {"a": b""}])
def test_what_has_no_canonical_form_is_refused(data):
    with pytest.raises(InvalidEventError):
        write(new_event(data=data))
    with pytest.raises(InvalidEventError):
        write(new_event(values={"email": data}))


def test_a_body_may_be_full_but_is_never_cut():
    room = MAX_BODY_BYTES - len(write(new_event(subject=Subject("a", "b"), data={"text": ""})).body)
    full = write(new_event(subject=Subject("a", "b"), data={"text": "x" * room}))
    assert len(full.body) == MAX_BODY_BYTES
    with pytest.raises(EventTooLargeError) as caught:
        write(new_event(subject=Subject("a", "b"), data={"text": "x" * (room + 1)}))
    assert caught.value.code == "event_too_large"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05.000000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 7, tzinfo=timezone(timedelta(hours=2))), "2026-01-02T01:04:05.000007Z"),
    ],
)
def test_times_are_in_utc_with_microseconds(moment, text):
    assert format_time(moment) == text


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        format_time(datetime(2026, 1, 2))  # noqa: DTZ001  # the very mistake


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"v":1}'])
def test_foreign_bytes_are_not_a_body(body):
    with pytest.raises(InvalidEventError):
        read_body(body)
