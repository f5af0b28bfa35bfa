"""Release: a published version comes into force in one environment, recorded with what it changed (POL-03)."""

import uuid
from datetime import datetime

import msgspec
from django.db import IntegrityError, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.diff import Change, diff_documents
from governance.domain.golden import GoldenResult
from governance.domain.index import PolicyIndex, compile_index
from governance.domain.loosening import find_loosening
from governance.models import Person, PolicyRelease, PolicyVersion, Workspace
from governance.selectors.compilation import decode_document
from governance.selectors.golden import run_golden_cases
from governance.selectors.releases import get_release
from governance.services.shadow import end_shadows

_SUMMARY_LENGTH = 100


class PublishError(Exception):
    """Base of what keeps a policy from coming into force. Nothing was changed."""

    code = "publish_refused"


class NothingChangedError(PublishError):
    """The document is the one in force already."""

    code = "nothing_changed"


class ConcurrentPublishError(PublishError):
    """Someone else published at the same moment. Look at what is in force now, then publish again."""

    code = "concurrent_publish"


class NoReasonError(PublishError):
    """A policy is published with a reason or not at all."""

    code = "reason_missing"


class UnknownPublisherError(PublishError):
    """The person does not exist or is not active."""

    code = "publisher_unknown"


class GoldenCaseFailedError(PublishError):
    """Golden cases would be decided otherwise than people said that they must. `results` are those that failed."""

    code = "golden_case_failed"

    def __init__(self, results: tuple[GoldenResult, ...]) -> None:
        told = "; ".join(f"{result.name}: {', '.join(result.differences)}" for result in results)
        super().__init__(f"golden cases fail: {told}")
        self.results = results


class SecondPersonNeededError(PublishError):
    """In production this takes a second person. `changes` are those that allow more than what is in force."""

    code = "second_person_needed"

    def __init__(self, changes: tuple[Change, ...]) -> None:
        super().__init__("this allows more than what is in force in production: a second person must countersign it")
        self.changes = changes


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What comes into force where, at whose word. `kind` is the ledger's event; `countersigned_by` the second one."""

    version: PolicyVersion
    environment: str
    kind: str
    person_id: uuid.UUID
    countersigned_by: uuid.UUID | None = None
    reason: str
    now: datetime


def ensure_publisher(person_id: uuid.UUID, reason: str) -> None:
    """Raises NoReasonError, UnknownPublisherError."""
    if not reason.strip():
        raise NoReasonError("a policy is published with a reason")
    if not Person.objects.filter(pk=person_id, is_active=True).exists():
        raise UnknownPublisherError("nobody active by this id can publish")


def ensure_golden(workspace_id: uuid.UUID, index: PolicyIndex) -> int:
    """Ask every golden case of the policy; returns how many there are. Raises GoldenCaseFailedError."""
    results = run_golden_cases(workspace_id=workspace_id, index=index)
    failed = tuple(result for result in results if not result.is_kept)
    if failed:
        raise GoldenCaseFailedError(failed)
    return len(results)


def put_in_force(release: Release, *, replaces: PolicyRelease | None) -> tuple[Change, ...]:
    """Append the release after the one it `replaces`, with its ledger event; returns what it changed there.

    The unique number is the lock: of two who build on the same predecessor one wins, the other gets
    ConcurrentPublishError. Commits, unless inside a transaction.
    """
    version = release.version
    before = decode_document(bytes(replaces.version.document)) if replaces is not None else None
    changes = diff_documents(before, decode_document(bytes(version.document)))
    row = PolicyRelease(
        workspace_id=version.workspace_id,
        environment=release.environment,
        number=replaces.number + 1 if replaces is not None else 1,
        version=version,
        released_by_id=release.person_id,
        countersigned_by_id=release.countersigned_by,
        reason=release.reason.strip(),
        created_at=release.now,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                if version._state.adding:  # noqa: SLF001 - a version is born with its first release
                    version.save(force_insert=True)
                row.save(force_insert=True)
        except IntegrityError as error:
            raise ConcurrentPublishError("someone else published at the same moment") from error
        append_event(_event(release, changes, replaces), now=release.now)
        end_shadows(workspace_id=version.workspace_id, person_id=release.person_id, now=release.now)
    return changes


def restore_version(
    *, version_id: uuid.UUID, environment: str, person_id: uuid.UUID, reason: str, now: datetime
) -> tuple[Change, ...]:
    """Put an earlier version in force again, as it was, on one person's word.

    In production one person may only go back to what allows no more than now; then golden cases are not asked, because
    going back must not wait. Everything else there is a promotion. The edited rows stay as they are.
    Raises SecondPersonNeededError, GoldenCaseFailedError, NothingChangedError, NoReasonError, UnknownPublisherError,
    ConcurrentPublishError, PolicyVersion.DoesNotExist.
    """
    ensure_publisher(person_id, reason)
    version = PolicyVersion.objects.get(pk=version_id)
    current = get_release(version.workspace_id, environment)
    if current is not None and current.version.digest == version.digest:
        raise NothingChangedError(f"version {current.version.number} says the same already")
    document = decode_document(bytes(version.document))
    loosening = find_loosening(decode_document(bytes(current.version.document)) if current else None, document)
    if loosening and environment != "sandbox":
        raise SecondPersonNeededError(loosening)
    if loosening:
        ensure_golden(version.workspace_id, compile_index(document, version=version.digest))
    release = Release(
        version=version,
        environment=environment,
        kind="policy.restored",
        person_id=person_id,
        reason=reason,
        now=now,
    )
    return put_in_force(release, replaces=current)


def _event(release: Release, changes: tuple[Change, ...], replaces: PolicyRelease | None) -> NewEvent:
    """Rows, kinds and digests only: the reason is free text and stays erasable."""
    version, kinds = release.version, [change.kind for change in changes]
    return NewEvent(
        type=release.kind,
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=version.workspace_id),
        actor=Actor("human", str(release.person_id)),
        subject=Subject("policy_version", str(version.pk)),
        correlation_id=str(version.pk),
        data={
            "number": version.number,
            "digest": version.digest,
            "environment": release.environment,
            "replaces": replaces.version.digest if replaces is not None else None,
            "countersigned_by": str(release.countersigned_by) if release.countersigned_by else None,
            "added": kinds.count("added"),
            "changed": kinds.count("changed"),
            "removed": kinds.count("removed"),
            "rows": [f"{change.kind}: {change.row}" for change in changes[:_SUMMARY_LENGTH]],
        },
        values={"reason": release.reason.strip()},
    )
