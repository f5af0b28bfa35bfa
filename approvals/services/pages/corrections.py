"""What reviewers corrected, as pages show it: who, and each field as the agent had it and as it is now (APR-12)."""

from dataclasses import dataclass
from datetime import datetime

from approvals.domain.shown_value import ShownValue
from approvals.domain.visible_text import Piece, reveal
from approvals.models import AgentActionRequest, Correction
from approvals.selectors.corrections import list_corrections
from approvals.services.pages.labels import Fields, fields_of, label_of, show_option
from governance.domain.facts import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCorrection:
    """`changes`: label, the value before, the value after; None after means that it is not written."""

    person: str
    at: datetime
    reason: tuple[Piece, ...]
    changes: tuple[tuple[str, ShownValue, ShownValue | None], ...]


def show_corrections(request: AgentActionRequest) -> tuple[ShownCorrection, ...]:
    """Oldest first. One query, none for a request that nobody corrected."""
    rows = list_corrections(request)
    afters = [*(row.proposed["patch"] for row in rows[1:]), request.patch]
    fields = fields_of(request, request.object_type)
    return tuple(_show(request, row, after, fields) for row, after in zip(rows, afters, strict=False))


def _show(
    request: AgentActionRequest, row: Correction, patch: list[dict[str, object]], fields: Fields
) -> ShownCorrection:
    def shown(name: str, value: JsonValue) -> ShownValue:
        return show_option(request, request.object_type, name, value)

    before = {item["field"]: item["after"] for item in row.proposed["patch"]}
    after = {item["field"]: item["after"] for item in patch}
    return ShownCorrection(
        person=row.person.name,
        at=row.created_at,
        reason=reveal(row.reason),
        changes=(
            *(
                (label_of(fields, name), shown(name, before.get(name)), shown(name, after.get(name)))
                for name in row.fields
            ),
            *((label_of(fields, name), shown(name, before.get(name)), None) for name in row.left_out),
        ),
    )
