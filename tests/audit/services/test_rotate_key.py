"""The signing key changes, and nothing that was signed is lost (AUD-06)."""

import base64
import json
import shutil

import pytest
from django.core.management import CommandError, call_command

from audit.domain.key_rotation import open_rotation, sign_rotation
from audit.domain.note import InvalidNoteError, open_checkpoint, sign_tree_head
from audit.models import Checkpoint, LedgerEvent
from audit.selectors.receipts import make_receipt
from audit.services import rotate_key as rotating
from audit.services.checkpoint import sign_checkpoint
from audit.services.export import export_ledger
from audit.services.prove import prove_event
from audit.services.rotate_key import RotationError, next_key_path, rotate_key
from audit.services.sequence import sequence_pending
from audit.services.signing_key import get_origin, get_public_key, get_signing_key, get_verifier_key
from audit.services.verify import verify_ledger
from tests.audit.services.test_anchor import anchor_file
from tests.audit.verifier_program import load
from tests.builders.audit import NOW, append, fill_ledger, new_event, owner_rights

pytestmark = pytest.mark.django_db(transaction=True)

program = load()


def code(*words):
    return program.main([str(word) for word in words])


def export(tmp_path, name="export"):
    folder = tmp_path / name
    shutil.rmtree(folder, ignore_errors=True)
    export_ledger(path=folder, now=NOW)
    return folder


def test_old_checkpoints_verify_and_the_new_key_signs():
    old = fill_ledger(3)
    before, pinned = get_public_key(), get_verifier_key()
    assert rotate_key(now=NOW) == get_verifier_key() != pinned
    assert not next_key_path().exists()
    report = verify_ledger()
    assert report.is_ok, report
    introduced = LedgerEvent.objects.select_related("leaf").get(type="ledger.key_introduced")
    over = Checkpoint.objects.filter(size__gt=introduced.leaf.leaf_index).order_by("size").first()
    open_checkpoint(over.note, origin=get_origin(), public_key=before)
    newest = Checkpoint.objects.order_by("-size").first()
    open_checkpoint(newest.note, origin=get_origin(), public_key=get_public_key())
    assert LedgerEvent.objects.get(type="ledger.key_taken_up").leaf.leaf_index < newest.size
    assert prove_event(old[0]).is_proven


def test_a_stranger_with_the_old_key_follows_to_the_new_one(tmp_path, capsys):
    """AUD-06: through two changes; with several pins; and not with a key that introduced nothing."""
    subject = new_event().subject
    fill_ledger(3, subject=subject)
    first = get_verifier_key()
    (tmp_path / "old.checkpoint").write_text(Checkpoint.objects.get().note)
    (tmp_path / "old.proof").write_bytes(make_receipt(subject))
    rotate_key(now=NOW)
    second = get_verifier_key()
    rotate_key(now=NOW)
    folder = export(tmp_path)
    assert code("export", folder, "--pin", first, "--since", tmp_path / "old.checkpoint") == 0
    assert "introduced by the pinned one" in capsys.readouterr().out
    assert code("export", folder, "--pin", second) == 0
    assert code("export", folder, "--pin", get_verifier_key(), "--since", tmp_path / "old.checkpoint") == 1
    both = ("--pin", get_verifier_key(), "--pin", first)
    assert code("export", folder, *both, "--since", tmp_path / "old.checkpoint") == 0
    assert code("proof", tmp_path / "old.proof", "--pin", second) == 1
    assert code("proof", tmp_path / "old.proof", *both) == 0

    (folder / "rotations").unlink()
    assert code("export", folder, "--pin", first) == 1
    assert code("export", folder, "--pin", get_verifier_key()) == 1, "its events introduce keys that it does not list"
    capsys.readouterr()


def test_a_stranger_follows_no_note_that_both_keys_have_not_signed(tmp_path, capsys):
    fill_ledger(2)
    first, old = get_verifier_key(), get_signing_key()
    rotate_key(now=NOW)
    folder = export(tmp_path)
    [note] = json.loads((folder / "rotations").read_bytes())
    text, blank, lines = note.rpartition("\n\n")
    own, other = lines.splitlines()
    for wrong in (f"{text}{blank}{own}\n", f"{text}{blank}{other}\n", note.replace("v1", "v2"), f"x{note}"):
        (folder / "rotations").write_bytes(program.one_spelling([wrong]) + b"\n")
        assert code("export", folder, "--pin", first) == 1
        with pytest.raises(InvalidNoteError):
            open_rotation(wrong, origin=get_origin())
    with pytest.raises(ValueError, match="is the old one"):
        sign_rotation(origin=get_origin(), old=old, new=old)
    capsys.readouterr()


def test_a_rotation_of_an_export_names_no_file_of_whoever_verifies_it(tmp_path, capsys):
    """AUD-06: an export is not trusted: what stands where a key should is a text, never a path."""
    fill_ledger(2)
    first = get_verifier_key()
    rotate_key(now=NOW)
    folder = export(tmp_path)
    own = tmp_path / "diary+of+mine"
    own.write_text("nobody's business")
    [note] = json.loads((folder / "rotations").read_bytes())
    head, title, old, new, *rest = note.split("\n")
    for lines in ([head, title, str(own), new, *rest], [head, title, old, str(own), *rest]):
        (folder / "rotations").write_bytes(program.one_spelling(["\n".join(lines)]) + b"\n")
        assert code("export", folder, "--pin", first) == 2
        told = capsys.readouterr()
        assert "business" not in told.out + told.err
        assert str(own) in told.err


def test_the_old_key_signs_nothing_after_the_new_one():
    """Somebody who kept it and has the database: what they sign is no checkpoint of this ledger."""
    fill_ledger(2)
    old = get_signing_key()
    rotate_key(now=NOW)
    fill_ledger(1)
    newest = Checkpoint.objects.order_by("-size").first()
    head = open_checkpoint(newest.note, origin=get_origin(), public_key=get_public_key())
    forged = sign_tree_head(head, old)
    with owner_rights():
        Checkpoint.objects.filter(size=newest.size).update(note=forged)
    assert "checkpoint_forged" in {item.code for item in verify_ledger().problems}
    append(new_event())
    sequence_pending(now=NOW)
    with pytest.raises(InvalidNoteError, match="had been replaced"):
        sign_checkpoint(now=NOW)


def test_a_rotation_in_the_database_that_no_key_signed_vouches_for_nobody():
    fill_ledger(2)
    stranger = rotating.read_seed(base64.b64encode(bytes(32)).decode())
    note = sign_rotation(origin=get_origin(), old=stranger, new=get_signing_key()).replace("—", "–")
    append(new_event(type="ledger.key_introduced", data={"note": note}), new_event(type="ledger.key_introduced"))
    fill_ledger(1)
    head = open_checkpoint(
        Checkpoint.objects.order_by("-size").first().note, origin=get_origin(), public_key=get_public_key()
    )
    with owner_rights():
        Checkpoint.objects.filter(size=head.size).update(note=sign_tree_head(head, stranger))
    assert "checkpoint_forged" in {item.code for item in verify_ledger().problems}


def test_a_rotation_that_was_broken_off_goes_on_with_the_same_key(monkeypatch):
    fill_ledger(2)
    with monkeypatch.context() as broken:
        broken.setattr(rotating, "move_away", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate_key(now=NOW)
    waiting = next_key_path().read_text()
    rotate_key(now=NOW)
    assert base64.b64decode(waiting) == get_signing_key().private_bytes_raw()
    assert LedgerEvent.objects.filter(type="ledger.key_introduced").count() == 1
    assert verify_ledger().is_ok


def test_a_rotation_that_was_broken_off_after_the_swap_is_finished_and_not_begun_again(monkeypatch):
    fill_ledger(2)
    with monkeypatch.context() as broken:
        broken.setattr(rotating, "_take_up", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate_key(now=NOW)
    taken = get_verifier_key()
    assert rotate_key(now=NOW) == taken == get_verifier_key()
    told = LedgerEvent.objects.filter(type__startswith="ledger.key_").order_by("leaf__leaf_index")
    assert list(told.values_list("type", flat=True)) == ["ledger.key_introduced", "ledger.key_taken_up"]
    assert verify_ledger().is_ok


def test_of_two_runs_at_once_one_changes_the_key(monkeypatch):
    """The other finds it changed under the lock, and puts nothing, least of all an empty file, in its place."""
    fill_ledger(2)
    signed = rotating._sign
    with monkeypatch.context() as racing:

        def sign_while_another_rotates(now):
            racing.setattr(rotating, "_sign", signed)
            rotate_key(now=now)
            signed(now)

        racing.setattr(rotating, "_sign", sign_while_another_rotates)
        with pytest.raises(RotationError, match="another run has changed the key"):
            rotate_key(now=NOW)
    assert LedgerEvent.objects.filter(type="ledger.key_taken_up").count() == 1
    assert not next_key_path().exists()
    assert verify_ledger().is_ok


def test_no_key_changes_under_a_ledger_that_was_set_back(capsys):
    fill_ledger(2)
    before = get_verifier_key()
    anchor_file().unlink()
    with pytest.raises(CommandError, match="Explain that first"):
        call_command("rotate_ledger_key")
    assert get_verifier_key() == before
    assert not next_key_path().exists()


def test_a_key_that_the_setting_gives_is_put_there_by_a_person(settings, capsys):
    settings.LEDGER_SIGNING_KEY = base64.b64encode(bytes(range(32))).decode()
    fill_ledger(2)
    call_command("rotate_ledger_key")
    told = capsys.readouterr()
    assert told.out.strip() != get_verifier_key()
    assert "LEDGER_SIGNING_KEY everywhere" in told.err
    settings.LEDGER_SIGNING_KEY = next_key_path().read_text()
    call_command("rotate_ledger_key")
    assert capsys.readouterr().out == told.out
    assert told.out.strip() == get_verifier_key()
    assert not next_key_path().exists()
    assert LedgerEvent.objects.filter(type="ledger.key_taken_up").count() == 1
    assert verify_ledger().is_ok
