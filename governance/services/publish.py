"""Publish: what the rows say becomes an immutable, hashed version, in force in the sandbox first (POL-03, SBX-01)."""

import hashlib
import uuid
from datetime import datetime

import msgspec
from django.db.models import Max

from governance.domain.compile_error import CompileError
from governance.domain.diff import Change
from governance.domain.vocabulary import Environment
from governance.models import PolicyRelease, PolicyVersion
from governance.selectors.compilation import compile_policy, encode_document
from governance.selectors.live_grants import has_waiting_grants
from governance.selectors.policy import keep_policy_index, read_policy_index
from governance.selectors.releases import get_release
from governance.services.releases import (
    ConcurrentPublishError,
    GoldenCaseFailedError,
    NoReasonError,
    NothingChangedError,
    PublishError,
    Release,
    UnknownPublisherError,
    ensure_golden,
    ensure_publisher,
    put_in_force,
)

__all__ = [
    "ConcurrentPublishError",
    "GoldenCaseFailedError",
    "IncoherentPolicyError",
    "NoReasonError",
    "NothingChangedError",
    "PublishError",
    "Published",
    "UnknownPublisherError",
    "publish_policy",
]


class IncoherentPolicyError(PublishError):
    """Rows contradict each other or name what does not exist. `errors` names every one of them."""

    code = "policy_incoherent"

    def __init__(self, errors: tuple[CompileError, ...]) -> None:
        super().__init__("; ".join(f"{error.row}: {error.message}" for error in errors))
        self.errors = errors


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """The version now in force in the sandbox, and what it changed there."""

    id: uuid.UUID
    number: int
    digest: str
    changes: tuple[Change, ...]


def publish_policy(*, workspace_id: uuid.UUID, person_id: uuid.UUID, reason: str, now: datetime) -> Published:
    """Compile the rows and put the document in force in the sandbox; production takes a promotion.

    Commits the version, its release and the `policy.published` event together; compiling and the golden cases come
    before, outside the transaction. Of two publishers at once one wins; the other gets ConcurrentPublishError. Raises
    IncoherentPolicyError, GoldenCaseFailedError, NothingChangedError, NoReasonError, UnknownPublisherError,
    Workspace.DoesNotExist. Whether the person may publish is asked at the door.
    """
    current = get_release(workspace_id, Environment.SANDBOX)
    newest = PolicyVersion.objects.filter(workspace_id=workspace_id).aggregate(number=Max("number"))["number"]
    compilation = compile_policy(workspace_id=workspace_id)
    if compilation.errors:
        raise IncoherentPolicyError(compilation.errors)
    ensure_publisher(person_id, reason)
    document = encode_document(compilation.document)
    digest = f"sha256:{hashlib.sha256(document).hexdigest()}"
    if current is not None and current.version.digest == digest and not _is_awaited(current):
        raise NothingChangedError(f"version {current.version.number} says the same already")
    index = read_policy_index(document, digest=digest)
    ensure_golden(workspace_id, index)
    version = PolicyVersion(
        workspace_id=workspace_id,
        number=(newest or 0) + 1,
        digest=digest,
        document=document,
        published_by_id=person_id,
        reason=reason.strip(),
        created_at=now,
    )
    release = Release(
        version=version,
        environment=Environment.SANDBOX,
        kind="policy.published",
        person_id=person_id,
        reason=reason,
        now=now,
    )
    changes = put_in_force(release, replaces=current)
    keep_policy_index(index)
    return Published(id=version.pk, number=version.number, digest=digest, changes=changes)


def _is_awaited(current: PolicyRelease) -> bool:
    """Whether the same document, published anew, would bring a grant to life."""
    return has_waiting_grants(workspace_id=current.workspace_id, version_id=current.version_id)
