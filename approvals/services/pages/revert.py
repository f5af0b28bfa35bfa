"""The revert page: what taking an action back would do, field by field, three ways (RVT-03)."""

from dataclasses import dataclass
from uuid import UUID

from approvals.domain.shown_value import ShownValue
from approvals.models import AgentActionRequest
from approvals.services.pages.labels import fields_of, label_of, show_option
from approvals.services.pages.review import Subject, show_subject
from approvals.services.revert import RevertError, RevertPlan, ThreeWay, plan_revert
from governance.selectors.access import NotAllowedError


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownThreeWay:
    """One field. `is_conflict` says that somebody else wrote after us."""

    field: str
    label: str
    before: ShownValue
    ours: ShownValue
    now: ShownValue
    is_conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertPage:
    """`obstacle` says why nothing can be taken back; then there are no fields."""

    subject: Subject
    fields: tuple[ShownThreeWay, ...]
    conflicts: int
    is_irreversible: bool
    archives: bool
    obstacle: str


def show_revert(request: AgentActionRequest, *, person_id: UUID | None, user_id: int) -> RevertPage:
    """Reads the CRM, so never inside a transaction; commits nothing."""
    plan, obstacle = _plan(request, person_id, user_id)
    labels = fields_of(request, request.object_type)
    fields = tuple(_three_way(request, item, label_of(labels, item.field)) for item in plan.fields) if plan else ()
    return RevertPage(
        subject=show_subject(request),
        fields=fields,
        conflicts=sum(field.is_conflict for field in fields),
        is_irreversible=bool(plan and plan.is_irreversible),
        archives=bool(plan and plan.action == "delete"),
        obstacle=obstacle,
    )


def _plan(request: AgentActionRequest, person_id: UUID | None, user_id: int) -> tuple[RevertPlan | None, str]:
    if person_id is None:
        return None, "Your login belongs to no person, so it cannot take anything back."
    try:
        return plan_revert(request_id=request.pk, person_id=person_id, user_id=user_id), ""
    except (RevertError, NotAllowedError) as error:
        return None, str(error)


def _three_way(request: AgentActionRequest, item: ThreeWay, label: str) -> ShownThreeWay:
    return ShownThreeWay(
        field=item.field,
        label=label,
        before=show_option(request, request.object_type, item.field, item.before),
        ours=show_option(request, request.object_type, item.field, item.ours),
        now=show_option(request, request.object_type, item.field, item.now),
        is_conflict=item.is_conflict,
    )
