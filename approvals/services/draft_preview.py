"""What the draft would say of a request that is on record; commits nothing (POL-07)."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from approvals.models import AgentActionRequest
from governance.domain.compile_error import CompileError
from governance.domain.decision import Decision
from governance.domain.document import PolicyDocument
from governance.domain.facts import Facts
from governance.domain.golden import decide_stored
from governance.domain.index import compile_index
from governance.models import ShadowRun
from governance.selectors.compilation import compile_policy, decode_document

SHADOW, ROWS = "shadow", "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPreview:
    """`source` is whose draft was asked. `decision` is None where the facts on record do not say, or where `errors`
    keep the rows from being asked at all."""

    source: str
    decision: Decision | None
    errors: tuple[CompileError, ...] = ()


def preview_draft(request: AgentActionRequest, *, source: str) -> DraftPreview:
    """The decision of the draft that runs in shadow, or of the rows as they are edited now, on the facts on record.

    Without a run in shadow the rows are asked. Expects `facts`; writes nothing and reads no CRM.
    """
    document = _shadowed(request.workspace_id) if source == SHADOW else None
    if document is not None:
        return DraftPreview(source=SHADOW, decision=_decide(document, request))
    compilation = compile_policy(workspace_id=request.workspace_id)
    if compilation.errors:
        return DraftPreview(source=ROWS, decision=None, errors=compilation.errors)
    return DraftPreview(source=ROWS, decision=_decide(compilation.document, request))


def has_shadow(workspace_id: UUID) -> bool:
    """Whether a draft runs in shadow now. One query."""
    return ShadowRun.objects.filter(workspace_id=workspace_id, stopped_at__isnull=True).exists()


def _shadowed(workspace_id: UUID) -> PolicyDocument | None:
    run = ShadowRun.objects.filter(workspace_id=workspace_id, stopped_at__isnull=True).first()
    return decode_document(bytes(run.document)) if run is not None else None


def _decide(document: PolicyDocument, request: AgentActionRequest) -> Decision | None:
    try:
        facts = msgspec.convert(request.facts, Facts)
    except msgspec.ValidationError:
        return None
    return decide_stored(compile_index(document, version="draft"), facts)
