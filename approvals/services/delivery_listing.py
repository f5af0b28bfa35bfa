"""What bounced or drew a complaint is not written to again: its address goes on the do-not-contact list (DNC-04)."""

from datetime import datetime
from uuid import UUID

from approvals.domain.patch import after_values, read_patch
from approvals.domain.recipients import RESOLVED_FIELD
from approvals.models import AgentActionRequest
from audit.domain.canonical import canonical_bytes
from audit.domain.event import Actor
from governance.domain.action_class import REACHES_BY
from governance.domain.dnc_key import InvalidRecipientError
from governance.domain.facts import RecipientFacts
from governance.selectors.dnc_facts import DncQuestion, get_dnc_facts
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.dnc_lock import hold_dnc_exclusive
from governance.services.dnc_proofs import keep_reported_proof

_REASONS = {"bounce": "What was sent to it bounced", "complaint": "What was sent to it drew a complaint"}


def keep_report(request: AgentActionRequest, *, kind: str, by: str, now: datetime) -> UUID:
    """The report as a document of its own, which the entry names as its proof; the proof's id.

    Call it outside of a transaction: a file is written. Raises OSError.
    """
    told = {"kind": kind, "reported_at": now.isoformat(), "reported_by": by, "request": str(request.pk)}
    name = f"{kind}-{request.pk}.txt"
    return keep_reported_proof(workspace_id=request.workspace_id, name=name, content=canonical_bytes(told), now=now)


def list_addressee(request: AgentActionRequest, *, kind: str, proof_id: UUID, actor: Actor, now: datetime) -> None:
    """Put the address that the message went to on the list, unless it is there. Whoever was in copy is not touched.

    In the caller's transaction, with whatever the report commits. Raises as `add_dnc_entry` and `get_dnc_facts` do.
    """
    address, reached_by = address_of(request), REACHES_BY[request.action]
    if not address:
        return
    hold_dnc_exclusive()  # one entry an address, however many report at once
    question = DncQuestion(
        workspace_id=request.workspace_id,
        connection=request.connection.name,
        recipients=[RecipientFacts(kind=reached_by, address=address)],
    )
    if get_dnc_facts([question], now=now)[0].hits:
        return
    entry = NewDncEntry(kind=reached_by, value=address, reason=_REASONS[kind], source=kind, proof_id=proof_id)
    try:
        add_dnc_entry(workspace_id=request.workspace_id, entry=entry, actor=actor, now=now)
    except InvalidRecipientError:
        return  # what cannot be read cannot be written to either: the list says so before every send


def address_of(request: AgentActionRequest) -> str:
    """Where the message went, empty where the patch does not say."""
    field = RESOLVED_FIELD[request.action]
    return str(after_values(read_patch(request.patch)).get(field) or "")
