"""The policy in force, ready to decide with; and what is not published yet."""

import hashlib
import threading
import uuid
from collections import OrderedDict

import msgspec
from django.db.models import QuerySet

from audit.selectors.kept_query import KeptQuery
from audit.selectors.prepared import prepared_cursor
from governance.domain.compile_error import CompileError
from governance.domain.diff import Change, diff_documents
from governance.domain.index import PolicyIndex, compile_index
from governance.domain.vocabulary import Environment
from governance.models import PolicyRelease
from governance.selectors.compilation import compile_policy, decode_document
from governance.selectors.releases import get_digests_in_force

_CACHE_SIZE = 32
_indexes: OrderedDict[str, PolicyIndex] = OrderedDict()
_turns: dict[str, threading.Lock] = {}  # of the digests that some thread reads just now
_lock = threading.Lock()


class UnpublishedChanges(msgspec.Struct, frozen=True):
    """What publishing would change, and the rows that must be mended first."""

    changes: tuple[Change, ...]
    errors: tuple[CompileError, ...]


class PolicyCorruptError(RuntimeError):
    """Stored bytes do not hash to their digest: no decision is made with them."""

    code = "policy_corrupt"


def get_policy_index(workspace_id: uuid.UUID, environment: str) -> PolicyIndex | None:
    """The index of the version in force in this environment, None before anything was released there.

    Warm it costs one query for a digest; a document is read and indexed once per process. Raises PolicyCorruptError.
    """
    newest = _NEWEST.fetch(workspace_id, environment)
    return get_policy_index_by_digest(newest[0]) if newest else None


def _list_newest(workspace_id: uuid.UUID, environment: str) -> QuerySet[PolicyRelease, str]:
    rows = PolicyRelease.objects.filter(workspace_id=workspace_id, environment=environment)
    return rows.order_by("-number").values_list("version__digest", flat=True)[:1]


_NEWEST = KeptQuery(_list_newest)


def get_policy_indexes(workspace_id: uuid.UUID) -> dict[str, PolicyIndex]:
    """Environment → index of what is in force there. One query when warm. Raises PolicyCorruptError."""
    digests = get_digests_in_force(workspace_id)
    found = {environment: get_policy_index_by_digest(digest) for environment, digest in digests.items()}
    return {environment: index for environment, index in found.items() if index is not None}


def get_policy_index_by_digest(digest: str) -> PolicyIndex | None:
    """The index of a published document, in force or not; None when no such document was published.

    Documents never change, so a digest is cached for ever, within the newest used few. Threads that meet a new one
    together wait for the first of them, and those that ask for another one do not. Raises PolicyCorruptError.
    """
    if (known := _find_kept(digest)) is not None:
        return known
    with _lock:
        turn = _turns.setdefault(digest, threading.Lock())
    with turn:
        try:
            return _find_kept(digest) or _load(digest)
        finally:
            with _lock:
                _turns.pop(digest, None)


def keep_policy_index(index: PolicyIndex) -> None:
    """Have this process decide with the index of a document from now on; only what `read_policy_index` made of it."""
    with _lock:
        _indexes[index.version] = index
        while len(_indexes) > _CACHE_SIZE:
            _indexes.popitem(last=False)


def read_policy_index(document: bytes, *, digest: str) -> PolicyIndex:
    """The index of canonical bytes. Raises PolicyCorruptError when they do not hash to the digest."""
    if f"sha256:{hashlib.sha256(document).hexdigest()}" != digest:
        raise PolicyCorruptError(f"the stored policy does not hash to `{digest}`")
    return compile_index(decode_document(document), version=digest)


def get_unpublished_changes(workspace_id: uuid.UUID) -> UnpublishedChanges:
    """What the rows say beyond the version in force in the sandbox, and what would keep them from being published.

    Compiles the rows anew. Raises Workspace.DoesNotExist.
    """
    compilation = compile_policy(workspace_id=workspace_id)
    newest = (
        PolicyRelease.objects.filter(workspace_id=workspace_id, environment=Environment.SANDBOX)
        .order_by("-number")
        .values_list("version__document", flat=True)
        .first()
    )
    published = decode_document(bytes(newest)) if newest is not None else None
    return UnpublishedChanges(diff_documents(published, compilation.document), compilation.errors)


def _find_kept(digest: str) -> PolicyIndex | None:
    with _lock:
        if (known := _indexes.get(digest)) is not None:
            _indexes.move_to_end(digest)
        return known


def _load(digest: str) -> PolicyIndex | None:
    """In binary: a large document in hexadecimal digits takes longer to read than to index."""
    with prepared_cursor(is_binary=True) as cursor:
        cursor.execute("SELECT document FROM governance_policyversion WHERE digest = %s LIMIT 1", [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    index = read_policy_index(bytes(row[0]), digest=digest)
    keep_policy_index(index)
    return index
