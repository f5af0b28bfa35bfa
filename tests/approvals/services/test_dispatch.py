"""The nudge is best effort: the row is the job."""

import pytest
from django.db import transaction

from approvals import dispatch
from audit.domain.identifier import new_id

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_embedded_worker_is_woken_after_the_commit_and_not_before(settings):
    settings.REDIS_URL = ""
    dispatch.wake.clear()
    with transaction.atomic():
        dispatch.nudge("execute", new_id())
        assert not dispatch.wake.is_set()

    assert dispatch.wake.is_set()
    dispatch.wake.clear()
