"""Plan and apply: what a policy file would change, then the same in earnest, as a draft (POL-08)."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from audit.domain.event import Actor, NewEvent, Subject
from audit.services.append import append_event
from governance.domain.compile_error import CompileError
from governance.domain.yaml_writing import write_value
from governance.models import ApproverGroup, Grant, User, Workspace
from governance.selectors.access import ensure_may
from governance.selectors.compilation import compile_policy
from governance.selectors.policy_sections import SECTIONS
from governance.services.config_changes import record_config_change
from governance.services.policy_file.changing import RowChange, change_rows
from governance.services.policy_file.wanted import Wanted, read_wanted

MAX_SHOWN = 120


class PlanChangedError(ValueError):
    """The rows changed since the plan was shown: look at the new plan first. Nothing was changed."""

    code = "plan_changed"


class PlanReasonMissingError(ValueError):
    """Applying a file says why."""

    code = "reason_missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPlan:
    """`lines` say each changed row in words; `errors` are rows that would keep the draft from being published;
    `absent` sections are not in the file and stay. `digest` names exactly these changes."""

    lines: tuple[str, ...]
    errors: tuple[CompileError, ...]
    absent: tuple[str, ...]
    digest: str


def plan_policy_file(content: bytes, *, workspace_id: uuid.UUID) -> PolicyPlan:
    """What applying would do. Does it, looks, and takes it back: a plan that succeeds is one that can be applied.

    Commits nothing. Raises PolicyFileError, with line and column, and Workspace.DoesNotExist.
    """
    with transaction.atomic():
        wanted = read_wanted(content, workspace_id=workspace_id)
        plan = _plan(wanted, change_rows(wanted, workspace_id=workspace_id, user=None), workspace_id)
        transaction.set_rollback(True)
    return plan


def apply_policy_file(
    content: bytes, *, workspace_id: uuid.UUID, user_id: int, reason: str, now: datetime, expected_digest: str = ""
) -> PolicyPlan:
    """Write the rows as this person; they stay a draft until they are published.

    `expected_digest` is of the plan that the person saw. Commits rows, their history, a ledger event each and
    `policy_file.applied` together, or nothing; nothing at all when there is nothing to change. Raises PolicyFileError,
    PlanChangedError, PlanReasonMissingError, NotAllowedError (needs `edit_policy`, for approver
    groups and for freeing a withdrawn grant `manage_agents` too), LedgerUnavailableError.
    """
    if not reason.strip():
        raise PlanReasonMissingError("say why")
    ensure_may(user_id=user_id, permission="edit_policy", workspace_id=workspace_id)
    user = User.objects.get(pk=user_id)
    with transaction.atomic():
        wanted = read_wanted(content, workspace_id=workspace_id)
        changes = change_rows(wanted, workspace_id=workspace_id, user=user)
        plan = _plan(wanted, changes, workspace_id)
        if expected_digest and expected_digest != plan.digest:
            raise PlanChangedError("the rows changed since the plan was made; look at the plan again")
        if any(_bites_at_once(change) for change in changes):
            ensure_may(user_id=user_id, permission="manage_agents", workspace_id=workspace_id)
        if changes:
            _record(changes, plan, user=user, workspace_id=workspace_id, reason=reason.strip(), now=now)
    return plan


def _plan(wanted: Wanted, changes: list[RowChange], workspace_id: uuid.UUID) -> PolicyPlan:
    lines = tuple(line for change in changes for line in _words(change))
    return PolicyPlan(
        lines=lines,
        errors=compile_policy(workspace_id=workspace_id).errors if changes else (),
        absent=tuple(section.name for section in SECTIONS if section.name not in wanted.sections),
        digest="sha256:" + sha256("\n".join(lines).encode()).hexdigest(),
    )


def _bites_at_once(change: RowChange) -> bool:
    """No draft: who is in a group decides from now on, and a grant that is withdrawn no more is used from now on."""
    if isinstance(change.row, Grant):
        return bool(change.before.get("is_withdrawn")) and not change.after.get("is_withdrawn")
    return isinstance(change.row, ApproverGroup)


def _words(change: RowChange) -> list[str]:
    """One line for a row that comes or goes, one for each column that changes."""
    row = f"{change.section} {' '.join(part for part in change.key if part)}"
    if change.operation == "created":
        columns = ", ".join(f"{name} {_short(value)}" for name, value in change.after.items() if value not in ("", []))
        return [f"+ {row}: {columns}"]
    if change.operation == "deleted":
        return [f"- {row}"]
    return [f"~ {row}: {name} {_short(change.before[name])} → {_short(value)}" for name, value in change.after.items()]


def _short(value: object) -> str:
    text = write_value(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"


def _record(
    changes: list[RowChange], plan: PolicyPlan, *, user: User, workspace_id: uuid.UUID, reason: str, now: datetime
) -> None:
    actor = Actor("human", str(user.person_id or user.username))
    for change in changes:
        record_config_change(
            workspace_id=workspace_id,
            row=change.row,
            operation=change.operation,
            fields=sorted(change.after or change.before),
            actor=actor,
            now=now,
        )
    event = NewEvent(
        type="policy_file.applied",
        workspace=Workspace.objects.values_list("slug", flat=True).get(pk=workspace_id),
        actor=actor,
        subject=Subject("policy_file", plan.digest),
        correlation_id=f"policy-file-{plan.digest[7:23]}",
        data={"plan": plan.digest, "rows": dict(Counter(f"{item.section}.{item.operation}" for item in changes))},
        values={"reason": reason},
    )
    append_event(event, now=now)
