"""Keeping the document that shows why someone is on the do-not-contact list (DNC-02/08)."""

from datetime import datetime
from uuid import UUID

from audit.domain.identifier import new_id
from governance.adapters.dnc_files import keep_proof
from governance.domain.proof_file import proof_ending, proof_name
from governance.models import DncProof
from governance.selectors.access import ensure_may


def keep_dnc_proof(*, workspace_id: UUID, name: str, content: bytes, user_id: int, now: datetime) -> UUID:
    """Keep a document (PDF, PNG, JPEG, UTF-8 text; 10 MB) under its hash; returns the proof's id, once per document.

    It counts for nothing until an entry names it: then its hash is in the ledger. Commits the row after the file is on
    the disk. Raises ProofFileError, NotAllowedError, OSError.
    """
    ensure_may(user_id=user_id, permission="add_dnc", workspace_id=workspace_id)
    return _keep(workspace_id, name, content, now)


def keep_reported_proof(*, workspace_id: UUID, name: str, content: bytes, now: datetime) -> UUID:
    """The same for what a system told, which has proven itself at its door. Raises ProofFileError, OSError."""
    return _keep(workspace_id, name, content, now)


def _keep(workspace_id: UUID, name: str, content: bytes, now: datetime) -> UUID:
    ending = proof_ending(content)
    digest = keep_proof(content)
    proof = DncProof(
        id=new_id(),
        workspace_id=workspace_id,
        sha256=digest,
        name=proof_name(name, ending),
        size_bytes=len(content),
        added_at=now,
    )
    DncProof.objects.bulk_create([proof], ignore_conflicts=True)
    kept: UUID = DncProof.objects.values_list("pk", flat=True).get(workspace_id=workspace_id, sha256=digest)
    return kept
