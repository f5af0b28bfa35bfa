"""Checks a certificate of non-contact offline, with Python's own library alone (DNC-07).

    python noncontact.py CERTIFICATE VERIFIER_KEY [--map-key HEX] [--export DIRECTORY]

The verifier key is the one that you pinned, never one that came with the file. Exit codes: 0 it holds, 1 it is
refused, 2 it cannot be read. One file on purpose: it is carried to whoever must not trust us. The format is in
docs/ledger-format.md; what is proven to whom, in the decision record 0022.
"""

import argparse
import base64
import hashlib
import hmac
import itertools
import json
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FORMAT = "countersign-noncontact/1"
TITLE = "certificate of contacts v1"
Json = dict[str, Any]
Send = tuple[int, str, str, list[str] | None]
"""Leaf, day, event, labels; None for what should have some and does not say whom it reached."""
SENDING = frozenset({"create_meeting", "enroll_sequence", "push_to_dialer", "send_email"})
"""The actions that reach people."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
ENTRIES_A_BUNDLE = 256


class RefusedError(ValueError):
    """The certificate does not hold; the message says why."""


@dataclass(frozen=True)
class Finding:
    """What was shown. `sends`: the requests behind every send in the period, with what became of each, empty for no
    contact. `known_until`: up to which day later maps were looked at. `is_name_proven`: the labels were made anew from
    the names with the map key. The rest is for `recheck_certificate`: labels and event ids in text, roots by day."""

    workspace: str
    names: tuple[str, ...]
    first_day: str
    last_day: str
    known_until: str
    days: int
    attempts: int
    sends: tuple[str, ...]
    tree_size: int
    tree_root: bytes
    labels: frozenset[str]
    send_events: frozenset[str]
    roots: tuple[tuple[str, str], ...]
    is_name_proven: bool


def verify_certificate(content: bytes, verifier_key: str, map_key: bytes | None = None) -> Finding:
    """Check everything that the file claims, against one pinned key or several with white space between (a ledger may
    have changed its key). Raises RefusedError, and nothing else, whatever the file holds."""
    try:
        return _verify(content, verifier_key, map_key)
    except RefusedError:
        raise
    except Exception as error:
        raise RefusedError(f"it is not a certificate: {type(error).__name__}") from error


def recheck_certificate(found: Finding, bodies: list[bytes]) -> list[str]:
    """What is wrong with a verified certificate, held against the whole ledger: it must be the one under the
    certificate's checkpoint, with more behind it at most; its maps made anew must be those of the certificate; and no
    send of the period may be left out, whatever a map says, nor keep silent about whom it reached. Nothing wrong: an
    empty list."""
    if len(bodies) < found.tree_size or _root(bodies[: found.tree_size]) != found.tree_root:
        return ["the export is not of the ledger that the certificate is about, or is older than it"]
    try:
        days, sends = _read_ledger(bodies, found.workspace)
        there = {(data["day"], data["root"]) for data in days}
        problems = [f"the export has no such map of {day}" for day, root in found.roots if (day, root) not in there]
        problems += recheck_maps(bodies, found.workspace)
        for _, day, event_id, labels in sends:
            if not found.first_day <= day <= found.last_day:
                continue
            if labels is None:
                problems.append(f"the ledger has a send of {day} that does not say whom it reached: {event_id}")
            elif not found.labels.isdisjoint(labels) and event_id not in found.send_events:
                problems.append(f"the ledger has a send of {day} that the certificate does not show: {event_id}")
    except Exception as error:
        raise RefusedError(f"the export holds no events of a ledger: {type(error).__name__}") from error
    return problems


def recheck_maps(bodies: list[bytes], workspace: str) -> list[str]:
    """What is wrong with the days' maps of a workspace: made anew from the events of the whole ledger, leaf by leaf.

    `bodies` must be those of a verified export, from leaf 0 on. Nothing wrong: an empty list.
    """
    days, sends = _read_ledger(bodies, workspace)
    problems = []
    for before, after in itertools.pairwise(days):
        if _next_day(before["day"]) != after["day"] or before["until_leaf"] > after["until_leaf"]:
            problems.append(f"the day after {before['day']} is not {after['day']}, or looks less far")
    maps, silent = _make_maps(days, sends)
    for data in days:
        if data.get("unlabelled", {}) != silent[data["day"]]:
            problems.append(f"the root of {data['day']} does not count the sends that do not say whom they reached")
        held = maps[data["day"]]
        entries = [bytes.fromhex(label) + _value(held[label]) for label in sorted(held)]
        if _root(entries).hex() != data["root"] or len(entries) != data["size"]:
            problems.append(f"the map of {data['day']} is not that of its sends")
    return problems


def _read_ledger(bodies: list[bytes], workspace: str) -> tuple[list[Json], list[Send]]:
    """The roots of the workspace, and its sends."""
    days: list[Json] = []
    sends: list[Send] = []
    actions: dict[str, str] = {}
    for leaf, body in enumerate(bodies):
        event = json.loads(body)
        if event["workspace"] != workspace:
            continue
        if event["type"] == "contacts.rooted":
            days.append(event["data"])
        if event["type"] == "request.received":
            actions[event["subject"]["id"]] = event["data"].get("action", "")
        if event["type"] != "request.sent":
            continue
        labels = event["data"].get("labels")
        if labels is not None or actions.get(event["subject"]["id"]) in SENDING:
            sends.append((leaf, event["at"][:10], event["id"], labels))
    return days, sends


def _make_maps(
    days: list[Json], sends: list[Send]
) -> tuple[dict[str, dict[str, list[str]]], dict[str, dict[str, int]]]:
    """Day → label → sends, and day → day of sends without labels → how many. A send is in the first map, not before
    its own day, that was made after it got its leaf."""
    maps: dict[str, dict[str, list[str]]] = {data["day"]: {} for data in days}
    silent: dict[str, dict[str, int]] = {data["day"]: {} for data in days}
    for leaf, day, event_id, labels in sends:
        own: str | None = next((data["day"] for data in days if data["day"] >= day and data["until_leaf"] > leaf), None)
        if own is None or (own == days[0]["day"] and day != own):
            continue  # not told yet, or before the maps began
        if labels is None:
            silent[own][day] = silent[own].get(day, 0) + 1
        for label in labels or ():
            maps[own].setdefault(label, []).append(event_id)
    return maps, silent


def _verify(content: bytes, verifier_key: str, map_key: bytes | None) -> Finding:
    whole = json.loads(content)
    told = whole["certificate"]
    _need(set(whole) == {"certificate", "note"}, "it has other parts than a certificate and a note")
    _need(told["format"] == FORMAT, "it is of another format")
    keys = [_read_key(text) for text in verifier_key.split()]
    origin = keys[0][0]
    _need(all(key[0] == origin for key in keys), "the pinned keys are of several ledgers")
    digest = hashlib.sha256(_canonical(told)).hexdigest()
    _need(_open_note(whole["note"], keys) == f"{origin}\n{TITLE}\n{digest}\n", "it is not what was signed")
    tree = _read_checkpoint(_open_note(told["checkpoint"], keys), origin)
    names = {item["name"]: bytes.fromhex(item["label"]) for item in told["names"]}
    _need(bool(names) and all(len(label) == 32 for label in names.values()), "it names nobody")
    if map_key is not None:
        _need(_key_name(map_key) == told["map_key"], "the map key is another one")
        wrong = [name for name, label in names.items() if hmac.new(map_key, name.encode(), "sha256").digest() != label]
        _need(not wrong, f"the label of {wrong} is not theirs")
    events = _read_requests(told, tree)
    shown = _read_days(told, tree, names, events)
    told_sends = {event["id"] for event in events if _is_send_to(event, names, told)}
    _need(shown == told_sends, "the sends among the events are not those of the maps")
    _need(told["sends"] == len(shown), "it counts other sends than it shows")
    _need(told["attempts"] == len(told["requests"]), "it counts other attempts than it lists")
    return Finding(
        workspace=told["workspace"],
        names=tuple(names),
        first_day=told["from"],
        last_day=told["until"],
        known_until=told["known_until"],
        days=len(told["days"]),
        attempts=len(told["requests"]),
        sends=tuple(sorted(event["subject"]["id"] for event in events if event["id"] in shown)),
        tree_size=tree[0],
        tree_root=tree[1],
        labels=frozenset(label.hex() for label in names.values()),
        send_events=frozenset(shown),
        roots=tuple(_root_of(item) for item in (*told["days"], *told["late"])),
        is_name_proven=map_key is not None,
    )


def _root_of(item: Json) -> tuple[str, str]:
    data = json.loads(item["event"]["body"])["data"]
    return data["day"], data["root"]


def _read_requests(told: Json, tree: tuple[int, bytes]) -> list[Json]:
    """The events of every request that is listed, each under the checkpoint and about that request."""
    events = []
    for request in told["requests"]:
        for item in request["events"]:
            event = _read_event(item, tree, told["workspace"])
            about = event["subject"] == {"id": request["id"], "type": "request"}
            _need(about, "an event is not about its request")
            events.append(event)
    _need(len({event["id"] for event in events}) == len(events), "an event is listed twice")
    return events


def _read_days(told: Json, tree: tuple[int, bytes], names: dict[str, bytes], events: list[Json]) -> set[str]:
    """The ids of the sends that the maps show, of the period's days. Every day of the period, and every day after it
    up to `known_until`, must be there once and in its order, so that no later map that tells a late send is left out.
    """
    shown: set[str] = set()
    expected, until_leaf = told["from"], 0
    by_id = {event["id"]: event for event in events}
    _need(told["from"] <= told["until"] <= told["known_until"], "its days are not in order")
    for number, item in enumerate([*told["days"], *told["late"]]):
        event = _read_event(item["event"], tree, told["workspace"])
        data = event["data"]
        day = data["day"]
        _need(event["type"] == "contacts.rooted" and data["key"] == told["map_key"], "a day is not a root of this map")
        _need(day == expected, f"{expected} is missing")
        _need((number < len(told["days"])) == (day <= told["until"]), f"{day} stands among the wrong days")
        _need(until_leaf <= data["until_leaf"] <= item["event"]["leaf"], f"the map of {day} looks less far, or too far")
        unlabelled = [one for one in data.get("unlabelled", ()) if told["from"] <= one <= told["until"]]
        _need(not unlabelled, f"a send of {unlabelled[:1]} does not say whom it reached")
        expected, until_leaf = _next_day(day), data["until_leaf"]
        if day > told["until"] and not any(told["from"] <= late <= told["until"] for late in data["late"]):
            _need(item["proofs"] == [], f"{day} tells nothing late and has proofs")
            continue
        shown |= _read_sends(item["proofs"], data, names, by_id, told)
    _need(_next_day(told["known_until"]) == expected, f"{expected} is missing")
    return shown


def _read_sends(
    proofs: list[Json], data: Json, names: dict[str, bytes], by_id: dict[str, Json], told: Json
) -> set[str]:
    """The sends of the period that one day's map shows, with a proof for every name."""
    _need(len(proofs) == len(names), f"{data['day']} has not one proof for every name")
    shown = set()
    for label, proof in zip(names.values(), proofs, strict=True):
        for send in _read_proof(proof, label, data):
            is_there = send in by_id and _is_send_with(by_id[send], label)
            _need(is_there, f"a send of {data['day']} is not among the events")
            if told["from"] <= by_id[send]["at"][:10] <= told["until"]:
                shown.add(send)
    return shown


def _read_proof(proof: Json, label: bytes, data: Json) -> list[str]:
    """The sends that stand behind the label on this day: none when it is shown to be absent."""
    size, root = data["size"], bytes.fromhex(data["root"])
    if "present" in proof:
        found, sends = proof["present"]["place"], proof["present"]["sends"]
        _need(bytes.fromhex(found["label"]) == label, "a proof is about another label")
        _need(bytes.fromhex(found["value"]) == _value(sends), "the sends are not those of the map")
        _need(_stands(found, size, root), "a label is not where it is said to be")
        return list(sends)
    left, right = proof["absent"]["left"], proof["absent"]["right"]
    if size == 0:
        _need(left is None and right is None and root == EMPTY_ROOT, "an empty map has another root")
        return []
    _need(left is not None or right is not None, "absence is asserted and not shown")
    for place, is_left in ((left, True), (right, False)):
        if place is not None:
            other = bytes.fromhex(place["label"])
            _need(other < label if is_left else label < other, "a neighbour is on the wrong side")
            _need(_stands(place, size, root), "a neighbour is not where it is said to be")
    before = left["index"] if left is not None else -1
    after = right["index"] if right is not None else size
    _need(after == before + 1, "the neighbours are not side by side")
    return []


def _stands(place: Json, size: int, root: bytes) -> bool:
    entry = bytes.fromhex(place["label"]) + bytes.fromhex(place["value"])
    return len(entry) == 64 and _is_included(_leaf(entry), place["index"], size, place["hashes"], root)


def _read_event(item: Json, tree: tuple[int, bytes], workspace: str) -> Json:
    body = item["body"].encode()
    size, root = tree
    _need(_is_included(_leaf(body), item["leaf"], size, item["hashes"], root), "an event is not in the ledger")
    event: Json = json.loads(body)
    _need(event["workspace"] == workspace, "an event is of another workspace")
    return event


def _is_send_with(event: Json, label: bytes) -> bool:
    return event["type"] == "request.sent" and label.hex() in event["data"].get("labels", ())


def _is_send_to(event: Json, names: dict[str, bytes], told: Json) -> bool:
    """A send that began in the period, to one of the names, and that a map which was looked at must have."""
    is_within = told["from"] <= event["at"][:10] <= told["until"]
    return is_within and any(_is_send_with(event, label) for label in names.values())


# ---- the ledger's format: notes, trees, canonical JSON


def _read_key(text: str) -> tuple[str, bytes, bytes]:
    """Origin, key id and public key of `<origin>+<key id in hex>+<base64 of 0x01 ‖ key>`."""
    origin, key_id, encoded = text.strip().split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    _need(len(raw) == 33 and raw[0] == 1, "the pinned key is not an Ed25519 key")
    own = hashlib.sha256(origin.encode() + b"\n" + raw).digest()[:4]
    _need(own.hex() == key_id, "the pinned key is not of its id")
    return origin, own, raw[1:]


def _open_note(note: str, keys: list[tuple[str, bytes, bytes]]) -> str:
    """The text of a signed note, once a pinned key's signature on it holds."""
    text, blank, signatures = note.rpartition("\n\n")
    _need(bool(blank) and signatures.endswith("\n"), "a note has no signature")
    text += "\n"
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        for origin, key_id, public in keys:
            if dash == "—" and name == origin and signature[:4] == key_id and encoded == _base64(signature):
                _need(_is_signed(public, text.encode(), signature[4:]), "a signature does not hold")
                return text
    raise RefusedError("the pinned key has not signed this")


def _read_checkpoint(text: str, origin: str) -> tuple[int, bytes]:
    own, size, root, rest = text.split("\n")
    _need(own == origin and not rest and str(int(size)) == size, "it has no checkpoint of this ledger")
    return int(size), base64.b64decode(root, validate=True)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _canonical(value: object) -> bytes:
    """RFC 8785, for texts and whole numbers: all that a certificate holds."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(entries: list[bytes]) -> bytes:
    """RFC 6962 §2.1, by adding leaf after leaf."""
    peaks: list[bytes] = []
    for size, entry in enumerate(entries):
        item = _leaf(entry)
        while size & 1:
            item, size = _node(peaks.pop(), item), size >> 1  # noqa: PLW2901  # climbs
        peaks.append(item)
    if not peaks:
        return EMPTY_ROOT
    root = peaks.pop()
    while peaks:
        root = _node(peaks.pop(), root)
    return root


def _is_included(leaf: bytes, index: int, size: int, hashes: list[str], root: bytes) -> bool:
    """RFC 9162 §2.1.3.2. `hashes` in base64, leaf → root."""
    if type(index) is not int or not 0 <= index < size:
        return False
    at, last, result = index, size - 1, leaf
    for text in hashes:
        item = base64.b64decode(text, validate=True)
        if last == 0 or len(item) != 32:
            return False
        if at & 1 or at == last:
            result = _node(item, result)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            result = _node(result, item)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def _value(event_ids: list[str]) -> bytes:
    ids = [bytes.fromhex(item.replace("-", "")) for item in event_ids]
    return hashlib.sha256(b"".join(sorted(ids))).digest()


def _key_name(map_key: bytes) -> str:
    return hashlib.sha256(b"countersign contact map key v1" + map_key).hexdigest()[:16]


def _next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _need(holds: bool, reason: str) -> None:  # noqa: FBT001
    if not holds:
        raise RefusedError(reason)


# ---- Ed25519, RFC 8032 §5.1.7, in extended coordinates

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def _is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64 or len(public) != 32:
        return False
    number = int.from_bytes(signature[32:], "little")
    key, start = _unpack(public), _unpack(signature[:32])
    if number >= _L or key is None or start is None:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    left, right = _times(number, _BASE), _add(start, _times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _add(one: _Point, two: _Point) -> _Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c, d = 2 * one[3] * two[3] * _D % _P, 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


def _unpack(packed: bytes) -> _Point | None:
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


_BASE_Y = 4 * pow(5, -1, _P) % _P
_BASE = _unpack(_BASE_Y.to_bytes(32, "little")) or (0, 1, 1, 0)


# ---- the command


def read_export(directory: Path) -> list[bytes]:
    """The bodies of an exported ledger, in the order of their leaves. Raises OSError, ValueError."""
    size = int((directory / "checkpoint").read_text().split("\n")[1])
    bodies: list[bytes] = []
    while len(bodies) < size:
        number, width = len(bodies) // ENTRIES_A_BUNDLE, min(size - len(bodies), ENTRIES_A_BUNDLE)
        digits = f"{number:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        ending = "" if width == ENTRIES_A_BUNDLE else f".p/{width}"
        bodies += _read_bundle((directory / "tile" / "entries" / (name + ending)).read_bytes(), width)
    return bodies


def _read_bundle(packed: bytes, width: int) -> list[bytes]:
    """Exactly `width` entries, each behind its length in two bytes. Raises ValueError."""
    entries, at = [], 0
    for _ in range(width):
        length = int.from_bytes(packed[at : at + 2], "big")
        entries.append(packed[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(packed):
        raise ValueError(f"a bundle of the export does not hold {width} entries")
    return entries


def main() -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text stream here
    parser = argparse.ArgumentParser(description="Check a certificate of non-contact.")
    parser.add_argument("certificate", type=Path)
    parser.add_argument("verifier_key", nargs="+", help="the text that you pinned; several, if the key was changed")
    parser.add_argument("--map-key", type=bytes.fromhex, help="hex; given to auditors: the names are checked too")
    parser.add_argument("--export", type=Path, help="an exported ledger: the days' maps are made anew")
    asked = parser.parse_args()
    try:
        found = verify_certificate(asked.certificate.read_bytes(), " ".join(asked.verifier_key), asked.map_key)
        problems = recheck_certificate(found, read_export(asked.export)) if asked.export else []
    except RefusedError as error:
        _say([f"REFUSED: {error}"])
        return 1
    except (OSError, ValueError, IndexError) as error:
        _say([f"CANNOT BE CHECKED: {error}"])
        return 2
    _say([*(f"REFUSED: {problem}" for problem in problems), *_tell(found)])
    return 1 if problems else 0


def _tell(found: Finding) -> list[str]:
    return [
        f"{', '.join(found.names)} in {found.workspace}",
        f"{found.first_day} to {found.last_day}, {found.days} days (UTC); late sends sought up to {found.known_until}",
        f"requests to contact them: {found.attempts}; handed over: {', '.join(found.sends) or 'none'}",
        "the names were checked with the map key" if found.is_name_proven else "the names are the issuer's word",
    ]


def _say(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{_plain(line)}\n" for line in lines))


def _plain(text: str) -> str:
    """Foreign text for a terminal: what is not printable is escaped, so that it cannot pretend to be ours."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


if __name__ == "__main__":
    sys.exit(main())
