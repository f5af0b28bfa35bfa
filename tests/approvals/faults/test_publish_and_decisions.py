"""Publishing never stalls decisions: while a publishing transaction is open, agents are answered (POL-03)."""

import threading
import time

import pytest
from django.db import connection, transaction

from audit.selectors.clock import get_now
from governance.models import PolicyVersion
from governance.services.publish import publish_policy
from tests.builders.api import make_site
from tests.builders.approvals import execute, submit
from tests.builders.governance import make_budget

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SECONDS = 5.0


def test_decisions_go_on_while_a_publishing_is_not_committed_yet():
    """The old version decides until the new one is in force; nobody waits, and nothing of the draft is seen."""
    site = make_site()
    make_budget(site.world.workspace, 0)
    before = PolicyVersion.objects.count()
    opened, ended, failed = threading.Event(), threading.Event(), []

    def publish_slowly():
        try:
            with transaction.atomic():
                publish_policy(
                    workspace_id=site.world.workspace.pk, person_id=site.world.owner.pk, reason="slow", now=get_now()
                )
                opened.set()
                ended.wait(60)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
            opened.set()
        finally:
            connection.close()

    thread = threading.Thread(target=publish_slowly)
    thread.start()
    assert opened.wait(60)
    begun = time.monotonic()
    answers = [submit(site, changes={"numberofemployees": 300 + number}) for number in range(5)]
    assert execute(answers[0].request_id) == "executed"
    took = time.monotonic() - begun
    still_open = PolicyVersion.objects.count() == before
    ended.set()
    thread.join()

    assert failed == []
    assert still_open
    assert [answer.status for answer in answers] == ["approved"] * 5
    assert took < SECONDS
    assert submit(site).status_code == "budget_exhausted", "and then the new version holds"
