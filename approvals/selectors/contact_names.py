"""Everything by which one person is known: the addresses that were given, and those found beside them (DNC-07)."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from approvals.models import AgentActionRequest, ContactAttempt
from audit.domain.contact_map import contact_label
from governance.domain.dnc_key import DncKind, key_of, name_spellings
from governance.domain.facts import RecipientFacts
from governance.models import DncEntry
from governance.selectors.contact_keys import get_contact_key, recipient_names
from governance.selectors.dnc_secret import get_dnc_keys

_RECORD = re.compile(r"[^@\s/]+/[^@\s/]+/[^@\s/]+")
_ROUNDS = 4
_LOOKED_AT = 200


def read_name(text: str) -> str:
    """The matching key of an e-mail address, a CRM record (`embedded/contacts/101`) or a phone number as typed.

    Raises InvalidRecipientError, DncUnavailableError.
    """
    kind = DncKind.EMAIL if "@" in text else DncKind.PERSON if _RECORD.fullmatch(text) else DncKind.PHONE
    return key_of(kind, text, region=get_dnc_keys().region)


def find_names(workspace_id: UUID, typed: Sequence[str]) -> list[str]:
    """The names of the person who has what was typed, sorted: with what requests found on the same CRM record, and what
    the do-not-contact list has of the same person. A few queries a round, as long as something is found.

    Raises InvalidRecipientError, DncUnavailableError.
    """
    names = {read_name(text) for text in typed}
    fresh = names | {key for text in typed for key in _listed_beside(workspace_id, text)}
    for _ in range(_ROUNDS):
        names |= fresh
        fresh = _found_beside(workspace_id, names) - names
        if not fresh:
            break
    # A send of long ago may have named the same record in another way.
    return sorted({spelling for name in names | fresh for spelling in name_spellings(name)})


def find_attempts(workspace_id: UUID, names: Iterable[str]) -> set[UUID]:
    """The requests that would reach, or reached, any of the names. One query."""
    key = get_contact_key(workspace_id)
    labels = [contact_label(key, name) for name in names]
    return set(ContactAttempt.objects.filter(label__in=labels).values_list("request_id", flat=True))


def _found_beside(workspace_id: UUID, names: set[str]) -> set[str]:
    """The names of every recipient that shares a CRM record or an address with these, in the newest requests."""
    ids = sorted(find_attempts(workspace_id, names), reverse=True)[:_LOOKED_AT]
    rows = AgentActionRequest.objects.filter(pk__in=ids, workspace_id=workspace_id).select_related("connection")
    keys, found = get_dnc_keys(), set()
    for row in rows:
        people: dict[str, set[str]] = {}
        for recipient in msgspec.convert(row.facts.get("recipients") or [], list[RecipientFacts]):
            place = f"{recipient.object}/{recipient.record_id}" if recipient.record_id else recipient.address
            people.setdefault(place, set()).update(recipient_names(row.connection.name, recipient, keys))
        for person in people.values():
            found |= person if person & names else set()
    return found


def _listed_beside(workspace_id: UUID, text: str) -> set[str]:
    """The addresses of the person on the do-not-contact list whose entry covers what was typed."""
    keys = get_dnc_keys()
    digests = [keys.digest(workspace_id, spelling) for spelling in name_spellings(read_name(text))]
    rows = DncEntry.objects.filter(workspace_id=workspace_id, digest__in=digests)
    parents = {own if parent is None else parent for own, parent in rows.values_list("id", "parent")}
    children = DncEntry.objects.filter(parent__in=parents, parent__kind=DncKind.PERSON).exclude(value="")
    pairs = children.filter(kind__in=[DncKind.EMAIL, DncKind.PHONE]).values_list("kind", "value")
    return {key_of(kind, value, region=keys.region) for kind, value in pairs}
