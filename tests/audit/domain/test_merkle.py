"""The tree's hashes against published roots and against the definition (AUD-01, AUD-06)."""

from hashlib import sha256

import pytest

from audit.domain.merkle import EMPTY_ROOT, CompactRange, fold_peaks, leaf_hash, perfect_root
from audit.domain.tiles import TILE_WIDTH, TiledTree, node_from_tiles, partial_widths
from tests.audit.domain import naive_merkle as naive

# Inputs and roots of the Certificate Transparency reference tests (Apache-2.0).
INPUTS = [
    bytes.fromhex(text)
    for text in [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    tree = CompactRange(leaf_hash(entry) for entry in INPUTS[:size])
    assert tree.root().hex() == ROOTS[size]
    assert naive.root(INPUTS[:size]).hex() == ROOTS[size]


def test_the_fast_roots_are_those_of_the_definition():
    entries = [str(number).encode() for number in range(130)]
    compact, tiled = CompactRange(), TiledTree()
    for size, entry in enumerate(entries, start=1):
        compact.append(leaf_hash(entry))
        tiled.append(leaf_hash(entry))
        assert compact.root() == tiled.root() == naive.root(entries[:size])


def test_tiles_are_cut_when_full_and_the_tree_resumes_from_its_edge():
    entries = [number.to_bytes(4, "big") for number in range(TILE_WIDTH * 3 + 17)]
    leaves = [leaf_hash(entry) for entry in entries]
    whole = TiledTree()
    tiles = whole.extend(leaves)
    assert [(tile.level, tile.n) for tile in tiles] == [(0, 0), (0, 1), (0, 2)]
    assert tiles[1].hashes == b"".join(leaves[256:512])
    assert tiles[1].root == naive.root(entries[256:512])
    resumed = TiledTree([leaves[768:], [tile.root for tile in tiles]])
    assert (resumed.size, resumed.root()) == (len(entries), whole.root()) == (785, naive.root(entries))


def test_a_tile_of_the_second_level_is_cut_after_65536_leaves():
    leaf = leaf_hash(b"x")
    tree = TiledTree([[leaf] * 255, [perfect_root([leaf] * 256)] * 255])
    tiles = tree.append(leaf)
    assert [(tile.level, tile.n) for tile in tiles] == [(0, 255), (1, 0)]
    assert tiles[1].root == tree.root() == perfect_root([leaf] * 65_536)
    assert partial_widths(65_536) == [0, 0, 1]
    assert tree.append(leaf) == []
    assert tree.size == 65_537


def test_a_node_is_read_from_the_tile_that_holds_it():
    level_0 = [sha256(bytes([number])).digest() for number in range(256)]
    assert node_from_tiles(2, 5, lambda level, n: level_0 if (level, n) == (0, 0) else []) == perfect_root(
        level_0[20:24]
    )
    assert node_from_tiles(9, 1, lambda level, n: level_0 if (level, n) == (1, 0) else []) == perfect_root(level_0[2:4])


@pytest.mark.parametrize("count", [0, 3, 255])
def test_a_perfect_root_needs_a_power_of_two(count):
    with pytest.raises(ValueError, match="power of two"):
        perfect_root([EMPTY_ROOT] * count)


def test_no_peaks_are_the_empty_tree():
    assert fold_peaks([]) == EMPTY_ROOT


def test_an_entry_cannot_pass_as_an_inner_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != perfect_root([left, right])
