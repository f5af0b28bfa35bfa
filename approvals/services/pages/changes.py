"""Changes: the rows of a diff, before and after and what the CRM holds at this moment."""

from dataclasses import dataclass
from typing import Any

from approvals.domain.shown_value import UNREAD, ShownValue
from approvals.models import AgentActionRequest
from approvals.services.pages.labels import Fields, label_of, show_option
from approvals.services.pages.records import RecordNow
from approvals.services.provenance import signed_fields
from governance.domain.drift import is_same


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """`now` only where it differs from `before`; `redirected_from` the label of the field that was asked for;
    `is_signature` for what we add to say who wrote (REG-07)."""

    field: str
    label: str
    before: ShownValue
    after: ShownValue
    now: ShownValue | None = None
    redirected_from: str = ""
    redirect_code: str = ""
    is_signature: bool = False


def show_changes(request: AgentActionRequest, fields: Fields, record: RecordNow | None) -> tuple[ShownChange, ...]:
    """The patch in order. Without a decision there is no patch: then what was asked, with nothing read before it."""
    redirects = {item["suggestion_field"]: item for item in request.decision.get("redirects", ())}
    asked: list[dict[str, Any]] = [
        {"field": name, "before": None, "after": value} for name, value in _asked(request).items()
    ]
    current, signed = _current(request, record), signed_fields(request) if request.patch else frozenset[str]()
    is_ours = request.agent_id is not None or request.reverses_id is not None
    changes = []
    for item in request.patch or asked:
        name, redirect = item["field"], redirects.get(item["field"])
        is_signature = is_ours and name in signed
        is_drifted = (
            bool(request.patch) and not is_signature and name in current and not is_same(current[name], item["before"])
        )
        change = ShownChange(
            field=name,
            label=label_of(fields, name),
            before=show_option(request, request.object_type, name, item["before"]) if request.patch else UNREAD,
            after=show_option(request, request.object_type, name, item["after"]),
            now=show_option(request, request.object_type, name, current[name]) if is_drifted else None,
            redirected_from=label_of(fields, redirect["field"]) if redirect else "",
            redirect_code=redirect["code"] if redirect else "",
            is_signature=is_signature,
        )
        changes.append(change)
    return tuple(changes)


def _asked(request: AgentActionRequest) -> dict[str, object]:
    changes = request.body.get("changes") or request.facts.get("request", {}).get("changes")
    return changes if isinstance(changes, dict) else {}


def _current(request: AgentActionRequest, record: RecordNow | None) -> dict[str, object]:
    """Drift matters while the change is still ahead of us: afterwards the trace compares."""
    is_ahead = request.status in ("pending", "approved", "evaluating", "conflict")
    if record is None or not record.exists or not request.record_id or not is_ahead:
        return {}
    return dict(record.values)
