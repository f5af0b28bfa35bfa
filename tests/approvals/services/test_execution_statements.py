"""What one execution asks of the database: pinned, so that it cannot grow unseen (EXE-01, EXE-02, OPS-01).

A statement more is some tenths of a millisecond of every execution, in the worker and in the database.
"""

import pytest
from django.db import connection

from audit.services.barrier import forget_barrier
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit, submit_pending, vote

pytestmark = pytest.mark.django_db

# With the one of the barrier, two where an anchor is. SQLite writes each table by itself; PostgreSQL has locks, and
# asks for the time.
JUDGED = {"postgresql": 32, "sqlite": 35}
AGREED = {"postgresql": 34, "sqlite": 37}


def count_statements(request_id):
    """Of one execution, without the savepoints that stand for transactions in a test."""
    asked = []

    def note(run, sql, parameters, many, context):
        asked.append(sql)
        return run(sql, parameters, many, context)

    forget_barrier()  # its look is at most a second old: here it is always made
    with connection.execute_wrapper(note):
        assert execute(request_id) == "executed"
    return len([sql for sql in asked if "SAVEPOINT" not in sql])


def test_an_execution_that_policy_allowed():
    """With the embedded CRM's own statements."""
    site = make_site()
    execute(submit(site).request_id)

    assert (
        count_statements(submit(site, changes={"numberofemployees": 300}, expected=None).request_id)
        == JUDGED[connection.vendor]
    )


def test_an_execution_that_a_person_agreed_to():
    """Votes, seats, backups and the keepers of the credential's secret are looked up besides, by one statement at the
    claim and one at the gate."""
    site = make_site()
    first = submit_pending(site)
    vote(site, first)
    execute(first.pk)
    second = submit_pending(site, changes={"name": "Umicore AG"})
    vote(site, second)

    assert count_statements(second.pk) == AGREED[connection.vendor]
