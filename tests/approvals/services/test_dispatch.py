"""The nudge is best effort: the row is the job."""

import pytest
from django.db import transaction

from approvals import dispatch
from approvals.services.sweep import run_due
from audit.domain.identifier import new_id
from tests.builders.api import make_site
from tests.builders.approvals import get, submit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_broker_that_is_down_costs_nothing_but_time(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    site = make_site()

    request_id = submit(site).request_id

    assert get(request_id).status == "approved"
    assert run_due(worker="test").executed == 1
    assert get(request_id).status == "executed"


def test_the_embedded_worker_is_woken_after_the_commit_and_not_before(settings):
    settings.REDIS_URL = ""
    dispatch.wake.clear()
    with transaction.atomic():
        dispatch.nudge("execute", new_id())
        assert not dispatch.wake.is_set()

    assert dispatch.wake.is_set()
    dispatch.wake.clear()
