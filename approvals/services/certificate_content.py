"""What a certificate of non-contact says: days with proofs, requests with their events, nothing asserted that can be
shown (DNC-07)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from approvals.domain.certificate import (
    MOST_DAYS,
    MOST_NAMES,
    MOST_REQUESTS,
    dump_event,
    dump_proof,
    list_days,
)
from approvals.models import ContactDay
from approvals.selectors.contact_days import ProvenDay, list_contact_days, list_later_days, prove_labels, tells_late
from approvals.selectors.contact_names import find_attempts, find_names
from approvals.selectors.contact_requests import AttemptEvents, SentEvent, list_attempts, list_entries
from approvals.services.contact_attempts import CONTACTS
from audit.domain.body import format_time
from audit.domain.contact_map import contact_label, map_key_name
from audit.models import Follower, LedgerEvent
from audit.selectors.proofs import InclusionProof, get_inclusion_proofs
from audit.services.signing_key import get_origin
from governance.domain.dnc_key import InvalidRecipientError
from governance.models import Workspace
from governance.selectors.contact_keys import get_contact_key

Proofs = dict[UUID, InclusionProof]


class CertificateError(Exception):
    """No certificate can be given; `code` is stable, the message is for people and holds no address."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a certificate is about, as typed, and the days (UTC), both included."""

    workspace: Workspace
    typed: Sequence[str]
    first_day: date
    last_day: date


def name_person(asked: Asked, *, now: datetime) -> list[str]:
    """Every name of the person asked about, once the question can be answered at all.

    Raises CertificateError, DncUnavailableError.
    """
    if asked.last_day < asked.first_day:
        raise CertificateError("period_wrong", "the last day is before the first")
    if asked.last_day >= now.astimezone(UTC).date():
        raise CertificateError("period_wrong", "a day can be certified once it is over (UTC)")
    if (asked.last_day - asked.first_day).days >= MOST_DAYS:
        raise CertificateError("period_wrong", f"a certificate covers at most {MOST_DAYS:,} days")
    if not asked.typed:
        raise CertificateError("no_address", "name at least one address, number or CRM record")
    try:
        names = find_names(asked.workspace.pk, asked.typed)
    except InvalidRecipientError as error:
        raise CertificateError("invalid_recipient", f"one of the addresses {error}") from error
    if len(names) > MOST_NAMES:
        raise CertificateError("too_many_names", f"more than {MOST_NAMES} addresses: these are several people")
    return names


def collect(asked: Asked, names: Sequence[str], *, by: str, now: datetime) -> dict[str, Any]:
    """Everything but format and signature. Reads much, writes nothing.

    Raises CertificateError, DncUnavailableError, DamagedTreeError.
    """
    workspace = asked.workspace
    key = get_contact_key(workspace.pk)
    labels = [contact_label(key, name) for name in names]
    days = _days(asked)
    later = list_later_days(workspace.pk, asked.last_day)
    _check_labelled(asked, [*days, *later])
    late = [row for row in later if tells_late(row, asked.first_day, asked.last_day)]
    _check_followed(max(row.until_leaf for row in (*days, *late)))
    shown = {row.day for row in (*days, *late)}
    attempts = list_attempts(workspace, find_attempts(workspace.pk, names), shown, limit=MOST_REQUESTS + 1)
    if len(attempts) > MOST_REQUESTS:
        raise CertificateError("too_many_requests", f"more than {MOST_REQUESTS} requests: take fewer days")
    rows = [*days, *later]
    bodies = dict(LedgerEvent.objects.filter(pk__in=[row.event_id for row in rows]).values_list("pk", "body"))
    _check_key([bytes(bodies[row.event_id]) for row in rows], map_key_name(key))
    proofs = _proofs([*bodies, *(event.id for attempt in attempts for event in attempt.events)])
    sends = _placed([sent for attempt in attempts for sent in attempt.sent], rows, proofs)
    proven = {day.day: day for day in prove_labels([*days, *late], labels)}
    roots = [_dump_event(row.event_id, bytes(bodies[row.event_id]), proofs) for row in rows]
    dumped = [_dump_day(root, labels, proven.get(row.day), sends) for row, root in zip(rows, roots, strict=True)]
    return {
        "origin": get_origin(),
        "workspace": workspace.slug,
        "from": asked.first_day.isoformat(),
        "until": asked.last_day.isoformat(),
        "known_until": rows[-1].day.isoformat(),
        "issued_at": format_time(now),
        "issued_by": by,
        "names": [{"name": name, "label": label.hex()} for name, label in zip(names, labels, strict=True)],
        "map_key": map_key_name(key),
        "days": dumped[: len(days)],
        "late": dumped[len(days) :],
        "requests": [_dump_attempt(attempt, proofs) for attempt in attempts],
        "attempts": len(attempts),
        "sends": _count_sends(attempts, set(labels), asked),
        "listed": list_entries(workspace, names),
        "checkpoint": next(iter(proofs.values())).checkpoint.note,
    }


def _days(asked: Asked) -> list[ContactDay]:
    """The map of every day of the period. Raises CertificateError where one is missing."""
    rows = list_contact_days(asked.workspace.pk, asked.first_day, asked.last_day)
    there = {row.day for row in rows}
    missing = [day for day in list_days(asked.first_day, asked.last_day) if day not in there]
    if missing:
        some = ", ".join(day.isoformat() for day in missing[:5]) + (" …" if len(missing) > 5 else "")
        raise CertificateError("day_missing", f"no map was made of {some}: nothing can be proven about it")
    return rows


def _check_labelled(asked: Asked, rows: Iterable[ContactDay]) -> None:
    """Raises CertificateError where a send of the period does not say whom it reached: it may have been the person."""
    period = {day.isoformat() for day in list_days(asked.first_day, asked.last_day)}
    days = sorted(period & {day for row in rows for day in row.unlabelled})
    if days:
        some = ", ".join(days[:5]) + (" …" if len(days) > 5 else "")
        raise CertificateError(
            "day_unlabelled", f"a send of {some} does not say whom it reached: nothing can be proven"
        )


def _check_key(bodies: Iterable[bytes], name: str) -> None:
    """Raises CertificateError where a map was made with another key: nobody can be looked up in it."""
    if any(msgspec.json.decode(body)["data"]["key"] != name for body in bodies):
        raise CertificateError(
            "map_key_changed",
            "these days, or later ones, were mapped with another DNC_KEY, PHONE_REGION or key version",
        )


def _check_followed(until_leaf: int) -> None:
    """Requests are looked up in what a follower wrote: it must have read as far as the maps."""
    read = Follower.objects.filter(pk=CONTACTS.name).values_list("next_leaf", flat=True).first() or 0
    if read < until_leaf:
        raise CertificateError("not_indexed", "the requests of these days are not all looked through yet; try again")


def _proofs(event_ids: Iterable[UUID]) -> Proofs:
    """Raises CertificateError while one of the events is under no signed checkpoint."""
    wanted = list(event_ids)
    proofs = get_inclusion_proofs(wanted)
    if len(proofs) < len(set(wanted)):
        raise CertificateError("not_yet_proven", "an event is not under a signed checkpoint yet; try again in a minute")
    return proofs


def _placed(
    sent: Iterable[SentEvent], rows: Sequence[ContactDay], proofs: Proofs
) -> dict[tuple[date, bytes], list[str]]:
    """Day of the map and label → the sends that stand behind it: the first map, not before its own day, that was made
    after its event got its leaf."""
    found: dict[tuple[date, bytes], list[str]] = {}
    for item in sent:
        leaf = proofs[item.id].leaf_index
        own = next((row.day for row in rows if row.day >= item.day and row.until_leaf > leaf), None)
        for label in item.labels if own is not None else ():
            found.setdefault((own, label), []).append(str(item.id))  # type: ignore[arg-type]  # see the line above
    return found


def _dump_day(
    root: dict[str, Any],
    labels: Sequence[bytes],
    proven: ProvenDay | None,
    sends: dict[tuple[date, bytes], list[str]],
) -> dict[str, Any]:
    """A later day that tells nothing late has its root alone: `proven` is None."""
    if proven is None:
        return {"event": root, "proofs": []}
    of_labels = zip(labels, proven.proofs, strict=True)
    return {
        "event": root,
        "proofs": [dump_proof(proof, sends.get((proven.day, label), ())) for label, proof in of_labels],
    }


def _dump_attempt(attempt: AttemptEvents, proofs: Proofs) -> dict[str, Any]:
    return {
        "id": str(attempt.request_id),
        "action": attempt.action,
        "status": attempt.status,
        "list": attempt.list_version,
        "events": [_dump_event(event.id, bytes(event.body), proofs) for event in attempt.events],
    }


def _dump_event(event_id: UUID, body: bytes, proofs: Proofs) -> dict[str, Any]:
    proof = proofs[event_id]
    return dump_event(body, proof.leaf_index, proof.hashes)


def _count_sends(attempts: Sequence[AttemptEvents], labels: set[bytes], asked: Asked) -> int:
    sent = (item for attempt in attempts for item in attempt.sent)
    return sum(asked.first_day <= item.day <= asked.last_day and bool(labels & set(item.labels)) for item in sent)
