"""One person, two starts at the same moment: what they may take back alone is counted once for both (RVT-02)."""

from datetime import timedelta

import pytest

from approvals.domain.bulk_choice import Choice
from approvals.models import BulkRevert
from audit.selectors.clock import get_now
from tests.approvals.faults.test_races import together
from tests.builders.api import make_site
from tests.builders.bulk_reverts import plan, start, write_some

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_starts_at_once_pass_the_limit_for_one_person_together_once(monkeypatch):
    site = make_site()
    monkeypatch.setattr("approvals.domain.bulk_revert.TWO_PEOPLE_ABOVE", 3)
    for _ in range(3):
        write_some(site, 2)
        jobs = [plan(site, Choice(last=2)), plan(site, Choice(last=2))]
        states = together(*[lambda job=job: str(start(site, job)) for job in jobs])
        BulkRevert.objects.update(state="stopped", started_at=get_now() - timedelta(days=2))
        assert sorted(states) == ["countersigning", "running"]
