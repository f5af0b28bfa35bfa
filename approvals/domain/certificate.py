"""A certificate of non-contact as it is written down: canonical JSON, signed by the ledger's key (DNC-07).

The shape is in docs/ledger-format.md; whoever is given one checks it with audit/verifier/noncontact.py alone.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from audit.domain.canonical import canonical_bytes
from audit.domain.sorted_map import MapProof, Placed
from audit.verifier.noncontact import FORMAT, TITLE

MOST_DAYS = 1_100
"""Three years and what a leap day adds."""
MOST_NAMES = 50
MOST_REQUESTS = 500

TOLD = frozenset(
    {
        "request.approved",
        "request.cancelled",
        "request.conflicted",
        "request.decided",
        "request.denied",
        "request.executed",
        "request.expired",
        "request.failed",
        "request.outcome_unknown",
        "request.released",
        "request.reverted",
        "request.sent",
    }
)
"""The events of a request that a certificate holds: what was decided, what left, what became of it. What the agent
brought along stays inside."""

_PARTING = re.compile(r"[\n;,]+")


def read_typed(text: str) -> tuple[str, ...]:
    """Addresses, numbers and records as typed, one a line or parted by commas; each once."""
    return tuple(dict.fromkeys(part.strip() for part in _PARTING.split(text) if part.strip()))


def list_days(first: date, last: date) -> list[date]:
    """Every day from the first to the last, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def write_certificate(told: dict[str, Any], sign: Callable[[str], str]) -> bytes:
    """The file: the certificate and the note that signs it. `told` holds texts and whole numbers alone; `sign` takes
    the note's text."""
    whole = {"format": FORMAT, **told}
    digest = hashlib.sha256(canonical_bytes(whole)).hexdigest()
    return canonical_bytes({"certificate": whole, "note": sign(f"{told['origin']}\n{TITLE}\n{digest}\n")})


def dump_event(body: bytes, leaf: int, hashes: Sequence[bytes]) -> dict[str, Any]:
    """An event with its proof. Its bytes are a text: canonical JSON."""
    return {"body": body.decode(), "leaf": leaf, "hashes": [base64.b64encode(item).decode() for item in hashes]}


def dump_proof(proof: MapProof, sends: Sequence[str]) -> dict[str, Any]:
    """`sends` are the events behind a label that is there."""
    if proof.found is not None:
        return {"present": {"place": _dump_place(proof.found), "sends": list(sends)}}
    return {"absent": {"left": _dump_place(proof.left), "right": _dump_place(proof.right)}}


def _dump_place(placed: Placed | None) -> dict[str, Any] | None:
    if placed is None:
        return None
    return {
        "label": placed.entry.label.hex(),
        "value": placed.entry.value.hex(),
        "index": placed.index,
        "hashes": [base64.b64encode(item).decode() for item in placed.hashes],
    }
