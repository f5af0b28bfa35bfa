"""The page on which a person asks a draft about a request (POL-07)."""

from dataclasses import dataclass

from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest
from approvals.services.draft_preview import DraftPreview, has_shadow, preview_draft
from approvals.services.pages.labels import fields_of, label_of

OUTCOME_WORDS = {
    "allow": "goes through by itself",
    "require_approval": "waits for a person",
    "deny": "is refused",
    "": "is not decided yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """`live` and `draft` are outcomes in words; `reasons` what shaped the draft's, each with the field's label."""

    request: AgentActionRequest
    preview: DraftPreview
    has_shadow: bool
    live: str
    draft: str
    is_same: bool
    reasons: tuple[tuple[str, tuple[Piece, ...]], ...]


def show_draft(request: AgentActionRequest, *, source: str) -> DraftPage:
    """Ask the draft and lay its answer beside the decision on record. Commits nothing."""
    preview = preview_draft(request, source=source)
    fields, decision = fields_of(request, request.object_type), preview.decision
    outcome = decision.outcome if decision is not None else ""
    return DraftPage(
        request=request,
        preview=preview,
        has_shadow=has_shadow(request.workspace_id),
        live=OUTCOME_WORDS[request.outcome],
        draft=OUTCOME_WORDS[outcome],
        is_same=outcome == request.outcome,
        reasons=tuple(
            (label_of(fields, check.field) if check.field else "", reveal(check.message.replace("`", "")))
            for check in (decision.reasons if decision is not None else ())
        ),
    )
