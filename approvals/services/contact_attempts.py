"""Following the ledger for who was to be reached by which request: what certificates look up (DNC-07).

Off the way of every request: a row appears a second or so after the decision, and stays.
"""

from collections.abc import Sequence
from uuid import UUID

from approvals.models import AgentActionRequest, ContactAttempt
from approvals.services.contact_labels import labels_of
from audit.selectors.events import LedgerEntry
from audit.services.follow import Following
from governance.domain.action_class import SENDS

_TYPES = frozenset({"request.decided", "request.edited", "request.returned", "request.sent"})
"""After each of them a request may be about other addresses than before."""


def take_for_contacts(entries: Sequence[LedgerEntry]) -> None:
    """Note every label of every send among these, in the caller's transaction. Raises DncUnavailableError: then
    nothing is taken, and no certificate is given over what was not."""
    labels: dict[UUID, set[bytes]] = {}
    for entry in entries:
        told = entry.data.get("labels", ())
        labels.setdefault(UUID(entry.subject.id), set()).update(bytes.fromhex(label) for label in told)
    for request in AgentActionRequest.objects.filter(pk__in=labels, action__in=SENDS):
        labels[request.pk].update(labels_of(request))
    rows = [ContactAttempt(label=label, request_id=pk) for pk, found in labels.items() for label in sorted(found)]
    ContactAttempt.objects.bulk_create(rows, ignore_conflicts=True)


CONTACTS = Following(name="contacts", types=_TYPES, take=take_for_contacts)
