"""EXE-02: a worker keeps its database connection from task to task, and gets over one that broke."""

import pytest
from celery import current_app
from django.db import connection

from approvals.dispatch import TASKS
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, get, submit_pending, vote
from tests.builders.crm_connectors import make_record
from tests.services.conftest import start_worker, wait_for


@pytest.fixture
def site(transactional_db):
    return make_site()


@pytest.fixture
def celery_worker(site):
    """With one child, so that every task is its task."""
    with start_worker("config.celery", children=1) as (worker, _log):
        yield worker


def test_it_executes_one_request_after_the_other_on_one_connection(site, celery_worker):
    execute_one(site, celery_worker)
    found = list_backends()
    execute_one(site, celery_worker)
    assert len(found) == 1
    assert list_backends() == found


def test_it_gets_over_a_connection_that_the_server_has_closed(site, celery_worker):
    execute_one(site, celery_worker)
    found = list_backends()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [list(found)])
    wait_for(lambda: not list_backends() & found, what="the end of the connection", worker=celery_worker)
    request = execute_one(site, celery_worker)
    assert count_writes(request.pk) == 1
    assert get(request.pk).attempts_count == 1


def test_it_keeps_no_connection_in_which_a_task_failed(site, celery_worker):
    """A lock of its session, say, would otherwise keep the reaper from what the task has left."""
    execute_one(site, celery_worker)
    found = list_backends()
    current_app.send_task(TASKS["execute"], kwargs={"request_ids": ["no id"]})
    wait_for(lambda: not list_backends() & found, what="the end of the connection", worker=celery_worker)
    execute_one(site, celery_worker)


def execute_one(site, worker):
    company = make_record(site.connection_id, "companies", name="Solvay")
    request = submit_pending(site, target={"object": "companies", "id": company}, expected={})
    vote(site, request)
    wait_for(lambda: get(request.pk).status == "executed", what="the execution", worker=worker)
    wait_for(lambda: not holds_locks(), what="the end of the task", worker=worker)
    return request


def list_backends():
    """Connections to this database that are not the suite's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def holds_locks():
    """Whether a task is under way: it holds the lock of its request to its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() is not None
