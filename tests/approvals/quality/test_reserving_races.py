"""Many people ask for the next sample at once: each gets another one, on both databases (QAS-02)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from approvals.models import QualitySample
from approvals.services.reserving import reserve_next
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from tests.builders.approvals import submit_executed
from tests.builders.quality import make_sampling_site, make_scorer, settle

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 8


@pytest.mark.parametrize("samples", [3, PEOPLE])
def test_nobody_gets_what_somebody_else_has(samples):
    site = make_sampling_site()
    for number in range(samples):
        submit_executed(site, changes={"numberofemployees": 300 + number}, expected=None)
    settle()
    scorers = [make_scorer(site, f"Scorer {number}") for number in range(PEOPLE)]
    start = Barrier(PEOPLE)

    def ask(scorer):
        start.wait()
        try:
            return reserve_next(
                workspace_id=site.world.workspace.pk, person_id=scorer[0].pk, user_id=scorer[1].pk, now=get_now()
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PEOPLE) as pool:
        found = [pk for pk in pool.map(ask, scorers) if pk is not None]

    assert len(found) == len(set(found)) == samples
    assert QualitySample.objects.filter(reserved_by__isnull=False).count() == samples
    assert LedgerEvent.objects.filter(type="sample.reserved").count() == samples
