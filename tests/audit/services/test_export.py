"""The export: a stranger's tools recompute the signed root from its files alone (AUD-06)."""

import base64
import struct

import pytest

from audit.domain.merkle import leaf_hash
from audit.services.export import ExportError, export_ledger, tile_path
from tests.audit.domain import naive_merkle as naive
from tests.builders.audit import NOW, append, fill_ledger, new_event

pytestmark = pytest.mark.django_db


def files(path):
    """The tiles of a level in their order, full ones before the partial one."""
    return [item for item in sorted(path.rglob("*")) if item.is_file()]


def read_entries(path):
    entries = []
    for file in files(path / "tile" / "entries"):
        bundle = file.read_bytes()
        while bundle:
            (length,) = struct.unpack(">H", bundle[:2])
            entries.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
    return entries


@pytest.mark.parametrize("count", [1, 255, 256, 600])
def test_the_root_can_be_recomputed_from_the_entries(tmp_path, count):
    fill_ledger(count)
    append(new_event())  # not signed: not exported
    assert export_ledger(path=tmp_path / "out", now=NOW) == count
    origin, size, root = (tmp_path / "out" / "checkpoint").read_text().splitlines()[:3]
    entries = read_entries(tmp_path / "out")
    assert (int(size), len(entries)) == (count, count)
    assert naive.root(entries) == base64.b64decode(root)
    leaves = b"".join(file.read_bytes() for file in files(tmp_path / "out" / "tile" / "0"))
    assert leaves == b"".join(leaf_hash(entry) for entry in entries)
    assert (tmp_path / "out" / "verifier.key").read_text().startswith(f"{origin}+")


def test_the_upper_level_holds_the_roots_of_full_tiles(tmp_path):
    fill_ledger(600)
    export_ledger(path=tmp_path / "out", now=NOW)
    entries = read_entries(tmp_path / "out")
    upper = (tmp_path / "out" / "tile" / "1" / "000.p" / "2").read_bytes()
    assert upper == naive.root(entries[:256]) + naive.root(entries[256:512])


def test_erasable_values_stay_at_home(tmp_path):
    fill_ledger(2, values={"email": "jane@example.com"})
    export_ledger(path=tmp_path / "out", now=NOW)
    assert not [file for file in files(tmp_path / "out") if b"jane" in file.read_bytes()]


def test_nothing_is_overwritten_and_nothing_unsigned_exported(tmp_path):
    with pytest.raises(ExportError, match="no checkpoint"):
        export_ledger(path=tmp_path / "out", now=NOW)
    fill_ledger(1)
    (tmp_path / "mine").write_text("x")
    with pytest.raises(ExportError, match="not empty"):
        export_ledger(path=tmp_path, now=NOW)


@pytest.mark.parametrize(
    ("n", "width", "path"),
    [(0, 256, "000"), (5, 17, "005.p/17"), (1234, 256, "x001/234"), (1_234_067, 2, "x001/x234/067.p/2")],
)
def test_tile_paths_are_those_of_the_format(n, width, path):
    assert tile_path(n, width) == path
