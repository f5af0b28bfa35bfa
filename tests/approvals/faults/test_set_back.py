"""A database restored from an older backup begins no effect (AUD-06, F41)."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from approvals.services.claim import claim_request
from audit.adapters.files import ledger_dir
from audit.models import Checkpoint, ErasableValues, LedgerEvent
from audit.selectors.clock import get_now
from audit.services.anchor import AnchorError, check_anchor
from audit.services.barrier import is_set_back
from audit.services.maintain import maintain_ledger
from audit.services.verify import verify_ledger
from config.health import run_checks
from governance.models import Person
from tests.audit.services.test_anchor import anchor_file
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, execute, get, submit, submit_pending, vote
from tests.builders.audit import append, new_event, owner_rights
from tests.builders.audit import execute as execute_sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row():
    site = make_site()
    row = submit_pending(site)
    vote(site, row)
    maintain_ledger(now=get_now())
    return row


def set_back():
    """The newest leaf and its checkpoint are gone, as in a backup that is a little older than the anchor."""
    with owner_rights():
        execute_sql("DELETE FROM audit_checkpoint")
        newest = (
            "SELECT event_id FROM audit_ledgerleaf WHERE leaf_index = (SELECT max(leaf_index) FROM audit_ledgerleaf)"
        )
        execute_sql(f"DELETE FROM audit_erasablevalues WHERE event_id IN ({newest})")  # noqa: S608  # words of our own
        execute_sql(f"DELETE FROM audit_ledgerevent WHERE id IN ({newest})")  # noqa: S608  # words of our own
        execute_sql("DELETE FROM audit_ledgerleaf WHERE leaf_index = (SELECT max(leaf_index) FROM audit_ledgerleaf)")


SPOILED = {
    "behind": set_back,
    "missing": lambda: anchor_file().unlink(),
    "unreadable": lambda: anchor_file().write_bytes(b"nonsense\n"),
}


def test_nothing_is_claimed_on_a_ledger_that_was_set_back(row):
    """AUD-06, F41: it stays approved, and goes on once the right backup is there."""
    set_back()
    assert is_set_back()
    assert claim_request(request_id=row.pk, worker="w") is None
    assert (get(row.pk).status, count_writes(row.pk)) == ("approved", 0)


@pytest.mark.parametrize("spoil", ["behind", "missing", "unreadable"])
def test_it_goes_on_once_a_person_has_answered_for_it(row, spoil):
    """AUD-06, F41: on record, with who, why and how the database stood; signed and anchored anew."""
    SPOILED[spoil]()
    olga = Person.objects.get(email__startswith="olga")
    call_command("anchor_ledger", by=olga.email.upper(), reason="restored the backup of 09:00", stdout=io.StringIO())

    event = LedgerEvent.objects.get(type="ledger.anchored_anew")
    assert (event.actor_type, event.actor_id) == ("human", str(olga.pk))
    assert json.loads(bytes(event.body))["data"]["anchor"] == {"behind": "ahead"}.get(spoil, spoil)
    assert b"backup of 09:00" not in bytes(event.body)
    assert b"backup of 09:00" in bytes(ErasableValues.objects.get(event=event).content)
    assert not check_anchor().is_behind
    assert verify_ledger().is_ok
    type(row).objects.filter(pk=row.pk).update(not_before=None)
    assert execute(row.pk) == "executed"


def test_an_anchor_that_is_gone_is_no_all_clear(row):
    """AUD-06, F41: checkpoints were signed, so there was one; effects wait, nothing is signed, readiness is red."""
    anchor_file().unlink()
    assert claim_request(request_id=row.pk, worker="w") is None
    assert (get(row.pk).status, count_writes(row.pk)) == ("approved", 0)
    signed = Checkpoint.objects.count()
    append(new_event())
    with pytest.raises(AnchorError, match="not in DATA_DIR"):
        maintain_ledger(now=get_now())
    assert (Checkpoint.objects.count(), list(ledger_dir().glob("anchor-*.jsonl"))) == (signed, [])
    [ledger] = [check for check in run_checks() if check.name == "ledger"]
    assert (ledger.ok, "their anchor is not in DATA_DIR" in ledger.detail) == (False, True)


@pytest.mark.parametrize(
    ("by", "reason", "words"),
    [
        ("nobody@example.com", "a backup", "no active person"),
        ("olga.acme@example.com", " ", "say why"),
    ],
)
def test_nobody_and_no_reason_explain_nothing(row, by, reason, words):
    """AUD-06: the word is somebody's, with a reason."""
    anchor_file().unlink()
    with pytest.raises(CommandError, match=words):
        call_command("anchor_ledger", by=by, reason=reason)
    assert check_anchor().is_missing
    assert not LedgerEvent.objects.filter(type="ledger.anchored_anew").exists()


def test_a_key_that_is_gone_is_put_back_first(row):
    """AUD-06: with DATA_DIR the key went too; nothing is committed under a new one that nobody introduced."""
    anchor_file().unlink()
    (ledger_dir() / "signing.key").unlink()
    with pytest.raises(CommandError, match="put back DATA_DIR/ledger/signing"):
        call_command("anchor_ledger", by="olga.acme@example.com", reason="a new disk")
    assert not LedgerEvent.objects.filter(type="ledger.anchored_anew").exists()


def test_a_ledger_that_is_whole_needs_no_word(row):
    """AUD-06: nothing is written, and the anchor stays."""
    before = anchor_file().read_bytes()
    with pytest.raises(CommandError, match="nothing to explain"):
        call_command("anchor_ledger", by="olga.acme@example.com", reason="to be sure")
    assert anchor_file().read_bytes() == before
    assert not LedgerEvent.objects.filter(type="ledger.anchored_anew").exists()


def test_a_first_start_waits_for_nothing():
    """AUD-06: before the first checkpoint there is no anchor, and none is missed."""
    assert not check_anchor().is_behind
    assert execute(submit(make_site()).request_id) == "executed"


def test_an_anchor_that_cannot_be_read_is_no_all_clear(row):
    """AUD-06, AUD-08: fails closed."""
    anchor_file().write_bytes(b"nonsense\n")
    assert claim_request(request_id=row.pk, worker="w") is None
    assert (get(row.pk).status, count_writes(row.pk)) == ("approved", 0)


def test_a_whole_ledger_holds_nothing_up(row):
    """AUD-06."""
    assert not is_set_back()
    assert execute(row.pk) == "executed"
