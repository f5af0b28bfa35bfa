"""A stranger with an export, the public key and Python: what holds, what is refused (AUD-06)."""

import ast
import base64
import json
import os
import sys

import pytest

from audit.adapters.files import ledger_dir
from audit.domain.event import Actor
from audit.models import Checkpoint, ErasableValues, LedgerEvent
from audit.services.erase import erase_values
from audit.services.export import export_ledger
from audit.services.signing_key import get_verifier_key
from tests.audit.verifier_program import PROGRAM, run
from tests.builders.audit import NOW, fill_ledger
from tests.builders.exports import write_export

pytestmark = pytest.mark.django_db


@pytest.fixture
def key():
    return get_verifier_key()


def exported(place, **options):
    folder = place / "export"
    export_ledger(path=folder, now=NOW, **options)
    return folder


def test_the_verifier_needs_nothing_but_the_standard_library_of_an_old_python():
    """AUD-06."""
    tree = ast.parse(PROGRAM.read_text("utf-8"), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
    assert names.isdisjoint({"socket", "urllib", "http", "subprocess", "pickle", "ctypes", "importlib"})


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
def test_an_export_verifies_with_the_pinned_key(tmp_path, key, count):
    """AUD-06: the root is recomputed from the events' own bytes."""
    fill_ledger(count)
    verdict = run(tmp_path, "export", exported(tmp_path), "--pin", key)
    assert verdict.is_verified, verdict
    assert f"{count} events under root {bytes(Checkpoint.objects.get().root).hex()}" in verdict.out


def test_without_a_pinned_key_nobody_vouches(tmp_path):
    """AUD-06: a key that comes with what it signs proves nothing."""
    fill_ledger(3)
    verdict = run(tmp_path, "export", exported(tmp_path))
    assert verdict.code == 3
    assert "NO KEY WAS PINNED" in verdict.err
    assert "NOT PINNED" in verdict.out


def test_another_key_or_origin_is_refused(tmp_path, settings):
    """AUD-06: attack 80."""
    fill_ledger(3)
    folder = exported(tmp_path)
    settings.LEDGER_SIGNING_KEY = base64.b64encode(bytes(32)).decode()
    assert run(tmp_path, "export", folder, "--pin", get_verifier_key()).code == 1
    assert run(tmp_path, "export", folder, "--pin", "countersign.local/ledger+00000000+AAAA").code == 2
    assert run(tmp_path, "export", tmp_path / "nothing", "--pin", get_verifier_key()).code == 2


def test_an_older_checkpoint_shows_that_nothing_was_removed(tmp_path, key):
    """AUD-06: consistency, by recomputing."""
    fill_ledger(300)
    old = tmp_path / "old"
    old.write_text(Checkpoint.objects.get().note)
    fill_ledger(300)
    folder = exported(tmp_path)
    verdict = run(tmp_path, "export", folder, "--since", old, "--pin", key)
    assert verdict.is_verified
    assert "the 300 events of the older checkpoint are all there" in verdict.out
    assert run(tmp_path, "consistency", old, folder / "checkpoint", folder, "--pin", key).is_verified
    assert run(tmp_path, "consistency", folder / "checkpoint", old, folder, "--pin", key).code == 1


def test_a_history_begun_anew_is_not_the_one_of_the_older_checkpoint(tmp_path, key):
    """AUD-06: rewritten and signed with the very key, by whoever has both database and key."""
    fill_ledger(20)
    old = tmp_path / "old"
    old.write_text(Checkpoint.objects.get().note)
    other = tmp_path / "other"
    write_export(other, [b'{"forged":%d}' % number for number in range(30)])
    assert run(tmp_path, "export", other, "--pin", key).is_verified  # alone it cannot be told
    verdict = run(tmp_path, "export", other, "--since", old, "--pin", key)
    assert verdict.code == 1
    assert "rewritten" in verdict.err


def test_a_shorter_ledger_than_the_checkpoint_is_refused(tmp_path, key):
    """AUD-06: the end cut off."""
    fill_ledger(20)
    folder = exported(tmp_path)
    fill_ledger(1)
    newer = tmp_path / "newer"
    newer.write_text(Checkpoint.objects.order_by("-size")[0].note)
    assert "newer than this export" in run(tmp_path, "export", folder, "--since", newer, "--pin", key).err


def edit(path, change):
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("tile/entries/000", lambda raw: raw.replace(b"acme", b"acne", 1)),
        ("tile/entries/000", lambda raw: raw[:-1]),
        ("tile/entries/000", lambda raw: raw + b"\0\0"),
        ("tile/entries/001.p/44", lambda _: b""),
        ("tile/0/000", lambda raw: bytes(32) + raw[32:]),
        ("tile/0/000", lambda raw: raw + bytes(32)),
        ("tile/1/000.p/1", lambda _: bytes(32)),
        ("checkpoint", lambda raw: raw.replace(b"\n300\n", b"\n299\n")),
        ("checkpoint", lambda raw: b"\xff" + raw),
        ("checkpoint", lambda _: b"x" * 100_000),
        ("verifier.key", lambda raw: raw.replace(b"+", b"-")),
        ("tile/1/001", lambda _: b""),
        ("tile/0/000.p/12", lambda _: b""),
        ("tile/readme", lambda _: b""),
        ("values/000", lambda _: b'{"leaf":0,"values":{"email":{"salt":"' + b"0" * 32 + b'","text":"1"}}}\n'),
        ("values/000", lambda _: b"[" * 5_000 + b"\n"),
        ("values/000", lambda _: b'{"leaf":9999999999999999999999,"values":{}}\n'),
        ("values/000", lambda _: b"\xff\xfe\n"),
    ],
)
def test_an_edited_export_is_refused_in_words(tmp_path, key, name, change):
    """AUD-06: attacks 77 to 79 and 83."""
    fill_ledger(300)
    folder = exported(tmp_path)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(change(path.read_bytes() if path.exists() else b""))
    verdict = run(tmp_path, "export", folder, "--pin", key)
    assert verdict.code in {1, 2}, verdict


def test_a_missing_file_and_one_that_never_ends_are_told(tmp_path, key):
    """AUD-06: attack 83."""
    fill_ledger(300)
    folder = exported(tmp_path)
    (folder / "tile/entries/000").unlink()
    assert "not whole" in run(tmp_path, "export", folder, "--pin", key).err
    os.mkfifo(folder / "tile/entries/000")
    assert "no plain file" in run(tmp_path, "export", folder, "--pin", key).err
    (folder / "tile/entries/000").unlink()
    (folder / "tile/entries/000").symlink_to("/dev/zero")
    assert run(tmp_path, "export", folder, "--pin", key).code == 1


def test_values_are_exported_on_request_checked_and_once_erased_gone(tmp_path, key):
    """AUD-06, AUD-07: a value that was changed on the way is not the one that was recorded."""
    ids = fill_ledger(3, values={"email": "jane@example.com", "number": 1.5})
    erase_values(event_ids=ids[:1], actor=Actor("human", "1"), reason_code="asked", correlation_id="x", now=NOW)
    assert ErasableValues.objects.count() == 2
    folder = exported(tmp_path, has_values=True)
    assert run(tmp_path, "export", folder, "--pin", key).is_verified
    (values,) = (folder / "values").rglob("3")
    lines = [json.loads(line) for line in values.read_text().splitlines()]
    assert [line["leaf"] for line in lines] == [1, 2]
    edit(values, lambda raw: raw.replace(b"jane@", b"joan@", 1))
    verdict = run(tmp_path, "export", folder, "--pin", key)
    assert (verdict.code, "`email` of event 1 is not the one that was recorded" in verdict.err) == (1, True)


def test_an_export_is_on_record_and_brings_its_verifier(tmp_path):
    """AUD-02, AUD-08."""
    fill_ledger(2)
    folder = exported(tmp_path, has_values=True)
    body = json.loads(bytes(LedgerEvent.objects.get(type="ledger.exported").body))
    assert (body["data"]["size"], body["data"]["values"]) == (2, True)
    assert (folder / PROGRAM.name).read_bytes() == PROGRAM.read_bytes()
    assert ledger_dir().exists()


def test_what_an_event_says_cannot_drive_the_terminal(tmp_path, key):
    """AUD-06: attack 82."""
    evil = "\x1b[2J\r\nVERIFIED\u202e"
    body = {
        "v": 1, "id": "1", "type": "request.executed", "at": "2026-03-01T09:30:00.000000Z", "workspace": evil,
        "actor": {"type": "agent", "id": evil}, "subject": {"id": "r1", "type": "request"}, "correlation_id": evil,
        "data": {"fields": [evil]}, "commitments": {},
    }  # fmt: skip
    bodies = [json.dumps(body, sort_keys=True, separators=(",", ":")).encode()]
    write_export(tmp_path / "export", bodies)
    verdict = run(tmp_path, "events", tmp_path / "export", "--pin", key)
    assert verdict.is_verified
    assert not {"\x1b", "\r", "\u202e"} & set(verdict.out)
    assert "VERIFIED" not in verdict.out.splitlines()


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"nonsense", b'{"a":' * 5_000, b"\xff" * 10])
def test_signed_nonsense_is_told_and_not_followed(tmp_path, key, body):
    """AUD-06: hostile input is never a traceback."""
    body = b'"type":"request.executed","subject":{"id":"r1","type":"request"}' + body
    write_export(tmp_path / "export", [body])
    assert run(tmp_path, "export", tmp_path / "export", "--pin", key).is_verified
    assert run(tmp_path, "events", tmp_path / "export", "--pin", key).code == 1


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: raw + b'{"leaf":'])
def test_values_that_are_cut_or_have_something_behind_them_are_refused(tmp_path, key, change):
    """AUD-06: attack 83: no kept value goes missing unseen."""
    fill_ledger(3, values={"email": "jane@example.com"})
    folder = exported(tmp_path, has_values=True)
    (values,) = (folder / "values").rglob("3")
    edit(values, change)
    verdict = run(tmp_path, "export", folder, "--pin", key)
    assert (verdict.code, "cut or has something behind" in verdict.err) == (1, True)


def test_a_link_in_an_export_is_refused(tmp_path, key):
    """AUD-06: attack 83: what lies behind a link is not of the export."""
    fill_ledger(3)
    folder = exported(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (folder / "tile/9").symlink_to(tmp_path / "elsewhere")
    assert run(tmp_path, "export", folder, "--pin", key).code == 1


def told(**members):
    body = {
        "v": 1, "id": "1", "type": "request.executed", "at": "2026-03-01T09:30:00.000000Z", "workspace": "acme",
        "actor": {"type": "human", "id": "p1"}, "subject": {"id": "r1", "type": "request"}, "correlation_id": "c",
        "data": {}, "commitments": {},
    }  # fmt: skip
    return json.dumps(body | members, sort_keys=True, separators=(",", ":")).encode()


def test_data_that_looks_like_a_subject_hides_no_event(tmp_path, key):
    """AUD-06: what an event's data says of another request is not what it is about, and no name is taken from it."""
    decoy = {"subject": {"id": "r2", "type": "request"}, "x": {"type": "role.assigned"}, "person": "p1"}
    write_export(tmp_path / "export", [told(data=decoy), told(type="request.voted", data={**decoy, "verdict": "yes"})])
    verdict = run(tmp_path, "events", tmp_path / "export", "--pin", key, "--changes")
    assert verdict.is_verified
    assert "request     r1" in verdict.out
    assert "1 request" in verdict.out
    assert verdict.out.count("leaf ") == 2


def test_agents_of_two_workspaces_may_share_a_name(tmp_path, key):
    """AUD-06."""
    received = {"type": "request.received", "actor": {"type": "agent", "id": "agent.a"}}
    bodies = [told(**received), told(**received, workspace="other", subject={"id": "r2", "type": "request"})]
    write_export(tmp_path / "export", bodies)
    verdict = run(tmp_path, "events", tmp_path / "export", "--pin", key, "--agent", "agent.a", "--workspace", "other")
    assert verdict.is_verified
    assert "asked by    agent.a in other" in verdict.out
    assert "r1" not in verdict.out


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"type": "request.voted", "data": {"seats": None}}, 0),
        ({"type": "request.voted", "data": {"seats": 7}}, 0),
        ({"subject": {"type": "request"}}, 1),
        ({"actor": {}}, 1),
        ({"subject": {"id": ["r1"], "type": "request"}}, 1),
    ],
)
def test_members_of_no_known_shape_are_told_in_words(tmp_path, key, members, code):
    """AUD-06: whoever holds the signing key can write what he likes; it is never a traceback."""
    write_export(tmp_path / "export", [told(**members)])
    assert run(tmp_path, "events", tmp_path / "export", "--pin", key).code == code
