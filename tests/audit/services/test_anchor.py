"""The anchor and the key: a database set back in time is noticed before it does harm."""

import base64
import stat

import pytest

from audit.adapters.files import ledger_dir
from audit.models import Checkpoint
from audit.services.anchor import AnchorError, anchor_checkpoint, check_anchor
from audit.services.checkpoint import sign_checkpoint
from audit.services.sequence import sequence_pending
from audit.services.signing_key import SigningKeyError, get_origin, get_signing_key, get_verifier_key
from audit.services.verify import verify_ledger
from tests.builders.audit import NOW, append, execute, fill_ledger, new_event, owner_rights


def anchor_file():
    (path,) = ledger_dir().glob("anchor-*.jsonl")
    return path


def set_back():
    """As a backup of an older point would: the newest three leaves are gone with all that hangs on them."""
    with owner_rights():
        execute("DELETE FROM audit_checkpoint WHERE size > 10")
        execute(
            "DELETE FROM audit_ledgerevent WHERE id IN (SELECT event_id FROM audit_ledgerleaf WHERE leaf_index >= 10)"
        )
        execute("DELETE FROM audit_ledgerleaf WHERE leaf_index >= 10")


@pytest.mark.django_db
def test_an_empty_ledger_has_nothing_to_be_behind_of():
    state = check_anchor()
    assert (state.local_size, state.anchored_size, state.is_behind) == (0, 0, False)


@pytest.mark.django_db
def test_every_checkpoint_is_a_line_of_the_anchor():
    fill_ledger(3)
    fill_ledger(2)
    assert len(anchor_file().read_bytes().splitlines()) == 2
    state = check_anchor()
    assert (state.local_size, state.anchored_size, state.is_behind) == (5, 5, False)


@pytest.mark.django_db(transaction=True)
def test_a_ledger_that_was_emptied_and_begun_anew_leaves_its_anchor_as_a_trace():
    """AUD-05: every hash of the new one agrees; only the old anchor knows better."""
    fill_ledger(3)
    old = anchor_file().name
    assert verify_ledger().notes == ()
    with owner_rights():
        tables = ("checkpoint", "tile", "ledgerleaf", "pendingevent", "erasablevalues", "ledgerevent")
        for table in tables:
            execute(f"DELETE FROM audit_{table}")  # noqa: S608  # names of our own
    emptied = verify_ledger()
    assert [(problem.code, old in problem.message) for problem in emptied.problems] == [("behind_anchor", True)]
    fill_ledger(2)
    assert [old in note for note in verify_ledger().notes] == [True]


@pytest.mark.django_db
def test_a_ledger_without_its_anchor_is_set_back_until_somebody_explains():
    """AUD-05, F41: an end that was cut off along with the file could not be told from a whole one."""
    fill_ledger(3)
    anchor_file().unlink()
    state = check_anchor()
    assert (state.local_size, state.anchored_size, state.is_behind, state.is_missing) == (3, 0, True, True)
    assert {problem.code for problem in verify_ledger().problems} == {"anchor_missing"}


@pytest.mark.django_db(transaction=True)
def test_a_first_checkpoint_whose_line_was_not_written_is_no_ledger_set_back(monkeypatch):
    """AUD-05, F41: killed between the first commit and its line, it goes on; the empty file says that it may."""
    append(new_event())
    sequence_pending(now=NOW)
    with monkeypatch.context() as killed:
        killed.setattr("audit.services.checkpoint.anchor_checkpoint", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sign_checkpoint(now=NOW)
    assert Checkpoint.objects.count() == 1
    assert anchor_file().read_bytes() == b""
    assert not check_anchor().is_behind
    fill_ledger(2)
    assert (check_anchor().anchored_size, verify_ledger().is_ok) == (3, True)
    anchor_file().write_bytes(b"")
    assert check_anchor().is_missing, "two were signed, so the second wrote its line"


@pytest.mark.django_db(transaction=True)
def test_checkpoints_without_any_leaf_are_missed_too():
    """AUD-05: emptied but for the checkpoints, which nobody thought of."""
    fill_ledger(3)
    with owner_rights():
        for table in ("tile", "ledgerleaf", "pendingevent", "erasablevalues", "ledgerevent"):
            execute(f"DELETE FROM audit_{table}")  # noqa: S608  # names of our own
    assert check_anchor().is_behind


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_is_behind_and_nothing_is_signed_on_it():
    fill_ledger(10)
    fill_ledger(3)
    set_back()
    assert check_anchor().is_behind
    append(*[new_event() for _ in range(7)])
    sequence_pending(now=NOW)
    assert check_anchor().is_behind  # longer than before, but another history
    with pytest.raises(AnchorError, match="behind its anchor"):
        sign_checkpoint(now=NOW)
    assert Checkpoint.objects.count() == 1
    assert "behind_anchor" in {problem.code for problem in verify_ledger().problems}


@pytest.mark.django_db
def test_a_torn_last_line_is_no_anchor():
    fill_ledger(3)
    with anchor_file().open("ab") as file:
        file.write(b'{"size":99,')
    assert check_anchor().anchored_size == 3
    fill_ledger(1)
    assert check_anchor().anchored_size == 4


@pytest.mark.django_db
def test_an_anchor_that_cannot_be_read_is_no_all_clear():
    fill_ledger(3)
    anchor_file().write_bytes(b"nonsense\n")
    with pytest.raises(AnchorError, match="cannot be read"):
        check_anchor()
    assert {problem.code for problem in verify_ledger().problems} == {"anchor_unreadable"}


@pytest.mark.django_db
def test_an_anchor_that_cannot_be_written_is_said():
    fill_ledger(3)
    path = anchor_file()
    path.unlink()
    path.mkdir()
    with pytest.raises(AnchorError, match="cannot be written"):
        anchor_checkpoint(size=4, root=b"", note="")
    append(new_event())
    sequence_pending(now=NOW)
    with pytest.raises(AnchorError, match="cannot be read"):
        sign_checkpoint(now=NOW)


def test_the_key_is_made_once_and_for_its_owner_alone():
    first = get_verifier_key()
    path = ledger_dir() / "signing.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger_dir().stat().st_mode) == 0o700
    assert get_verifier_key() == first


def test_a_given_key_and_origin_are_used(settings):
    settings.LEDGER_SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()
    settings.LEDGER_ORIGIN = "example.com/ledger"
    assert get_verifier_key().startswith("example.com/ledger+")
    assert get_signing_key().private_bytes_raw() == bytes(range(32))
    assert not (ledger_dir() / "signing.key").exists()


@pytest.mark.parametrize("key", ["secret words", "AAAA", base64.b64encode(bytes(33)).decode()])
def test_a_key_of_another_form_is_refused_without_being_shown(settings, key):
    settings.LEDGER_SIGNING_KEY = key
    with pytest.raises(SigningKeyError) as caught:
        get_signing_key()
    assert key not in str(caught.value)


def test_an_origin_that_breaks_the_format_is_refused(settings):
    settings.LEDGER_ORIGIN = "two words"
    with pytest.raises(SigningKeyError):
        get_origin()
