"""Exports of any bodies, made without the database, as whoever holds the signing key could make them."""

import struct
from collections.abc import Sequence
from pathlib import Path

from audit.domain.merkle import leaf_hash
from audit.domain.note import TreeHead, sign_tree_head
from audit.domain.tiles import TiledTree
from audit.services.export import tile_path
from audit.services.signing_key import get_origin, get_signing_key, get_verifier_key


def write_export(folder: Path, bodies: Sequence[bytes]) -> None:
    """An export of bodies as whoever holds the signing key could make it."""
    tree = TiledTree()
    full = tree.extend(leaf_hash(body) for body in bodies)
    files = {f"tile/{tile.level}/{tile_path(tile.n, 256)}": tile.hashes for tile in full}
    for level, edge in enumerate(tree._edges):
        if edge:
            n = (len(bodies) >> (8 * level)) // 256
            files[f"tile/{level}/{tile_path(n, len(edge))}"] = b"".join(edge)
    for at in range(0, len(bodies), 256):
        part = bodies[at : at + 256]
        bundle = b"".join(struct.pack(">H", len(body)) + body for body in part)
        files[f"tile/entries/{tile_path(at // 256, len(part))}"] = bundle
    head = TreeHead(get_origin(), len(bodies), tree.root())
    files["checkpoint"] = sign_tree_head(head, get_signing_key()).encode()
    files["verifier.key"] = get_verifier_key().encode() + b"\n"
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
