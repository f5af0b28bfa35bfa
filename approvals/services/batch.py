"""Batch: up to 500 proposals under one manifest (APR-06, EXE-04)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from approvals.domain.proposed import Proposed


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """One item's answer: a request with its status, or the `error_code` and message why it could not be accepted."""

    position: int
    request_id: UUID | None
    status: str
    status_code: str
    error_code: str = ""
    error_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSubmission:
    batch_id: UUID
    manifest_digest: str
    is_replay: bool
    items: tuple[BatchItem, ...]


def submit_batch(
    *, principal: Any, proposals: tuple[Proposed, ...], idempotency_key: str, now: datetime
) -> BatchSubmission:
    """Accept up to 500 proposals. Raises BatchTooLargeError, DuplicateTargetError and the IntakeErrors of the whole."""
    raise NotImplementedError
