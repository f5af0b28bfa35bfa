"""The published schema is that of the events that are written (AUD-01, AUD-02)."""

import json

import jsonschema
import pytest

from audit.domain.body_schema import body_schema
from audit.models import LedgerEvent
from tests.builders.api import make_site
from tests.builders.approvals import submit_executed, submit_pending, vote
from tests.builders.dnc import list_entry

checker = jsonschema.Draft202012Validator(body_schema())


@pytest.mark.django_db(transaction=True)
def test_what_the_product_writes_fits():
    site = make_site()
    submit_executed(site)
    vote(site, submit_pending(site))
    list_entry(site.world.workspace, "jane@example.com")
    bodies = [json.loads(bytes(row.body)) for row in LedgerEvent.objects.all()]
    assert len({body["type"] for body in bodies}) > 8
    for body in bodies:
        checker.validate(body)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "request.imagined"},
        {"v": 2},
        {"at": "2026-03-01T09:30:00Z"},
        {"more": 1},
        {"commitments": {"email": "ABC"}},
        {"actor": {"type": "agent"}},
        {"id": "7"},
    ],
)
def test_what_no_event_says_does_not_fit(change):
    body = {
        "v": 1,
        "id": "019843c2-0000-7000-8000-000000000001",
        "type": "request.received",
        "at": "2026-03-01T09:30:00.123456Z",
        "workspace": "acme",
        "actor": {"type": "agent", "id": "agent.enrichment"},
        "subject": {"type": "request", "id": "r1"},
        "correlation_id": "c1",
        "data": {},
        "commitments": {},
    }
    assert checker.is_valid(body)
    assert not checker.is_valid(body | change)
