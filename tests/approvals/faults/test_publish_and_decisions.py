"""Publishing never stalls decisions: while a publishing transaction is open, agents are answered (POL-03)."""

import threading
import time

import pytest
from django.db import connection, transaction

from approvals.models import AgentActionRequest
from audit.selectors.clock import get_now
from governance.models import ActionTier, PolicyVersion
from governance.selectors import policy
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


def test_every_decision_is_made_under_the_version_that_its_request_names():
    """POL-03: while four threads propose, one publishes again and again, and each process forgets what it had read."""
    site = make_site()
    workspace, person = site.world.workspace.pk, site.world.owner.pk
    done, failed, answers = threading.Event(), [], []

    def propose():
        try:
            while not done.is_set():
                answers.append(submit(site))
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=propose) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(8):
        ActionTier.objects.filter(workspace=workspace, action="draft").update(max_rows=number + 1)
        publish_policy(workspace_id=workspace, person_id=person, reason="again", now=get_now())
        policy._indexes.clear()
    done.set()
    for thread in threads:
        thread.join(60)

    assert failed == []
    named = dict(AgentActionRequest.objects.values_list("pk", "policy_version__digest"))
    assert {answer.status for answer in answers} == {"approved"}
    assert [answer.decision.policy_version for answer in answers] == [named[answer.request_id] for answer in answers]
    assert len(set(named.values())) > 1
