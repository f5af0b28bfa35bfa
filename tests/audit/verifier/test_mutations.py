"""Nothing that was edited on its way is accepted: entries, tiles, checkpoints, values, receipts, bundles (AUD-06).

`make soak` makes 10,000 random edits of each kind, the suite some.
"""

import random

import pytest

from audit.domain.event import Subject
from audit.models import LedgerEvent
from audit.selectors.receipts import make_bundle, make_receipt
from audit.services.export import export_ledger
from audit.services.signing_key import get_verifier_key
from tests.audit.verifier.mutating import mutated
from tests.audit.verifier_program import load
from tests.builders.audit import NOW, fill_ledger

pytestmark = pytest.mark.django_db

verify = load()
COUNTS = [pytest.param(count, marks=[pytest.mark.slow] if count > 1_000 else []) for count in (40, 10_000)]


def code(*words):
    return verify.main([str(word) for word in words])


def survivors(path, commands, count, seed):
    """The edits of a file with which the command still says that it verifies. The file is as before afterwards."""
    good, chance, found = path.read_bytes(), random.Random(seed), []  # noqa: S311  # to be repeated
    for _ in range(count):
        bad = mutated(good, chance)
        path.write_bytes(bad)
        if bad != good and code(*commands) in {0, 3}:
            found.append(bad)
    path.write_bytes(good)
    return found


@pytest.mark.parametrize("count", COUNTS)
def test_no_edited_export_is_accepted(tmp_path, capsys, count):
    """AUD-06: attacks 77 to 80 and 83."""
    fill_ledger(270, values={"email": "jane@example.com"})
    folder = tmp_path / "export"
    export_ledger(path=folder, now=NOW, has_values=True)
    command = ("export", folder, "--pin", get_verifier_key())
    assert code(*command) == 0
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".py"]
    assert len(files) > 8
    for seed, path in enumerate(files):
        accepted = survivors(path, command, -(-count // len(files)), seed)
        assert [raw for raw in accepted if not only_lacks_lines(path, raw)] == [], path
    assert code(*command) == 0
    capsys.readouterr()


def only_lacks_lines(path, raw):
    """Values may be missing: they can be erased at any time."""
    return "values" in path.parts and set(raw.split(b"\n")) <= set(path.read_bytes().split(b"\n"))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("kind", ["proof", "bundle"])
def test_no_edited_receipt_or_bundle_is_accepted(tmp_path, capsys, kind, count):
    """AUD-06: attack 84."""
    fill_ledger(40, values={"email": "jane@example.com"}, subject=Subject("request", "r1"))
    file = tmp_path / "taken"
    subject = Subject("request", "r1")
    file.write_bytes(make_receipt(subject) if kind == "proof" else make_bundle(subject, has_values=True))
    command = (kind, file, "--pin", get_verifier_key())
    assert code(*command) == 0
    assert survivors(file, command, count, 11) == []
    assert LedgerEvent.objects.count() == 40
    capsys.readouterr()
