"""How long values in the ledger live, and what is held longer: compliance says so, on record (AUD-07)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.event_types import EVENT_TYPES
from audit.services.append import append_event
from governance.models import LegalHold, RetentionRule, Workspace
from governance.selectors.access import ensure_may
from governance.services.change_actor import ensure_account
from governance.services.change_proposals import propose_change

PERMISSION = "manage_dnc"
EVENT_CLASSES = tuple(sorted({name.partition(".")[0] for name in EVENT_TYPES}))
LONGEST_DAYS = 36_500


class RetentionError(ValueError):
    """What cannot be set or held. The words are for people."""

    code = "retention_refused"


def set_retention(
    *, workspace_id: UUID, event_class: str, days: int, person_id: UUID, user_id: int, now: datetime
) -> None:
    """Erase values of this class after so many days; 0: keep them for ever again. Commits it with `retention.set`.

    Raises RetentionError, NotAllowedError, LedgerUnavailableError.
    """
    workspace = _allowed(workspace_id, person_id, user_id)
    if event_class not in EVENT_CLASSES:
        raise RetentionError("choose a class of events")
    if not 0 <= days <= LONGEST_DAYS:
        raise RetentionError(f"give days, up to {LONGEST_DAYS:,}")
    with transaction.atomic():
        hold_retention_lock(workspace_id)
        if days:
            RetentionRule.objects.update_or_create(
                workspace=workspace, event_class=event_class, defaults={"days": days}
            )
        else:
            RetentionRule.objects.filter(workspace=workspace, event_class=event_class).delete()
        subject = Subject("retention", event_class)
        append_event(_event("retention.set", workspace, subject, person_id, {"days": days}), now=now)


def place_hold(
    *,
    workspace_id: UUID,
    kind: str,
    name: str,
    term: int | None,
    subject_id: str,
    person_id: UUID,
    user_id: int,
    now: datetime,
) -> UUID:
    """Keep what it covers from being erased, from now on; returns the hold's id. Commits it with `legal_hold.placed`.

    Raises RetentionError, NotAllowedError, LedgerUnavailableError.
    """
    workspace = _allowed(workspace_id, person_id, user_id)
    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise RetentionError("give the hold a name on one line")
    if LegalHold.objects.filter(workspace=workspace, name=name.strip()).exists():
        raise RetentionError("another hold has this name")
    with transaction.atomic():
        hold_retention_lock(workspace_id)
        hold = LegalHold.objects.create(
            workspace=workspace,
            kind=kind,
            name=name.strip(),
            term=term,
            subject_id=subject_id,
            placed_by_id=person_id,
            placed_at=now,
        )
        subject = Subject("legal_hold", str(hold.pk))
        append_event(_event("legal_hold.placed", workspace, subject, person_id, {"kind": kind}), now=now)
    return hold.pk


def propose_lift(
    *, hold_id: UUID, workspace_id: UUID, reason: str, person_id: UUID, user_id: int, now: datetime
) -> UUID:
    """Put the lifting before a second person. Raises RetentionError and what `propose_change` raises."""
    hold = LegalHold.objects.filter(pk=hold_id, workspace_id=workspace_id, lifted_at__isnull=True).first()
    if hold is None:
        raise RetentionError("there is no such hold")
    return propose_change(
        workspace_id=workspace_id,
        kind="hold.lift",
        payload={"hold": str(hold.pk), "kind": hold.kind, "name": hold.name},
        subject=f"Lift the legal hold {hold.pk}",
        reason=reason,
        person_id=person_id,
        user_id=user_id,
        now=now,
    )


def hold_retention_lock(workspace_id: UUID) -> None:
    """One at a time between who holds and who erases, to the end of the transaction; nothing else waits for it."""
    Workspace.objects.select_for_update(no_key=True).only("pk").get(pk=workspace_id)


def _allowed(workspace_id: UUID, person_id: UUID, user_id: int) -> Workspace:
    ensure_account(user_id=user_id, person_id=person_id)
    ensure_may(user_id=user_id, permission=PERMISSION, workspace_id=workspace_id)
    return Workspace.objects.get(pk=workspace_id)


def _event(type_: str, workspace: Workspace, subject: Subject, person_id: UUID, data: dict[str, object]) -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=workspace.slug,
        actor=Actor("human", str(person_id)),
        subject=subject,
        correlation_id=f"retention-{workspace.slug}-{subject.id}"[:120],
        data=data,
    )
