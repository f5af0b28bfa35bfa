"""Days that end: sends of today, their map made tomorrow, and certificates over them (DNC-07)."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from approvals.models import AgentActionRequest, ContactCertificate
from approvals.services.certificate_content import Asked
from approvals.services.certificates import issue_certificate
from approvals.services.contact_rooting import root_contacts
from approvals.services.followers import follow_ledger
from audit.domain.contact_map import contact_label
from audit.domain.event import Subject
from audit.domain.identifier import new_id
from audit.selectors.clock import get_now
from audit.services.maintain import maintain_ledger
from governance.models import Person, User, Workspace
from governance.selectors.contact_keys import get_contact_key
from tests.builders.api import Site
from tests.builders.approvals import execute, get, submit, vote
from tests.builders.audit import append, new_event
from tests.builders.console import make_login
from tests.builders.outward import email_to


def today() -> date:
    return get_now().astimezone(UTC).date()


def after(days: int = 1) -> datetime:
    """An hour into the day that comes after so many."""
    return datetime.combine(today() + timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=1)


def end_day(now: datetime | None = None) -> int:
    """What the background does once a day is over: sequence, follow, make the map, sign. Returns how many maps."""
    now = now or after()
    maintain_ledger(now=now)
    follow_ledger()
    maintain_ledger(now=now)  # what the followers told
    rooted = root_contacts(now=now)
    maintain_ledger(now=now)
    follow_ledger()
    return rooted


def send_to(site: Site, contact: str, **message: Any) -> AgentActionRequest:
    """An e-mail that was approved and has left."""
    submission = submit(site, **email_to(contact, **message))
    request = get(submission.request_id)
    vote(site, request)
    assert execute(request.pk) == "executed", get(request.pk).status_code
    return get(request.pk)


def map_label(site: Site, name: str) -> bytes:
    return contact_label(get_contact_key(site.world.workspace.pk), name)


def sent_late(day: date, *labels: bytes, subject: str = "") -> UUID:
    """A send of an earlier day whose event got its leaf only now."""
    at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=23)
    about = Subject("request", subject or str(new_id()))
    event = new_event(type="request.sent", subject=about, data={"labels": [item.hex() for item in labels]})
    return append(event, now=at)[0]


def make_compliance(workspace: Workspace) -> User:
    """The one login of compliance."""
    name = "Cora Compliance"
    login = User.objects.filter(person__name=name).first()
    return login or make_login(workspace, "manage_dnc", "view_requests", "view_ledger", name=name)


def certify(
    site: Site,
    *typed: str,
    user: User | None = None,
    first: date | None = None,
    last: date | None = None,
    now: datetime | None = None,
) -> ContactCertificate:
    """A certificate over today, given tomorrow, by somebody of compliance."""
    user = user or make_compliance(site.world.workspace)
    asked = Asked(
        workspace=site.world.workspace, typed=typed, first_day=first or today(), last_day=last or first or today()
    )
    pk = issue_certificate(asked=asked, person_id=user.person_id, user_id=user.pk, now=now or after())
    return ContactCertificate.objects.get(pk=pk)


def keep_certificate(workspace: Workspace, person: Person) -> ContactCertificate:
    """A certificate of another time, as it lies there; not one that would hold."""
    told = {"issued_by": person.name, "issued_at": "2026-03-01T00:00:00.000000Z", "origin": "o", "checkpoint": "o\n1\n"}
    told |= {"names": [], "requests": [], "days": [], "listed": [], "known_until": "2026-03-01"}
    content = json.dumps({"certificate": told}).encode()
    return ContactCertificate.objects.create(
        workspace=workspace,
        first_day=date(2026, 2, 1),
        last_day=date(2026, 2, 28),
        sends=0,
        attempts=0,
        sha256="0" * 64,
        content=content,
        issued_by=person,
        issued_at=get_now(),
    )
