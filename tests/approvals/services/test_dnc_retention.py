"""What was asked of the do-not-contact list, why, and that it was kept to, outlives the person's record (DNC-08).

Telemarketing rules ask for five years (16 CFR 310.5); here nothing of it ends at all.
"""

import pytest
from django.db import DatabaseError, connection, transaction

from approvals.models import AgentActionRequest
from audit.domain.event import Actor
from audit.models import ErasableValues, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.erase import erase_values
from crm_connectors.models import CrmFieldChange, CrmRecord
from governance.adapters.dnc_files import read_proof
from governance.models import DncEntry, DncProof
from governance.services.dnc_proofs import keep_dnc_proof
from tests.builders.approvals import submit
from tests.builders.console import make_login
from tests.builders.dnc import list_entry
from tests.builders.outward import email_to, make_contact, make_lead, make_sending_site

pytestmark = pytest.mark.django_db(transaction=True)
LETTER = b"Please stop writing to me. Jane"


@pytest.fixture
def site(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return make_sending_site()


@pytest.fixture
def entry(site):
    """Jane asked in a letter, and an agent tried all the same."""
    workspace = site.world.workspace
    cora = make_login(workspace, "add_dnc", name="Cora Compliance")
    proof = keep_dnc_proof(workspace_id=workspace.pk, name="letter.txt", content=LETTER, user_id=cora.pk, now=get_now())
    return DncEntry.objects.get(pk=list_entry(workspace, "jane@acme.example", proof_id=proof))


def try_to_write(site, *whom, people="contacts"):
    return submit(site, **email_to(*whom, people=people)).status_code


def erase(record):
    """The person's record goes from the CRM, and what the ledger keeps of values with it."""
    rows = CrmRecord.objects.filter(number=record, crm_object__name="contacts")
    CrmFieldChange.objects.filter(record__in=rows).delete()
    rows.delete()
    ids = list(ErasableValues.objects.values_list("event_id", flat=True))
    erase_values(event_ids=ids, actor=Actor("human", "x"), reason_code="gdpr", correlation_id="c", now=get_now())
    assert not ErasableValues.objects.filter(event_id__in=ids).exists()


def test_the_request_its_proof_and_its_enforcement_outlive_the_record(site, entry):
    contact = make_contact(site)
    assert try_to_write(site, contact) == "dnc_blocked"
    enforced = LedgerEvent.objects.filter(type="dnc.enforced", subject_id=str(entry.pk))
    before = [bytes(event.body) for event in enforced]
    assert len(before) == 1

    erase(contact)

    assert [bytes(event.body) for event in enforced] == before
    assert LedgerEvent.objects.filter(type="dnc.added", subject_id=str(entry.pk)).count() == 1
    entry.refresh_from_db()
    assert (entry.value, entry.reason) == ("jane@acme.example", "asked not to be contacted")
    assert read_proof(entry.proof.sha256) == LETTER
    assert try_to_write(site, make_lead(site), people="leads") == "dnc_blocked", "she comes back as a lead"
    assert not AgentActionRequest.objects.exclude(status="denied").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM governance_dncproof",
        "UPDATE governance_dncproof SET sha256 = 'x'",
        "UPDATE governance_dncproof SET name = 'other.txt'",
    ],
)
def test_a_proof_is_neither_changed_nor_deleted(site, entry, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert DncProof.objects.get().sha256 == entry.proof.sha256


def test_a_proof_is_not_put_in_anothers_place(site, entry):
    """SQLite alone knows REPLACE; it would delete without a trigger."""
    if connection.vendor != "sqlite":
        pytest.skip("there is no REPLACE")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("REPLACE INTO governance_dncproof SELECT * FROM governance_dncproof")
