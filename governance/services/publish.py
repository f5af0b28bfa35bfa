"""Publish: what the rows say becomes the policy in force, immutable, hashed and recorded (POL-03)."""

import hashlib
import uuid
from datetime import datetime

import msgspec
from django.db import IntegrityError, transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.coherence import CompileError
from governance.domain.diff import Change, diff_documents
from governance.models import Person, PolicyVersion, Workspace
from governance.selectors.compilation import compile_policy, decode_document, encode_document

_SUMMARY_LENGTH = 100


class PublishError(Exception):
    """Base of what keeps a policy from being published. Nothing was changed."""

    code = "publish_refused"


class IncoherentPolicyError(PublishError):
    """Rows contradict each other or name what does not exist. `errors` names every one of them."""

    code = "policy_incoherent"

    def __init__(self, errors: tuple[CompileError, ...]) -> None:
        super().__init__("; ".join(f"{error.row}: {error.message}" for error in errors))
        self.errors = errors


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


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The version now in force, and what it changed."""

    id: uuid.UUID
    number: int
    digest: str
    changes: tuple[Change, ...]


def publish_policy(*, workspace_id: uuid.UUID, person_id: uuid.UUID, reason: str, now: datetime) -> Published:
    """Compile the rows and put the document in force.

    Commits the version and its `policy.published` event together. Of two publishers at once one wins; the other gets
    ConcurrentPublishError. Raises IncoherentPolicyError, NothingChangedError, NoReasonError, UnknownPublisherError,
    Workspace.DoesNotExist. Whether the person may publish is asked at the door.
    """
    compilation = compile_policy(workspace_id=workspace_id)
    if compilation.errors:
        raise IncoherentPolicyError(compilation.errors)
    document = encode_document(compilation.document)
    return _put_in_force(workspace_id, document, person_id=person_id, reason=reason, restores=None, now=now)


def republish_version(*, version_id: uuid.UUID, person_id: uuid.UUID, reason: str, now: datetime) -> Published:
    """Roll back: put an earlier version's document in force again, byte for byte, under a new number.

    The rows stay as they are and show as unpublished changes. Raises as `publish_policy`, and
    PolicyVersion.DoesNotExist.
    """
    earlier = PolicyVersion.objects.get(pk=version_id)
    return _put_in_force(
        earlier.workspace_id,
        bytes(earlier.document),
        person_id=person_id,
        reason=reason,
        restores=earlier.number,
        now=now,
    )


def _put_in_force(
    workspace_id: uuid.UUID,
    document: bytes,
    *,
    person_id: uuid.UUID,
    reason: str,
    restores: int | None,
    now: datetime,
) -> Published:
    if not reason.strip():
        raise NoReasonError("a policy is published with a reason")
    if not Person.objects.filter(pk=person_id, is_active=True).exists():
        raise UnknownPublisherError("nobody active by this id can publish")
    digest = f"sha256:{hashlib.sha256(document).hexdigest()}"
    newest = PolicyVersion.objects.filter(workspace_id=workspace_id).order_by("-number").first()
    if newest is not None and newest.digest == digest:
        raise NothingChangedError(f"version {newest.number} says the same already")
    before = decode_document(bytes(newest.document)) if newest is not None else None
    version = PolicyVersion(
        workspace_id=workspace_id,
        number=newest.number + 1 if newest is not None else 1,
        digest=digest,
        document=document,
        published_by_id=person_id,
        reason=reason.strip(),
        created_at=now,
    )
    changes = diff_documents(before, decode_document(document))
    _insert(version, changes, restores=restores, now=now)
    return Published(id=version.pk, number=version.number, digest=digest, changes=changes)


def _insert(version: PolicyVersion, changes: tuple[Change, ...], *, restores: int | None, now: datetime) -> None:
    """The unique number is the lock: no other publisher can have built on the same predecessor."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                version.save(force_insert=True)
        except IntegrityError as error:
            raise ConcurrentPublishError("someone else published at the same moment") from error
        append_event(_published_event(version, changes, restores), now=now)


def _published_event(version: PolicyVersion, changes: tuple[Change, ...], restores: int | None) -> NewEvent:
    """Rows, kinds and digests only: the reason is free text and stays erasable."""
    kinds = [change.kind for change in changes]
    return NewEvent(
        type="policy.published",
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=version.workspace_id),
        actor=Actor("human", str(version.published_by_id)),
        subject=Subject("policy_version", str(version.pk)),
        correlation_id=str(version.pk),
        data={
            "number": version.number,
            "digest": version.digest,
            "restores": restores,
            "added": kinds.count("added"),
            "changed": kinds.count("changed"),
            "removed": kinds.count("removed"),
            "rows": [f"{change.kind}: {change.row}" for change in changes[:_SUMMARY_LENGTH]],
        },
        values={"reason": version.reason},
    )
