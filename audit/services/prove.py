"""Proving one event on the spot: its bytes, its place, the signed tree."""

from dataclasses import dataclass
from uuid import UUID

from audit.domain.merkle import leaf_hash
from audit.domain.note import InvalidNoteError
from audit.domain.proof import verify_inclusion
from audit.models import LedgerEvent
from audit.selectors.proofs import InclusionProof, get_inclusion_proof
from audit.selectors.tree import DamagedTreeError
from audit.services.known_keys import open_known


@dataclass(frozen=True, slots=True)
class Proven:
    """`is_proven` is False while the event is under no checkpoint, and for ever once its bytes were changed."""

    is_proven: bool
    sentence: str


def prove_event(event_id: UUID) -> Proven:
    """Check the stored bytes of an event against the newest signed checkpoint. Raises LedgerEvent.DoesNotExist."""
    body = bytes(LedgerEvent.objects.values_list("body", flat=True).get(id=event_id))
    try:
        proof = get_inclusion_proof(event_id)
        if proof is None:
            return Proven(is_proven=False, sentence="recorded; not under a signed checkpoint yet")
        is_included = _is_included(body, proof)
    except (DamagedTreeError, InvalidNoteError) as error:
        return Proven(is_proven=False, sentence=f"NOT PROVEN: {error}")
    place = f"leaf {proof.leaf_index} of the signed tree of {proof.checkpoint.size}"
    if not is_included:
        return Proven(is_proven=False, sentence=f"NOT PROVEN: these bytes are not {place}")
    return Proven(is_proven=True, sentence=f"proven: {place}, root {proof.checkpoint.root.hex()}")


def _is_included(body: bytes, proof: InclusionProof) -> bool:
    """The root is taken from the signed note, not from the row beside it."""
    head, _ = open_known(proof.checkpoint.note)
    return verify_inclusion(
        leaf=leaf_hash(body), index=proof.leaf_index, size=head.size, proof=proof.hashes, root=head.root
    )
