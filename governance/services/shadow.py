"""Shadow runs: a draft beside the live policy. Started and stopped by people; nothing is enforced (POL-06)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.identifier import first_id_at
from audit.services.append import append_event
from governance.models import ShadowDifference, ShadowRun, Workspace
from governance.selectors.compilation import compile_policy, encode_document

LEASE = timedelta(seconds=60)


class ShadowError(Exception):
    """The shadow run cannot be started."""

    code = "shadow_refused"


class SeenDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One request that the draft decides otherwise. `live` and `draft`: outcome, reasons, patch."""

    request_id: uuid.UUID
    agent: str
    about: str
    change: str
    live: dict[str, object]
    draft: dict[str, object]


def start_shadow(*, workspace_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> uuid.UUID:
    """Judge the rows as they are now beside the live policy, from the next request on. Returns the run's id.

    Commits the run and `shadow.started`. Raises ShadowError when rows contradict each other or a run goes on.
    """
    compilation = compile_policy(workspace_id=workspace_id)
    if compilation.errors:
        raise ShadowError("mend the rows first: a draft that contradicts itself cannot be asked")
    document = encode_document(compilation.document)
    run = ShadowRun(
        workspace_id=workspace_id,
        digest=f"sha256:{hashlib.sha256(document).hexdigest()}",
        document=document,
        cursor=first_id_at(now),
        started_by_id=person_id,
        started_at=now,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                run.save(force_insert=True)
        except IntegrityError as error:
            raise ShadowError("a draft runs in shadow already: stop it first") from error
        append_event(_event("shadow.started", run, person_id), now=now)
    return run.pk


def stop_shadow(*, run_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> bool:
    """End the run; what it found stays. False when it had ended. Commits the run and `shadow.stopped`."""
    with transaction.atomic():
        rows = ShadowRun.objects.filter(pk=run_id, stopped_at__isnull=True)
        if not rows.update(stopped_at=now, stopped_by=person_id, taken_until=None):
            return False
        append_event(_event("shadow.stopped", ShadowRun.objects.get(pk=run_id), person_id), now=now)
    return True


def end_shadows(*, workspace_id: uuid.UUID, person_id: uuid.UUID, now: datetime) -> int:
    """End the run that goes on: what it compared the draft with is in force no longer. Returns how many ended.

    Call it in the transaction of what came into force; appends `shadow.stopped`.
    """
    runs = list(ShadowRun.objects.select_for_update().filter(workspace_id=workspace_id, stopped_at__isnull=True))
    for run in runs:
        ShadowRun.objects.filter(pk=run.pk).update(stopped_at=now, stopped_by=person_id, taken_until=None)
        append_event(_event("shadow.stopped", run, person_id, reason="another version came into force"), now=now)
    return len(runs)


def take_shadow(*, now: datetime, passed: Sequence[uuid.UUID]) -> ShadowRun | None:
    """A run that goes on, for LEASE; `passed` are those looked at in this turn already."""
    free = Q(taken_until__isnull=True) | Q(taken_until__lt=now)
    runs = ShadowRun.objects.filter(free, stopped_at__isnull=True)
    run = runs.exclude(pk__in=passed).order_by("started_at").first()
    if run is None or not runs.filter(pk=run.pk).update(taken_until=now + LEASE):
        return None
    run.taken_until = now + LEASE
    return run


def save_shadow(
    run: ShadowRun, *, cursor: uuid.UUID, judged: int, differences: Sequence[SeenDifference], now: datetime
) -> bool:
    """Keep one step: cursor, counts and differences together. False when it was stopped or taken over."""
    with transaction.atomic():
        ours = ShadowRun.objects.filter(pk=run.pk, stopped_at__isnull=True, taken_until=run.taken_until)
        counts = {"judged": F("judged") + judged, "differing": F("differing") + len(differences)}
        if not ours.update(cursor=cursor, taken_until=None, **counts):
            return False
        ShadowDifference.objects.bulk_create(
            [ShadowDifference(run=run, created_at=now, **msgspec.structs.asdict(found)) for found in differences]
        )
    return True


def release_shadow(run: ShadowRun) -> None:
    """Nothing was due: give it back."""
    ShadowRun.objects.filter(pk=run.pk, taken_until=run.taken_until).update(taken_until=None)


def _event(type_: str, run: ShadowRun, person_id: uuid.UUID, *, reason: str = "") -> NewEvent:
    return NewEvent(
        type=type_,
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=run.workspace_id),
        actor=Actor("human", str(person_id)),
        subject=Subject("shadow_run", str(run.pk)),
        correlation_id=f"shadow-{run.pk}",
        data={
            "digest": run.digest,
            "judged": run.judged,
            "differing": run.differing,
            **({"reason": reason} if reason else {}),
        },
    )
