#!/usr/bin/env python3
"""Check a Countersign ledger without Countersign: one file, nothing but Python 3.9 or later, no network.

    countersign_verify.py export DIR --pin KEY [--since CHECKPOINT]   a whole export, and that it continues an older one
    countersign_verify.py events DIR --pin KEY --agent NAME --from 2026-03-03 --to 2026-03-04 [--changes] [--json]
    countersign_verify.py consistency OLD NEW DIR --pin KEY           both checkpoints against the events of an export
    countersign_verify.py proof FILE --pin KEY [--body FILE]          one event, C2SP tlog-proof
    countersign_verify.py bundle FILE --pin KEY                       all events of one request

KEY is the text `origin+id+base64` or a file that holds it. Take it from somebody you trust and not from what you check.
--pin may be given several times: a ledger may have changed its key. An export of a later key than the pinned one is
accepted where the pinned key has introduced it.
Exit code: 0 it verifies; 1 it does not; 2 it cannot be read or asked so; 3 it agrees with itself, no key was pinned.

Sources: RFC 6962 §2.1, RFC 9162 §2.1.3–2.1.4, RFC 8032 §5.1; C2SP signed-note, tlog-checkpoint, tlog-cosignature,
tlog-tiles, tlog-proof. The format of events and exports is written down in docs/ledger-format.md.
"""

# Python 3.9 reads this file: no `match`, no `X | None` outside annotations.
from __future__ import annotations

import argparse
import base64
import binascii
import json
import os
import re
import stat
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from hashlib import sha256, sha512
from typing import Any, Callable, NamedTuple

WIDTH = 256
LARGEST_BODY = 65_535
LARGEST_NOTE = 64 * 1024
LARGEST_FILE = 64 * 1024 * 1024
LEDGER_KEY, WITNESS_KEY = 1, 4
INTRODUCED = b'"type":"ledger.key_introduced"'
MEMBERS = {"v", "id", "type", "at", "workspace", "actor", "subject", "correlation_id", "data", "commitments"}


class RefusedError(Exception):
    """What was shown is not what it says it is. Exit code 1."""


class UnreadableError(Exception):
    """There is nothing to judge: no such file, or a key that is none. Exit code 2."""


# ---- Ed25519, RFC 8032 §5.1: verification alone --------------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def add_points(p: Any, q: Any) -> Any:
    """Extended coordinates, RFC 8032 §5.1.4."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar: int, point: Any) -> Any:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add_points(result, point)
        point = add_points(point, point)
        scalar >>= 1
    return result


def read_point(raw: bytes) -> Any:
    """The point that 32 bytes stand for; None where they are no point, or not its one spelling."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def write_point(point: Any) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return int(y | (x & 1) << 255).to_bytes(32, "little")


BASE = read_point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `key` (32 bytes) made `signature` (64). Strict: one spelling of S, R and key, no small-order key."""
    if len(key) != 32 or len(signature) != 64:
        return False
    point, s = read_point(key), int.from_bytes(signature[32:], "little")
    if point is None or s >= ORDER or write_point(multiply(8, point)) == write_point((0, 1, 1, 0)):
        return False
    k = int.from_bytes(sha512(signature[:32] + key + message).digest(), "little") % ORDER
    minus_key = (P - point[0], point[1], 1, P - point[3])
    return write_point(add_points(multiply(s, BASE), multiply(k, minus_key))) == signature[:32]


# ---- the tree, RFC 6962 §2.1 ---------------------------------------------------------------------------------------
def hash_leaf(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def perfect_root(row: list[bytes]) -> bytes:
    """Over a power of two of hashes."""
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]


def tree_root(levels: Sequence[Sequence[bytes]]) -> bytes:
    """Over the unfinished tiles of all levels, from the leaves up; of an empty tree SHA-256 of nothing."""
    peaks = []
    for row in reversed(levels):
        start = 0
        while start < len(row):
            width = 1 << ((len(row) - start).bit_length() - 1)
            peaks.append(perfect_root(list(row[start : start + width])))
            start += width
    if not peaks:
        return sha256(b"").digest()
    root = peaks.pop()
    while peaks:
        root = hash_node(peaks.pop(), root)
    return root


def root_of_proof(leaf: bytes, index: int, size: int, proof: Iterable[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to, RFC 9162 §2.1.3.2; None where its length is wrong."""
    if not 0 <= index < size:
        return None
    at, last, result = index, size - 1, leaf
    for item in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            result = hash_node(item, result)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            result = hash_node(result, item)
        at, last = at >> 1, last >> 1
    return result if last == 0 else None


# ---- notes, checkpoints, keys --------------------------------------------------------------------------------------
class Key(NamedTuple):
    """What is pinned: a name, the kind of signature (1 ledger, 4 witness), 32 bytes."""

    name: str
    kind: int
    raw: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.raw).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.raw).decode()}"


class Head(NamedTuple):
    """A checkpoint whose signature held."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: list[tuple[str, bytes]]


def read_key(text: str, kind: int = LEDGER_KEY) -> Key:
    """What whoever asks has named: `name+id+base64`, or the file of that name. Raises UnreadableError."""
    is_path = "+" not in text or os.path.exists(text)  # a text, more often than a path
    return read_key_file(text, kind) if is_path else parse_key(text, kind)


def read_key_file(path: str, kind: int = LEDGER_KEY) -> Key:
    return parse_key(read_file(path, LARGEST_NOTE).decode("utf-8", "replace").strip(), kind)


def parse_key(text: str, kind: int = LEDGER_KEY) -> Key:
    """From `name+id+base64`; what an export says is never taken for a path. Raises UnreadableError."""
    name, _, rest = text.partition("+")
    id_, _, encoded = rest.partition("+")
    raw = decode(encoded)
    if not is_name(name) or raw is None or len(raw) != 33 or raw[0] != kind:
        raise UnreadableError(f"`{plain(text)[:120]}` is no key of the form name+id+base64")
    key = Key(name, kind, raw[1:])
    if key.id.hex() != id_:
        raise UnreadableError(f"the key of `{plain(name)}` does not have the id that stands with it: mistyped?")
    return key


def is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def decode(text: str) -> bytes | None:
    """Standard base64 in its one spelling, else None."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def open_note(note: bytes, *keys: Key) -> Head:
    """The checkpoint that a signed note carries, signed by one of the keys (without any the signature is unjudged)."""
    head = read_head(*split_note(note))
    if keys and all(head.origin != key.name for key in keys):
        raise RefusedError(f"the checkpoint is of `{plain(head.origin)}`, not of `{plain(keys[0].name)}`")
    if keys and not any(has_signed(key, head.text, head.signatures) for key in keys):
        raise RefusedError("the pinned key has not signed this checkpoint")
    return head


def split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Text and signatures of a signed note."""
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedError("the checkpoint is no text") from None
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or len(note) > LARGEST_NOTE:
        raise RefusedError("a checkpoint has a text, a blank line and signatures")
    return text + "\n", [read_signature(line) for line in lines[:-1].split("\n")]


def has_signed(key: Key, text: str, signatures: list[tuple[str, bytes]]) -> bool:
    """Whether the key's signature is there and holds; one that does not hold is refused whatever else is there."""
    mine = [signature for name, signature in signatures if name == key.name and signature[:4] == key.id]
    if mine and not is_signed(key.raw, text.encode(), mine[0][4:]):
        raise RefusedError("the signature does not match the checkpoint")
    return bool(mine)


def read_rotations(folder: str) -> list[str]:
    """The notes by which keys introduced keys, in the order of their events."""
    path = f"{folder}/rotations"
    if not os.path.lexists(path):
        return []
    raw = read_file(path, LARGEST_FILE)
    notes = read_json(raw, "the list of rotations")
    if not isinstance(notes, list) or not notes or raw != one_spelling(notes) + b"\n":
        raise RefusedError("the list of rotations is malformed")
    return [str(note) for note in notes]


def notes_of(body: bytes) -> list[str]:
    """The note of an event that introduces a key; none of another."""
    event = json.loads(body)
    return [str(event["data"]["note"])] if event["type"] == "ledger.key_introduced" else []


def follow_keys(keys: list[Key], folder: str) -> list[Key]:
    """The pinned keys, and those that they introduced, one after the other."""
    for note in read_rotations(folder):
        text, signatures = split_note(str(note).encode("utf-8", "replace"))
        lines = text.split("\n")
        if len(lines) != 5 or lines[1] != "key rotation v1":
            raise RefusedError("a rotation names an old and a new key")
        old, new = (parse_key(line) for line in lines[2:4])
        if not lines[0] == old.name == new.name or not all(has_signed(key, text, signatures) for key in (old, new)):
            raise RefusedError("both keys of a rotation sign it")
        if old in keys and new not in keys:
            keys = [*keys, new]
    return keys


def read_head(text: str, signatures: list[tuple[str, bytes]]) -> Head:
    lines = text.split("\n")
    root = decode(lines[2]) if len(lines) == 4 else None
    if root is None or len(root) != 32 or not is_name(lines[0]) or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
        raise RefusedError("a checkpoint has an origin, a size and a root, each in its one spelling")
    return Head(lines[0], int(lines[1]), root, text, signatures)


def read_signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = decode(encoded)
    if dash != "—" or not is_name(name) or raw is None or len(raw) < 5:
        raise RefusedError("a signature line of the checkpoint is malformed")
    return name, raw


def check_witnesses(head: Head, keys: Sequence[Key]) -> list[str]:
    """The witnesses among `keys` that have seen this checkpoint, with the time that each gave (cosignature/v1)."""
    seen = []
    for key in keys:
        for name, raw in head.signatures:
            if name == key.name and raw[:4] == key.id and len(raw) == 76:
                time = int.from_bytes(raw[4:12], "big")
                message = f"cosignature/v1\ntime {time}\n{head.text}".encode()
                if is_signed(key.raw, message, raw[12:]):
                    seen.append(f"{plain(name)} at {moment_of(time)}")
    return seen


def moment_of(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return f"second {seconds}"


# ---- files of an export, C2SP tlog-tiles ---------------------------------------------------------------------------
def read_file(path: str, limit: int) -> bytes:
    """A plain file of at most `limit` bytes: no pipe, no device, nothing that never ends."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise UnreadableError(f"`{plain(path)}` cannot be read: {getattr(error, 'strerror', error)}") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise UnreadableError(f"`{plain(path)}` is no plain file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise RefusedError(f"`{plain(path)}` is larger than it can be")
    return content


def tile_name(n: int, width: int) -> str:
    """`000`, `x001/234`, `x001/234.p/17`."""
    digits = f"{n:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return name if width == WIDTH else f"{name}.p/{width}"


def part(folder: str, kind: str, n: int, width: int, limit: int) -> bytes:
    try:
        return read_file(f"{folder}/tile/{kind}/{tile_name(n, width)}", limit)
    except UnreadableError as error:
        raise RefusedError(f"the export is not whole: {error}") from None


def read_bundle(folder: str, n: int, width: int) -> list[bytes]:
    """The `width` bodies of entry bundle `n`."""
    raw = part(folder, "entries", n, width, width * (LARGEST_BODY + 2))
    bodies, at = [], 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(raw[at:start], "big")
        bodies.append(raw[start:at])
    if at != len(raw):
        raise RefusedError(f"events {n * WIDTH} to {n * WIDTH + width - 1} are cut or have something behind them")
    return bodies


Visit = Callable[[int, "list[bytes]"], None]


def walk(folder: str, size: int, marks: Iterable[int] = (), visit: Visit | None = None) -> dict[int, bytes]:
    """Hash every event of an export of `size`, compare every tile; returns the roots at `size` and at each mark.

    Holds 256 events and 255 hashes a level at a time, however large the export is. Raises RefusedError.
    """
    levels: list[list[bytes]] = [[]]
    wanted = sorted({mark for mark in marks if 0 < mark <= size} | {size})
    roots = {}
    for n in range(-(-size // WIDTH)):
        first, width = n * WIDTH, min(WIDTH, size - n * WIDTH)
        bodies = read_bundle(folder, n, width)
        levels[0] = [sha256(b"\x00" + body).digest() for body in bodies]
        compare(folder, 0, n, levels[0])
        while wanted and wanted[0] <= first + width:
            roots[wanted[0]] = tree_root([levels[0][: wanted[0] - first], *levels[1:]])
            wanted.pop(0)
        if visit is not None:
            visit(first, bodies)
        climb(folder, n, levels)
    for level, row in enumerate(levels):
        if row and level:
            compare(folder, level, size // WIDTH ** (level + 1), row)
    roots.setdefault(size, tree_root(levels))
    return roots


def climb(folder: str, n: int, levels: list[list[bytes]]) -> None:
    """Hand the root of each finished tile to the level above."""
    level = 0
    while len(levels[level]) == WIDTH:
        if level:
            compare(folder, level, (n + 1) // WIDTH**level - 1, levels[level])
        if level + 1 == len(levels):
            levels.append([])
        levels[level + 1].append(perfect_root(levels[level]))
        levels[level] = []
        level += 1


def compare(folder: str, level: int, n: int, hashes: list[bytes]) -> None:
    stored = part(folder, str(level), n, len(hashes), WIDTH * 32)
    if stored == b"".join(hashes):
        return
    if len(stored) != 32 * len(hashes):
        raise RefusedError(f"tile {level}/{n} does not have the length that it should")
    at = next(at for at, item in enumerate(hashes) if stored[32 * at : 32 * at + 32] != item)
    place = f"event {n * WIDTH + at} is not the one" if level == 0 else f"tile {level}/{n} is not the one"
    raise RefusedError(f"{place} that the tree was built of")


def check_strays(folder: str, size: int) -> None:
    """Nothing may lie under `tile` that the tree does not have: a second version of something would be there."""
    for top, prefix in (("tile", ""), ("values", "entries/")):
        base = os.path.join(folder, top)
        for at, folders, names in os.walk(base):
            if any(os.path.islink(os.path.join(at, name)) for name in ("", *folders, *names)):
                raise RefusedError(
                    f"there is a link in `{plain(os.path.relpath(at, folder))}`: an export holds its files itself"
                )
            for name in names:
                path = os.path.relpath(os.path.join(at, name), base).replace(os.sep, "/")
                if not is_tile(prefix + path, size):
                    raise RefusedError(f"`{top}/{plain(path)}` does not belong to this tree")


def is_tile(path: str, size: int) -> bool:
    kind, _, name = path.partition("/")
    if kind != "entries" and not re.fullmatch("[0-9]|[1-9][0-9]", kind):
        return False
    count = size // WIDTH ** (0 if kind == "entries" else int(kind))
    digits = "".join(sign for sign in name.partition(".p/")[0] if sign.isdigit())
    n = int(digits) if digits and len(digits) < 25 else count
    width = min(WIDTH, count - n * WIDTH)
    return width > 0 and name == tile_name(n, width)


# ---- events --------------------------------------------------------------------------------------------------------
def read_event(body: bytes, index: int) -> dict[str, Any]:
    """The members of a body. Raises RefusedError where it is not of the ledger's shape."""
    event = read_json(body, f"event {index}")
    shaped = isinstance(event, dict) and set(event) == MEMBERS
    if shaped:
        shaped = all(isinstance(event[name], str) for name in ("id", "type", "at", "workspace", "correlation_id"))
        shaped = shaped and all(isinstance(event[name], dict) for name in ("actor", "subject", "data", "commitments"))
        parties = (event["actor"], event["subject"]) if shaped else ()
        shaped = shaped and all(isinstance(one.get(name), str) for one in parties for name in ("type", "id"))
    if not shaped:
        raise RefusedError(f"event {index} is not of the ledger's shape")
    return dict(event)


def read_json(raw: bytes, what: str) -> Any:
    try:
        return json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RefusedError(f"{what} is no JSON") from None


def one_spelling(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return b""


def check_values(event: dict[str, Any], values: Any, index: int) -> dict[str, Any]:
    """The kept values of an event, each as the event commits to it: SHA-256(salt ‖ canonical text)."""
    if not isinstance(values, dict):
        raise RefusedError(f"the kept values of event {index} are not of their shape")
    found = {}
    for name, kept in values.items():
        is_pair = isinstance(kept, dict) and set(kept) == {"salt", "text"}
        salt, text = (kept["salt"], kept["text"]) if is_pair else (None, None)
        if not isinstance(text, str) or not isinstance(salt, str) or not re.fullmatch("[0-9a-f]{32}", salt):
            raise RefusedError(f"the kept value `{plain(name)}` of event {index} is not of its shape")
        raw = text.encode("utf-8", "surrogatepass")
        if event["commitments"].get(name) != sha256(bytes.fromhex(salt) + raw).hexdigest():
            raise RefusedError(f"the kept value `{plain(name)}` of event {index} is not the one that was recorded")
        found[name] = read_json(raw, f"the kept value `{plain(name)}` of event {index}")
    return found


def read_values(folder: str, first: int, bodies: list[bytes]) -> dict[int, dict[str, Any]]:
    """Leaf → values, of the events of one bundle; an export without `values` has none. Each is checked."""
    width = len(bodies)
    path = f"{folder}/values/{tile_name(first // WIDTH, width)}"
    if not os.path.lexists(path):
        return {}
    found: dict[int, dict[str, Any]] = {}
    last = first - 1
    lines = read_file(path, LARGEST_FILE).split(b"\n")
    if lines.pop():
        raise RefusedError(f"`{plain(path)}` is cut or has something behind its last line")
    for line in lines:
        kept = read_json(line, f"`{plain(path)}`")
        is_shaped = isinstance(kept, dict) and set(kept) == {"leaf", "values"} and one_spelling(kept) == line
        leaf = kept["leaf"] if is_shaped else None
        if type(leaf) is not int or not last < leaf < first + width:
            raise RefusedError(f"`{plain(path)}` is not of its shape")
        found[leaf] = check_values(read_event(bodies[leaf - first], leaf), kept["values"], leaf)
        last = leaf
    return found


# ---- showing -------------------------------------------------------------------------------------------------------
def plain(text: object) -> str:
    """Foreign text for a terminal: what is not printable is escaped, so that it cannot pretend to be ours."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in str(text))


def short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = plain(text)
    return text if len(text) <= 200 else f"{text[:199]}…"


def tell(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")


# ---- what can be asked ---------------------------------------------------------------------------------------------
def open_export(arguments: argparse.Namespace) -> tuple[Head, Key]:
    """The head of the export's checkpoint under the pinned key, else under the export's own."""
    folder = arguments.folder
    key = read_key_file(f"{folder}/verifier.key")
    if key not in pinned_keys(arguments) or read_file(f"{folder}/verifier.key", LARGEST_NOTE) != f"{key}\n".encode():
        raise RefusedError("the export was signed by another key than the pinned one")
    return open_note(read_file(f"{folder}/checkpoint", LARGEST_NOTE), key), key


def pinned_keys(arguments: argparse.Namespace) -> list[Key]:
    """What was pinned, with what it introduced; of an export without a pin its own key."""
    keys = [read_key(text) for text in arguments.pin]
    folder = getattr(arguments, "folder", "")
    if not folder:
        return keys
    return follow_keys(keys or [read_key_file(f"{folder}/verifier.key")], folder)


def verify_export(arguments: argparse.Namespace, older: Sequence[Head] = (), visit: Visit | None = None) -> Head:
    """Everything that an export can be held to; tells what held. Raises RefusedError."""
    head, key = open_export(arguments)
    check_strays(arguments.folder, head.size)
    for old in older:
        if not 0 < old.size <= head.size:
            raise RefusedError(f"the checkpoint of {old.size} events is newer than this export of {head.size}")

    has_values = os.path.lexists(f"{arguments.folder}/values")
    introduced: list[str] = []

    def look(first: int, bodies: list[bytes]) -> None:
        if has_values:
            read_values(arguments.folder, first, bodies)
        introduced.extend(note for body in bodies if INTRODUCED in body for note in notes_of(body))
        if visit is not None:
            visit(first, bodies)

    roots = walk(arguments.folder, head.size, [old.size for old in older], look)
    check_roots(head, older, roots)
    if introduced != read_rotations(arguments.folder):
        raise RefusedError("the rotations of the export are not those of its events")
    witnesses = [read_key(text, WITNESS_KEY) for text in arguments.witness]
    seen = check_witnesses(head, witnesses)
    if len(seen) < len(witnesses):
        raise RefusedError(f"{len(seen)} of {len(witnesses)} witnesses have signed the checkpoint")
    pinned = "pinned" if arguments.pin else "NOT PINNED: taken from the export itself"
    if arguments.pin and key not in [read_key(text) for text in arguments.pin]:
        pinned = "introduced by the pinned one"
    lines = [
        f"ledger      {plain(head.origin)}",
        f"tree        {head.size} events under root {head.root.hex()}",
        f"signed by   key {key.id.hex()}, {pinned}",
        *(f"witness     {line}" for line in seen),
        *(f"since       the {old.size} events of the older checkpoint are all there, unchanged" for old in older),
    ]
    stream = sys.stderr if getattr(arguments, "json", False) else sys.stdout
    stream.write("\n".join(lines) + "\n")
    return head


def check_roots(head: Head, older: Sequence[Head], roots: dict[int, bytes]) -> None:
    """The signed root, and that of every older checkpoint, against those that the events give."""
    if roots[head.size] != head.root:
        raise RefusedError("the events do not give the root that was signed")
    for old in older:
        if roots[old.size] != old.root:
            raise RefusedError(f"the first {old.size} events are not those of the older checkpoint: rewritten")


def older_heads(arguments: argparse.Namespace, *paths: str) -> list[Head]:
    keys = pinned_keys(arguments)
    return [open_note(read_file(path, LARGEST_NOTE), *keys) for path in paths]


def run_export(arguments: argparse.Namespace) -> None:
    verify_export(arguments, older_heads(arguments, *arguments.since))


def run_consistency(arguments: argparse.Namespace) -> None:
    old, new = older_heads(arguments, arguments.old, arguments.new)
    if old.size > new.size:
        raise RefusedError(f"OLD has {old.size} events, NEW only {new.size}")
    verify_export(arguments, [old, new])


def run_proof(arguments: argparse.Namespace) -> None:
    raw = read_file(arguments.file, LARGEST_FILE)
    index, hashes, extra, head = read_proof(raw, *pinned_keys(arguments))
    body = read_file(arguments.body, LARGEST_BODY) if arguments.body else extra
    if body is None:
        raise UnreadableError("this proof carries no event: give its bytes by --body")
    check_included(body, index, hashes, head)
    event = read_event(body, index)
    tell(f"ledger      {plain(head.origin)}")
    tell(f"proven      event {index} of {head.size}: {one_line(event)}")
    for name, value in sorted(event["data"].items()):
        tell(f"            {plain(name)}: {short(value)}")


def read_proof(raw: bytes, *keys: Key) -> tuple[int, list[bytes], bytes | None, Head]:
    """Index, hashes, extra data and head of a C2SP tlog-proof."""
    front, blank, note = raw.partition(b"\n\n")
    try:
        lines = front.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = []
    if not blank or lines[:1] != ["c2sp.org/tlog-proof@v1"]:
        raise RefusedError("this is no C2SP tlog-proof")
    lines.pop(0)
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = decode(lines.pop(0)[len("extra ") :])
        if extra is None:
            raise RefusedError("the extra data of the proof is malformed")
    found = re.fullmatch("index (0|[1-9][0-9]{0,17})", lines.pop(0)) if lines else None
    hashes = [decode(line) for line in lines]
    if found is None or len(hashes) > 63 or any(item is None or len(item) != 32 for item in hashes):
        raise RefusedError("the proof is malformed")
    return int(found.group(1)), [item for item in hashes if item is not None], extra, open_note(note, *keys)


def check_included(body: bytes, index: int, hashes: Iterable[bytes], head: Head) -> None:
    if root_of_proof(hash_leaf(body), index, head.size, hashes) != head.root:
        raise RefusedError(f"these bytes are not event {index} of the tree of {head.size}")


def run_bundle(arguments: argparse.Namespace) -> None:
    raw = read_file(arguments.file, LARGEST_FILE)
    bundle = read_json(raw, "the bundle")
    if not isinstance(bundle, dict) or set(bundle) != {"countersign_bundle", "subject", "checkpoint", "events"}:
        raise RefusedError("this is no bundle")
    note, events = bundle["checkpoint"], bundle["events"]
    is_shaped = isinstance(note, str) and isinstance(events, list) and bool(events)
    if type(bundle["countersign_bundle"]) is not int or bundle["countersign_bundle"] != 1 or not is_shaped:
        raise RefusedError("this bundle is of a version or shape that this program does not know")
    if one_spelling(bundle) != raw:
        raise RefusedError("the bundle is not in its one spelling")
    head = open_note(note.encode("utf-8", "replace"), *pinned_keys(arguments))
    story, last = [], -1
    for item in events:
        index, event, values = read_item(item, head)
        if index <= last or event["subject"] != bundle["subject"]:
            raise RefusedError(f"event {index} is not one of this subject, or not in its place")
        last = index
        story.append((index, event, values))
    tell(f"ledger      {plain(head.origin)}")
    tell(f"proven      {len(story)} events of {short(bundle['subject'])} in the tree of {head.size}")
    show_request(story, {})
    tell("            (a bundle proves what it holds; that nothing is missing only a whole export can show)")


def read_item(item: Any, head: Head) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """One proven event of a bundle: index, event, values."""
    if not isinstance(item, dict) or set(item) != {"index", "body", "hashes", "values"}:
        raise RefusedError("an event of the bundle is not of its shape")
    index, body, hashes = item["index"], item["body"], item["hashes"]
    if type(index) is not int or not isinstance(body, str) or not isinstance(hashes, list) or len(hashes) > 63:
        raise RefusedError("an event of the bundle is not of its shape")
    proof = [decode(text) if isinstance(text, str) else None for text in hashes]
    if any(one is None or len(one) != 32 for one in proof):
        raise RefusedError(f"the proof of event {index} is malformed")
    raw = body.encode("utf-8", "replace")
    check_included(raw, index, [one for one in proof if one is not None], head)
    event = read_event(raw, index)
    return index, event, check_values(event, item["values"], index)


# ---- events of an export -------------------------------------------------------------------------------------------
# What to look at more closely: an event's data may hold the like, so that only the parsed event decides.
SUBJECT = re.compile(rb'"subject":\{"id":"([^"\\]+)","type":"request"\}')
NAMINGS = (b'"type":"role.assigned"', b'"type":"agent_version.recorded"')


def run_events(arguments: argparse.Namespace) -> None:
    """Two passes: which requests are asked for, then their whole story under the proof; told when all of it held."""
    start, end = read_time(arguments.start), read_time(arguments.end)
    head, _key = open_export(arguments)
    wanted = find_requests(arguments, head.size, start, end)
    stories: dict[str, Any] = defaultdict(list)
    names: dict[str, str] = {}

    def visit(first: int, bodies: list[bytes]) -> None:
        values = read_values(arguments.folder, first, bodies)
        for at, body in enumerate(bodies):
            if not (any(name in body for name in NAMINGS) or wanted.intersection(SUBJECT.findall(body))):
                continue
            event, kept = read_event(body, first + at), values.get(first + at, {})
            if is_of(event, wanted):
                stories[event["subject"]["id"]].append((first + at, event, kept))
            elif event["type"] in ("role.assigned", "agent_version.recorded"):
                note_name(event, kept, names)

    verify_export(arguments, older_heads(arguments, *arguments.since), visit)
    shown = [story for story in stories.values() if not arguments.agent or asked_by(story) == arguments.agent]
    for story in sorted(shown, key=ended_at):
        if arguments.json:
            tell(json.dumps(as_json(story, names), sort_keys=True))
        else:
            tell()
            show_request(story, names)
    if not arguments.json:
        tell(f"\n{len(shown)} request{'' if len(shown) == 1 else 's'}")


def find_requests(arguments: argparse.Namespace, size: int, start: str, end: str) -> set[bytes]:
    """Ids of the requests that something happened to (with --changes: that were carried out) in the time asked for."""
    pattern = b'"type":"request.executed"' if arguments.changes else b'"type":"request.'
    found = set()
    for n in range(-(-size // WIDTH)):
        bodies = read_bundle(arguments.folder, n, min(WIDTH, size - n * WIDTH))
        for at, body in enumerate(bodies):
            event = read_event(body, n * WIDTH + at) if pattern in body else None
            if event is not None and is_asked_for(event, arguments) and is_in_time(event["at"], start, end):
                found.add(event["subject"]["id"].encode("utf-8", "replace"))
    return found


def is_asked_for(event: dict[str, Any], arguments: argparse.Namespace) -> bool:
    is_told = event["type"] == "request.executed" if arguments.changes else event["type"].startswith("request.")
    is_there = not arguments.workspace or event["workspace"] == arguments.workspace
    return bool(is_told and is_there and event["subject"]["type"] == "request")


def is_of(event: dict[str, Any], wanted: set[bytes]) -> bool:
    subject = event["subject"]
    return subject["type"] == "request" and subject["id"].encode("utf-8", "replace") in wanted


def is_in_time(at: str, start: str, end: str) -> bool:
    return (not start or at >= start) and (not end or at < end)


def read_time(text: str) -> str:
    """A day or a moment as events spell it, always in UTC; `--to` is not part of the span. "" stands for no bound."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        utc = moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise UnreadableError(f"`{plain(text)}` is no time like 2026-03-03 or 2026-03-03T09:30:00Z") from None
    return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def note_name(event: dict[str, Any], values: dict[str, Any], names: dict[str, str]) -> None:
    """What ids stand for: a person's name where it is kept, an agent version's model and prompt."""
    data = event["data"]
    if isinstance(data.get("person"), str) and isinstance(values.get("name"), str):
        names[data["person"]] = values["name"]
    if isinstance(data.get("fingerprint"), str):
        names[data["fingerprint"]] = f"{data.get('model')}, {data.get('prompt_template')}"


def first_of(story: Any, type_: str) -> dict[str, Any]:
    return next((event["data"] for _, event, _ in story if event["type"] == type_), {})


def asked_by(story: Any) -> str:
    return next((str(event["actor"].get("id")) for _, event, _ in story if event["type"] == "request.received"), "")


def ended_at(story: Any) -> str:
    return str(story[-1][1]["at"])


def one_line(event: dict[str, Any]) -> str:
    actor = f"{event['actor'].get('type')} {event['actor'].get('id')}"
    return plain(f"{event['at']} {event['type']} by {actor}")


def changed_values(story: Any) -> tuple[Any, Any]:
    """What the record held before and after, of the last try, where the values are kept."""
    before = after = None
    for _, event, values in story:
        before = values.get("before", before) if event["type"] == "request.record_read" else before
        after = values.get("after", after) if event["type"] == "request.verified" else after
    return before, after


def allowed_by(story: Any, names: dict[str, str]) -> list[str]:
    """Policy and people, each with what the ledger has of them."""
    decided = first_of(story, "request.decided")
    lines = [f"policy {decided.get('policy_version', '?')}: {decided.get('outcome', '?')} ({decided.get('risk_tier')})"]
    for _, event, values in story:
        if event["type"] in {"request.voted", "request.approved", "request.denied"}:
            person = str(event["actor"].get("id"))
            name = f"{names[person]} ({person})" if person in names else person
            if event["type"] == "request.voted":
                told = event["data"].get("seats")
                seats = [
                    seat.get("group") for seat in (told if isinstance(told, list) else ()) if isinstance(seat, dict)
                ]
                said = f": “{values['reason']}”" if values.get("reason") else ""
                lines.append(f"{name} voted {event['data'].get('verdict')} for {seats} at {event['at']}{said}")
    return [plain(line) for line in lines]


def as_json(story: Any, names: dict[str, str]) -> dict[str, Any]:
    before, after = changed_values(story)
    return {
        "request": story[0][1]["subject"]["id"],
        "agent": asked_by(story),
        "workspace": story[0][1]["workspace"],
        "received": first_of(story, "request.received"),
        "decided": first_of(story, "request.decided"),
        "allowed_by": allowed_by(story, names),
        "before": before,
        "after": after,
        "events": [{"leaf": index, "event": event, "values": values} for index, event, values in story],
    }


def show_request(story: Any, names: dict[str, str]) -> None:
    """One request in lines: what was asked, who allowed it, what changed, where each step stands in the tree."""
    received, last = first_of(story, "request.received"), story[-1][1]
    what = " ".join(str(received.get(name, "")) for name in ("action", "object", "record"))
    tell(short(f"request     {last['subject'].get('id')}: {what}"))
    version = str(received.get("agent_version"))
    asker = f"{asked_by(story)} in {last['workspace']}"
    tell(short(f"asked by    {asker}, reason code {received.get('reason_code')}"))
    tell(short(f"with        {names.get(version, 'version')} ({version})"))
    for line in allowed_by(story, names):
        tell(f"allowed by  {line}")
    before, after = changed_values(story)
    fields = first_of(story, "request.verified").get("fields") or received.get("fields") or []
    for field in fields if isinstance(fields, list) else []:
        if isinstance(before, dict) and isinstance(after, dict):
            tell(f"changed     {short(field)}: {short(before.get(field))} → {short(after.get(field))}")
        else:
            tell(f"changed     {short(field)} (its values are not in this file)")
    for index, event, _ in story:
        tell(f"  leaf {index:<8} {one_line(event)}")


# ---- the command line ----------------------------------------------------------------------------------------------
def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    description, _, _ = (__doc__ or "").partition("Sources:")
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="countersign_verify.py", description=description, formatter_class=raw)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("export", run_export), ("events", run_events), ("consistency", run_consistency)):
        command = commands.add_parser(name)
        command.set_defaults(run=run, since=[])
        if name == "consistency":
            command.add_argument("old")
            command.add_argument("new")
        else:
            command.add_argument("--since", action="append", default=[], metavar="CHECKPOINT")
        command.add_argument("folder", metavar="DIR")
        command.add_argument("--witness", action="append", default=[], metavar="KEY")
        if name == "events":
            add_questions(command)
    for name, run in (("proof", run_proof), ("bundle", run_bundle)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("file")
        if name == "proof":
            command.add_argument("--body", default="")
    for command in commands.choices.values():
        command.add_argument("--pin", action="append", default=[], metavar="KEY")
    return parser.parse_args(words)


def add_questions(command: argparse.ArgumentParser) -> None:
    command.add_argument("--agent", default="", help="the requests of this agent alone")
    command.add_argument("--workspace", default="", help="those of this workspace alone")
    command.add_argument("--from", dest="start", default="", help="UTC day or moment")
    command.add_argument("--to", dest="end", default="", help="UTC day or moment, not itself part of the span")
    command.add_argument("--changes", action="store_true", help="only what was carried out in that span")
    command.add_argument("--json", action="store_true", help="a line of JSON for each request")


def main(words: Sequence[str]) -> int:
    """Run one command; returns the exit code. Whatever it is shown, it answers in words."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = read_arguments(words)
    try:
        arguments.run(arguments)
    except RefusedError as error:
        sys.stderr.write(f"DOES NOT VERIFY: {error}\n")
        return 1
    except (UnreadableError, OSError, ValueError, RecursionError, MemoryError) as error:
        sys.stderr.write(f"cannot be checked: {error}\n")
        return 2
    except Exception as error:  # noqa: BLE001  # whatever else it was shown: a traceback would say less
        sys.stderr.write(f"DOES NOT VERIFY: something in it is of no known shape ({type(error).__name__})\n")
        return 1
    sys.stdout.flush()
    unpinned = "it agrees with itself, but NO KEY WAS PINNED: nobody vouches for it\n"
    sys.stderr.write("VERIFIED\n" if arguments.pin else unpinned)
    return 0 if arguments.pin else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
