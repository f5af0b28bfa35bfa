"""Erasing personal data: the values are gone, the proof is whole, and the erasure is on record (AUD-07)."""

import pytest

from audit.domain.event import Actor
from audit.models import ErasableValues, LedgerEvent
from audit.selectors.events import get_values, list_events
from audit.services.erase import erase_values
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, fill_ledger

DPO = Actor("human", "dpo@example.com")


def erase(ids):
    return erase_values(event_ids=ids, actor=DPO, reason_code="gdpr.erasure", correlation_id="corr-9", now=NOW)


@pytest.mark.django_db
def test_erased_values_are_gone_and_the_ledger_still_verifies():
    first, second = fill_ledger(2, values={"email": "jane@example.com"})
    assert erase([first]) == 1
    assert get_values([first, second]) == {second: {"email": "jane@example.com"}}
    maintain_ledger(now=NOW)
    assert verify_ledger().is_ok
    (record,) = list_events(type="ledger.values_erased")
    assert (record.actor, record.subject.id, record.workspace) == (DPO, str(first), "acme")
    assert record.data == {"reason_code": "gdpr.erasure"}


@pytest.mark.django_db
def test_no_byte_of_the_value_remains_in_the_event():
    (event_id,) = fill_ledger(1, values={"email": "jane@example.com"})
    erase([event_id])
    assert b"jane" not in bytes(LedgerEvent.objects.get(id=event_id).body)
    assert not ErasableValues.objects.exists()


@pytest.mark.django_db
def test_erasing_twice_records_nothing_new():
    (event_id,) = fill_ledger(1, values={"email": "jane@example.com"})
    assert [erase([event_id]), erase([event_id])] == [1, 0]
    assert len(list_events(type="ledger.values_erased")) == 1
