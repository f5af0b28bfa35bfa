"""The action digest: the one hash that is seen, judged and executed (APR-04)."""

from collections.abc import Sequence
from uuid import UUID

from approvals.domain.patch import dump_patch
from audit.domain.canonical import digest
from governance.domain.decision import FieldChange


def action_digest(
    *,
    request_id: UUID,
    connection: str,
    action: str,
    object_type: str,
    record_id: str,
    patch: Sequence[FieldChange],
    record_version: str,
    association: tuple[str, str] | None = None,
) -> str:
    """`sha256:<hex>` over the canonical JSON of the exact effect. The request's id is in it, so that a vote on one
    request never fits another, however alike they are.
    """
    return digest(
        {
            "action": action,
            "association": list(association) if association else None,
            "connection": connection,
            "object": object_type,
            "patch": dump_patch(patch),
            "record": record_id,
            "record_version": record_version,
            "request": str(request_id),
        }
    )
