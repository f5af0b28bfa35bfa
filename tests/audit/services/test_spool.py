"""The spool: a stop is recorded even while the ledger cannot be, and later exactly once (AUD-08, KIL-01)."""

import stat
import threading

import pytest
from django.db import connections

from audit.adapters.files import ledger_dir
from audit.models import LedgerEvent
from audit.selectors.events import get_event, get_values
from audit.services.append import LedgerUnavailableError, UnknownEventTypeError
from audit.services.maintain import maintain_ledger
from audit.services.spool import import_spool, spool_event
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, new_event

LATER = NOW.replace(hour=12)


def spool_file():
    return ledger_dir() / "spool.jsonl"


def test_spooling_needs_no_database():
    """The database is not even allowed in this test."""
    spool_event(new_event(), now=NOW)
    assert spool_file().stat().st_size > 0
    assert stat.S_IMODE(spool_file().stat().st_mode) == 0o600


@pytest.mark.django_db
def test_a_spooled_event_comes_into_the_ledger_as_it_was():
    event_id = spool_event(new_event(values={"reason": "é\r\n"}), now=NOW)
    assert get_event(event_id) is None
    assert maintain_ledger(now=LATER) == 1
    entry = get_event(event_id)
    assert (entry.at, entry.type, entry.data) == (NOW, "request.received", {"fields": ["industry"]})
    assert get_values([event_id]) == {event_id: {"reason": "é\r\n"}}
    assert verify_ledger().is_ok


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["spool.jsonl", "spool.importing"])
def test_importing_again_after_a_crash_imports_nothing_twice(name):
    spool_event(new_event(), now=NOW)
    content = spool_file().read_bytes()
    assert import_spool(now=LATER) == 1
    (ledger_dir() / name).write_bytes(content)  # the crash came before the file was removed
    spool_event(new_event(), now=NOW)
    assert import_spool(now=LATER) == 1
    assert import_spool(now=LATER) == 0
    assert LedgerEvent.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bent", [lambda line: line[:-20], lambda line: line.replace(b"acme", b"evil"), lambda _: b"{}"]
)
def test_a_torn_or_bent_line_is_set_aside_and_the_others_come_in(bent):
    spool_event(new_event(), now=NOW)
    spool_file().write_bytes(bent(spool_file().read_bytes()))
    spool_event(new_event(), now=NOW)
    assert import_spool(now=LATER) == 1
    assert (ledger_dir() / "spool.rejected").read_bytes().count(b"\n") == 1


def test_a_type_that_nobody_declared_is_refused():
    with pytest.raises(UnknownEventTypeError):
        spool_event(new_event(type="request.imagined"), now=NOW)


def test_when_the_file_cannot_be_written_either_the_caller_is_told():
    spool_file().mkdir()
    with pytest.raises(LedgerUnavailableError):
        spool_event(new_event(), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_spooling_and_importing_at_once_loses_nothing():
    ids = []

    def spool():
        ids.extend(spool_event(new_event(), now=NOW) for _ in range(20))
        connections.close_all()

    threads = [threading.Thread(target=spool) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        import_spool(now=LATER)
    import_spool(now=LATER)
    assert set(LedgerEvent.objects.values_list("id", flat=True)) == set(ids)
    assert not spool_file().exists()
