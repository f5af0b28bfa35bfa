"""Batches: one manifest, a request per item (APR-06, EXE-04)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.models import AgentActionRequest, RequestBatch
from approvals.services.batch import BatchTooLargeError, DuplicateTargetError, submit_batch
from approvals.services.intake_errors import IdempotencyKeyReusedError, PendingLimitError
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from tests.builders.api import make_site
from tests.builders.approvals import execute, make_principal, make_proposed
from tests.builders.crm_connectors import make_record

pytestmark = pytest.mark.django_db


def make_items(site, count, **changes):
    ids = [
        make_record(site.connection_id, "companies", name=f"Firm {n}", numberofemployees=n + 1) for n in range(count)
    ]
    return tuple(
        make_proposed(
            site,
            **{
                "target": {"object": "companies", "id": record},
                "changes": {"numberofemployees": 900},
                "expected": None,
                **changes,
            },
        )
        for record in ids
    )


def submit(site, items, key="b1"):
    return submit_batch(principal=make_principal(site.world), proposals=items, idempotency_key=key, now=get_now())


def test_every_item_is_judged_on_its_own():
    site = make_site()
    good = make_items(site, 1)
    bad_value = make_items(site, 1, changes={"industry": "Gardening"})
    unknown = make_items(site, 1, changes={"shoe_size": 1})
    reviewed = make_items(site, 1, changes={"name": "Renamed"})

    batch = submit(site, good + bad_value + unknown + reviewed)

    assert [(item.position, item.status, item.error_code) for item in batch.items] == [
        (0, "approved", ""),
        (1, "denied", ""),
        (2, "", "unknown_property"),
        (3, "pending", ""),
    ]
    assert LedgerEvent.objects.filter(type="batch.received").count() == 1
    assert execute(batch.items[0].request_id) == "executed"


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_many_takes_no_more_statements_than_one_of_few():
    site = make_site()
    submit(site, make_items(site, 1), key="warm")
    counts = []
    for size in (5, 60):
        items = make_items(site, size)
        with CaptureQueriesContext(connection) as captured:
            submit(site, items, key=f"b{size}")
        counts.append(len(captured))

    assert counts[1] <= counts[0] + 3, counts  # SQLite takes a limited number of values a statement
    assert AgentActionRequest.objects.count() == 66


def test_the_same_batch_again_gives_the_same_answer():
    site = make_site()
    items = make_items(site, 3) + make_items(site, 1, changes={"shoe_size": 1})

    first, again = submit(site, items), submit(site, items)

    assert (again.batch_id, again.is_replay, again.items) == (first.batch_id, True, first.items)
    assert RequestBatch.objects.count() == 1
    with pytest.raises(IdempotencyKeyReusedError):
        submit(site, items[:2])


def test_a_record_may_be_written_once_in_a_batch():
    site = make_site()
    items = make_items(site, 2)

    with pytest.raises(DuplicateTargetError):
        submit(site, (*items, items[0]))

    assert AgentActionRequest.objects.count() == 0


def test_a_batch_has_a_size():
    site = make_site()
    one = make_items(site, 1)

    for items in ((), one * 501):
        with pytest.raises(BatchTooLargeError):
            submit(site, items)


def test_a_batch_does_not_get_round_the_limit(monkeypatch):
    monkeypatch.setattr("approvals.selectors.intake_context.MAX_WAITING_PER_AGENT", 1)
    site = make_site()
    submit(site, make_items(site, 1, changes={"name": "Renamed"}))

    with pytest.raises(PendingLimitError):
        submit(site, make_items(site, 1), key="b2")


def test_an_item_whose_record_does_not_exist_is_denied():
    site = make_site()
    item = make_proposed(site, target={"object": "companies", "id": "987654"}, expected=None)

    assert [(i.status, i.status_code) for i in submit(site, (item,)).items] == [("denied", "record_not_found")]
