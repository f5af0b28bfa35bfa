"""Locks of a commit end before the disk has it; whoever asked hears of it afterwards (EXE-02, PostgreSQL)."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import LedgerEvent
from audit.selectors.prepared import fetch_first, prepared_cursor
from audit.services.append import LedgerUnavailableError, append_with
from audit.services.changed_rows import lock_rows
from audit.services.rows import Guard, GuardFailedError, flush_commits
from governance.models import Workspace
from tests.builders.audit import new_event
from tests.builders.governance import make_workspace

WRITTEN = """
CREATE TABLE seen_at_commit (setting text);
CREATE TABLE written (id int);
CREATE FUNCTION note_setting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen_at_commit VALUES (current_setting('synchronous_commit'));
    IF NEW.id = 13 THEN RAISE EXCEPTION 'refused at commit'; END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER noted AFTER INSERT ON written DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION note_setting();
"""
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # no statement asks for it
ALONE = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def noting():
    """A table whose rows note, when they are committed, whether that commit waits for the disk."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        yield
        cursor.execute("DROP TABLE written, seen_at_commit; DROP FUNCTION note_setting")


def write(*, frees_early=True, number=1):
    guard = Guard("INSERT INTO written VALUES (%s) RETURNING id", [number], 1)
    append_with((), [new_event()], now=NOW, guards=[guard], frees_early=frees_early)


def lock(place, *, slug="acme", frees_early=True):
    guard = lock_rows(Workspace, keys=("id", "slug"), rows=[(place.pk, slug)])
    append_with((), [new_event()], now=NOW, guards=[guard], frees_early=frees_early)


def interrupt(*_signal):
    raise TimeoutError


def ask(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


class TestAlone:
    pytestmark = ALONE

    @pytest.mark.usefixtures("noting")
    @pytest.mark.parametrize(("frees_early", "setting"), [(True, "off"), (False, "on")])
    def test_its_commit_waits_for_the_disk_only_where_it_was_not_asked_to_free_its_locks(self, frees_early, setting):
        write(frees_early=frees_early)

        assert ask("SELECT string_agg(setting, ',') FROM seen_at_commit") == setting
        assert ask("SHOW synchronous_commit") == "on"
        assert LedgerEvent.objects.count() == 1

    @pytest.mark.parametrize("frees_early", [True, False])
    def test_it_is_on_disk_when_its_caller_hears_of_it(self, frees_early):
        place = make_workspace("acme")
        before = ask("SELECT pg_current_wal_insert_lsn()")

        lock(place, frees_early=frees_early)

        assert ask(f"SELECT pg_current_wal_flush_lsn() > '{before}'::pg_lsn")

    def test_it_is_one_round_trip(self):
        place = make_workspace("acme")
        guard = lock_rows(Workspace, keys=("id", "slug"), rows=[(place.pk, "acme")])
        with CaptureQueriesContext(connection) as captured:
            append_with((), [new_event()], now=NOW, guards=[guard], frees_early=True)
        assert len(captured) == 1

    @pytest.mark.usefixtures("noting")
    def test_what_is_refused_at_commit_is_not_written_and_the_connection_goes_on(self):
        with pytest.raises(LedgerUnavailableError):
            write(number=13)

        assert not LedgerEvent.objects.exists()
        write()
        assert LedgerEvent.objects.count() == 1

    def test_a_connection_that_breaks_meanwhile_is_told_and_the_next_one_serves(self):
        place = make_workspace("acme")
        lock(place)
        pid = connection.connection.info.backend_pid
        with connection.copy().cursor() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
            other.connection.close()

        with pytest.raises(LedgerUnavailableError) as raised:
            lock(place)

        assert isinstance(raised.value.__cause__, OperationalError)
        connection.close_if_unusable_or_obsolete()
        lock(place)
        assert LedgerEvent.objects.count() == 2

    @pytest.mark.parametrize("size", [300_000, 16_000_000])
    def test_a_statement_larger_than_the_socket_takes_at_once_is_sent_whole(self, size):
        """EXE-02: a proposal of 256 KiB is legal, and both ends would wait for the other for ever."""
        usual = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 60)
        try:
            guard = Guard("SELECT 1 WHERE length(%s::text) = %s", ["x" * size, size], 1)
            append_with((), [new_event()], now=NOW, guards=[guard], frees_early=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, usual)

        assert LedgerEvent.objects.count() == 1

    def test_who_is_interrupted_while_it_waits_leaves_no_half_answer_to_the_next(self):
        """As a task is by its time limit: an exception out of nowhere, in the middle of the wait."""
        fetch_first("SELECT 1", [])
        usual = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            with pytest.raises(TimeoutError), prepared_cursor(frees_early=True) as cursor:
                cursor.execute("SELECT pg_sleep(%s)::text", [5.0])
        finally:
            signal.signal(signal.SIGALRM, usual)

        assert not connection.is_usable()
        connection.close()
        assert fetch_first("SELECT 5", []) == (5,)

    def test_a_server_that_forgot_its_statements_fails_it_once(self):
        place = make_workspace("acme")
        lock(place)
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")

        with pytest.raises(LedgerUnavailableError) as raised:
            lock(place)

        assert isinstance(raised.value.__cause__, ProgrammingError)
        lock(place)
        assert LedgerEvent.objects.count() == 2

    def test_other_threads_go_on_while_it_waits(self):
        ticks = 0
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(self.wait_for_the_server)
            while not waiting.done():
                ticks += 1
                time.sleep(0.01)
            waiting.result()
        assert ticks > 5

    @staticmethod
    def wait_for_the_server():
        with prepared_cursor(frees_early=True) as cursor:
            cursor.execute("SELECT pg_sleep(%s)::text", [0.3])
        connection.close()

    def test_of_an_open_transaction_nothing_is_committed_early(self):
        place = make_workspace("acme")
        with transaction.atomic():
            lock(place)
            assert ask("SHOW synchronous_commit") == "on"

    def test_what_somebody_else_committed_early_is_on_disk_before_it_is_told_again(self):
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
            make_workspace("acme")
            cursor.execute("SET synchronous_commit = on")
        seen = ask("SELECT pg_current_wal_insert_lsn()")

        flush_commits()

        assert ask(f"SELECT pg_current_wal_flush_lsn() >= '{seen}'::pg_lsn")


@pytest.mark.django_db(transaction=True)
def test_a_guard_that_fails_takes_all_back():
    place = make_workspace("acme")

    with pytest.raises(GuardFailedError):
        lock(place, slug="other")

    assert not LedgerEvent.objects.exists()
    assert fetch_first("SELECT 5", []) == (5,)
    lock(place)
    assert LedgerEvent.objects.count() == 1
