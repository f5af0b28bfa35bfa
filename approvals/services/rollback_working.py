"""Working off rollback drills: propose, wait, verify, take back, wait, verify (RVT-06, SBX-01).

Each step looks at the rows and goes on from there, so that any worker may take any step again: the proposal has one
idempotency key, one request has one live revert, and a drill ends once.
"""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from approvals.domain.proposal_parsing import parse_proposal
from approvals.domain.rollback_drill import MARK, OPEN_STATES, DrillState, is_lost
from approvals.domain.status import Status
from approvals.models import AgentActionRequest, RollbackDrill
from approvals.services.intake import submit_request
from approvals.services.intake_errors import IntakeError
from approvals.services.revert import RevertError, revert_request
from approvals.services.rollback_choosing import choose_write
from approvals.services.rollback_drills import drill_event, start_scheduled
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from audit.services.append import append_event
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.domain.drift import is_same
from governance.selectors.access import NotAllowedError
from governance.selectors.principal import stand_in_principal
from governance.services.credentials import issue_drill_credential, revoke_credential

_MADE = (Status.PENDING, Status.APPROVED, Status.EXECUTING, Status.EXECUTED, Status.UNKNOWN)
_BY = Actor("system", MARK)
_JOINED = ("workspace", "agent__workspace", "connection", "request", "revert")
log = structlog.get_logger(__name__)


def work_on_rollback_drills(*, limit: int = 50) -> int:
    """Begin what is scheduled and take each open drill one step on; returns how many were open. Never called inside a
    transaction. A drill that breaks its worker is logged, and the others go on."""
    start_scheduled(now=get_now())
    drills = RollbackDrill.objects.filter(state__in=OPEN_STATES).select_related(*_JOINED).order_by("started_at")
    found = list(drills[:limit])
    for drill in found:
        try:
            _step(drill, get_now())
        except Exception:
            log.exception("a rollback drill broke its worker", drill=str(drill.pk))
    return len(found)


def _step(drill: RollbackDrill, now: datetime) -> None:
    match DrillState(drill.state):
        case DrillState.STARTING:
            _propose(drill, now)
        case DrillState.WRITING:
            _see_written(drill, now)
        case DrillState.REVERTING:
            _see_reverted(drill, now)
        case _:
            return


def _propose(drill: RollbackDrill, now: datetime) -> None:
    """The body is kept before it is sent: whoever comes after a crash sends the same under the same key."""
    credential_id = drill.credential_id or _issue(drill, now)
    scopes = frozenset({"requests:write"})
    principal = stand_in_principal(drill.agent, credential_id=credential_id, scopes=scopes, now=now)
    if not drill.body:
        chosen = choose_write(drill, principal, now=now)
        if chosen is None:
            _end(drill, DrillState.FAILED, "nothing_to_write", now)
            return
        drill.connection, drill.body = chosen
        drill.save(update_fields=["connection", "body"])
    try:
        submission = submit_request(
            principal=principal, proposal=parse_proposal(drill.body), idempotency_key=f"{MARK}-{drill.pk}", now=now
        )
    except IntakeError as error:
        _end(drill, DrillState.FAILED, error.code, now)
        return
    _move(drill, DrillState.WRITING, request_id=submission.request_id)


def _issue(drill: RollbackDrill, now: datetime) -> int:
    """A credential of the drill's own, which ends with it."""
    credential_id = issue_drill_credential(agent_id=drill.agent_id, actor=_BY, now=now)
    drill.credential_id = credential_id
    drill.save(update_fields=["credential"])
    return credential_id


def _see_written(drill: RollbackDrill, now: datetime) -> None:
    request = drill.request
    if request is None or is_lost(request.status):
        _end(drill, DrillState.FAILED, f"write_{request.status_code or request.status}" if request else "lost", now)
        return
    if revert_id := _find_revert(request.pk):  # made by an earlier turn, which died
        _move(drill, DrillState.REVERTING, revert_id=revert_id)
        return
    if request.status != Status.EXECUTED:
        return
    if not _holds(drill, drill.body["changes"]):
        _end(drill, DrillState.FAILED, "write_not_found", now)
        return
    try:
        revert_id = revert_request(
            request_id=request.pk,
            person_id=drill.person_id,
            user_id=drill.user_id,
            reason="a rollback drill",
            now=now,
        ).request_id
    except (RevertError, NotAllowedError) as error:
        _end(drill, DrillState.FAILED, f"revert_{error.code}", now)
        return
    _move(drill, DrillState.REVERTING, revert_id=revert_id)


def _see_reverted(drill: RollbackDrill, now: datetime) -> None:
    revert = drill.revert
    if revert is None or is_lost(revert.status):
        _end(drill, DrillState.FAILED, f"revert_{revert.status_code or revert.status}" if revert else "lost", now)
        return
    if revert.status not in (Status.EXECUTED, Status.REVERTED):
        return
    is_back = _holds(drill, drill.body["expected"])
    _end(drill, DrillState.PASSED if is_back else DrillState.FAILED, "" if is_back else "value_not_back", now)


def _find_revert(request_id: UUID) -> UUID | None:
    """The live revert of this request, whoever made it."""
    rows = AgentActionRequest.objects.filter(reverses_id=request_id)
    return (
        rows.exclude(status__in=(Status.DENIED, Status.FAILED, Status.CANCELLED)).values_list("pk", flat=True).first()
    )


def _holds(drill: RollbackDrill, values: dict[str, object]) -> bool:
    """Whether the record holds these values now, asked of the CRM itself."""
    if drill.connection is None:
        return False
    target = drill.body["target"]
    try:
        connector = get_connector(drill.connection.pk, kind=drill.connection.kind)
        record = connector.read(object_type=target["object"], record_id=target["id"], fields=sorted(values))
    except ConnectorError:
        return False
    return all(is_same(value, record.values.get(name)) for name, value in values.items())


def _move(drill: RollbackDrill, state: DrillState, **columns: UUID) -> None:
    RollbackDrill.objects.filter(pk=drill.pk, state=drill.state).update(state=state.value, **columns)


def _end(drill: RollbackDrill, state: DrillState, code: str, now: datetime) -> None:
    """Ends once: result and event in one transaction. What a promotion asks for is the revert's own evidence."""
    with transaction.atomic():
        rows = RollbackDrill.objects.filter(pk=drill.pk, state=drill.state)
        if not rows.update(state=state.value, code=code[:60], finished_at=now):
            return
        drill.state, drill.code = state.value, code
        append_event(drill_event(drill, "finished", _BY), now=now)
    if drill.credential_id is not None:
        revoke_credential(credential_id=drill.credential_id, actor=_BY, now=now)
