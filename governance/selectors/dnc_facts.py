"""Facts of the do-not-contact list for whole requests: every address, every domain above it, every record (DNC-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from governance.domain.dnc_key import InvalidRecipientError, asked_keys, record_key, record_spellings
from governance.domain.facts import DncFacts, DncHit, RecipientFacts
from governance.models import Connection
from governance.selectors.dnc import Listed, find_listed
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class DncQuestion:
    """The people whom one request would touch, and the connection whose brand speaks to them."""

    workspace_id: UUID
    connection: str
    recipients: Sequence[RecipientFacts]


def get_dnc_facts(questions: Sequence[DncQuestion], *, now: datetime) -> list[DncFacts]:
    """What the list says of each request now. One query for all; one more if an entry of one brand was found.

    Raises DncUnavailableError, django.db.Error: then nobody may be contacted.
    """
    keys = get_dnc_keys()
    asked = [_digests(question, keys) for question in questions]
    listed = find_listed((digest for digests in asked for _, digest in digests if digest), now=now)
    brands = _brands(questions) if any(item.brand for items in listed.values() for item in items) else {}
    return [
        _facts(question, digests, listed, brands.get((question.workspace_id, question.connection), ""))
        for question, digests in zip(questions, asked, strict=True)
    ]


def _digests(question: DncQuestion, keys: DncKeys) -> list[tuple[int, bytes]]:
    """(position of the recipient, digest asked about); an empty digest where the address cannot be read."""
    found: list[tuple[int, bytes]] = []
    for position, recipient in enumerate(question.recipients):
        names: list[str] = []
        if recipient.record_id:
            names += _record_keys(question.connection, recipient.object, recipient.record_id)
        for company in recipient.companies:
            names += _record_keys(question.connection, *company.split("/", 1))
        try:
            names += asked_keys(recipient.kind, recipient.address, region=keys.region)
        except InvalidRecipientError:
            found.append((position, b""))
        found += [(position, keys.digest(question.workspace_id, name)) for name in names]
    return found


def _record_keys(connection: str, object_type: str, record_id: str) -> tuple[str, ...]:
    return record_spellings(record_key(connection, object_type, record_id))


def _facts(
    question: DncQuestion, digests: Sequence[tuple[int, bytes]], listed: dict[bytes, list[Listed]], brand: str
) -> DncFacts:
    hits = [
        DncHit(entry=str(item.entry_id), kind=item.kind, recipient=position)
        for position, digest in digests
        for item in listed.get(digest, ())
        if not (item.brand and brand and item.brand != brand)
    ]
    unreadable = tuple(position for position, digest in digests if not digest)
    return DncFacts(asked=len(question.recipients), hits=tuple(dict.fromkeys(hits)), unreadable=unreadable)


def _brands(questions: Sequence[DncQuestion]) -> dict[tuple[UUID, str], str]:
    """The brand of each connection; one that names none speaks for all, so that every entry holds."""
    rows = Connection.objects.filter(
        workspace_id__in={question.workspace_id for question in questions},
        name__in={question.connection for question in questions},
    )
    return {(workspace_id, name): brand for workspace_id, name, brand in rows.values_list("workspace", "name", "brand")}
