"""Giving a certificate of non-contact: made, checked by what strangers check it with, signed and kept (DNC-07).

Fails closed: a day without a map, an event that no signed checkpoint covers yet, or anything that the offline verifier
would refuse, and none is given. What is proven to whom: docs/adr/0022-proof-of-non-contact.md.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from approvals.domain.certificate import write_certificate
from approvals.models import ContactCertificate
from approvals.services.certificate_content import Asked, CertificateError, collect, name_person
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.note import sign_note
from audit.services.append import append_event
from audit.services.known_keys import list_verifier_keys
from audit.services.signing_key import get_origin, get_signing_key
from audit.verifier.noncontact import RefusedError, verify_certificate
from governance.models import Person
from governance.selectors.access import ensure_may, ensure_may_any
from governance.selectors.contact_keys import get_contact_key

RIGHT = "manage_dnc"
READERS = ("manage_dnc", "view_ledger")


def issue_certificate(*, asked: Asked, person_id: UUID, user_id: int, now: datetime) -> UUID:
    """Make, check, sign and keep a certificate; returns its id. Commits row and `certificate.issued` as one.

    Raises NotAllowedError, CertificateError, DncUnavailableError, DamagedTreeError, SigningKeyError,
    LedgerUnavailableError; then nothing is kept.
    """
    ensure_may(user_id=user_id, permission=RIGHT, workspace_id=asked.workspace.pk)
    person = Person.objects.get(pk=person_id)
    names = name_person(asked, now=now)
    told = collect(asked, names, by=person.name, now=now)
    content = write_certificate(told, lambda text: sign_note(text, origin=get_origin(), key=get_signing_key()))
    try:
        found = verify_certificate(content, " ".join(list_verifier_keys()), get_contact_key(asked.workspace.pk))
    except RefusedError as error:
        raise CertificateError("does_not_hold", f"the maps and the ledger do not fit together: {error}") from error
    row = ContactCertificate(
        workspace=asked.workspace,
        names=names,
        first_day=asked.first_day,
        last_day=asked.last_day,
        sends=len(found.sends),
        attempts=found.attempts,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        issued_by=person,
        issued_at=now,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        append_event(certificate_event(row, "certificate.issued", names=names), now=now)
    return row.pk


def certificate_event(
    row: ContactCertificate, event_type: str, *, person_id: UUID | None = None, names: Sequence[str] = ()
) -> NewEvent:
    """What was given or downloaded, and by whom. The names are values that can be erased; the rest holds none."""
    return NewEvent(
        type=event_type,
        workspace=row.workspace.slug,
        actor=Actor("human", str(person_id or row.issued_by_id)),
        subject=Subject("contact_certificate", str(row.pk)),
        correlation_id=f"certificate-{row.pk}",
        data={
            "from": row.first_day.isoformat(),
            "until": row.last_day.isoformat(),
            "sha256": row.sha256,
            "sends": row.sends,
            "attempts": row.attempts,
        },
        values={"names": list(names)} if names else {},
    )


def read_certificate(*, row: ContactCertificate, person_id: UUID, user_id: int, now: datetime) -> bytes:
    """The very bytes that were given. Commits `certificate.downloaded`: no copy leaves unrecorded.

    Raises NotAllowedError, LedgerUnavailableError.
    """
    ensure_may_any(user_id=user_id, permissions=READERS, workspace_id=row.workspace_id)
    with transaction.atomic():
        append_event(certificate_event(row, "certificate.downloaded", person_id=person_id), now=now)
    return bytes(row.content)
