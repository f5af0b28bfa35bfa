"""Run the dumb failures: real proposals through the real intake, the live policy, and nothing executed (PRG-02)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from approvals.domain.dumb_failures import (
    ALLOWED,
    APPROVAL,
    CASES,
    DENIED,
    REDIRECTED,
    REFUSED,
    UNDECIDED,
    Control,
    DumbFailure,
    stopped_by,
)
from approvals.domain.proposal_parsing import parse_proposal
from approvals.domain.status import TERMINAL
from approvals.domain.strict_json import UnacceptableJsonError
from approvals.models import AgentActionRequest, DrillCase, DrillRun
from approvals.services.cancel import cancel_request
from approvals.services.intake import Submission, submit_request
from approvals.services.intake_errors import IntakeError
from audit.domain.event import Actor, NewEvent, Subject
from audit.domain.identifier import new_id
from audit.services.append import append_event
from crm_connectors.domain.record import Record
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import get_connector
from governance.domain.check_result import DENY
from governance.domain.decision import CheckResult
from governance.domain.principal import Principal
from governance.domain.vocabulary import Environment
from governance.models import Agent, Connection
from governance.selectors.access import ensure_may
from governance.selectors.principal import stand_in_principal
from governance.services.credentials import issue_drill_credential, revoke_credential

MARK = "dumb_failures"
_NO_HASH = "sha256:" + "0" * 64


class DrillError(ValueError):
    """The drill cannot be run here."""

    code = "drill_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillResult:
    """One case: `actual` is the outcome, `codes` say which checks made it, `requests` are on record.

    `control` is the check that the case is about, when it objected, and `control_words` what it said.
    """

    name: str
    story: str
    expected: tuple[str, ...]
    actual: str
    is_held: bool
    codes: tuple[str, ...]
    control: str
    control_words: str
    requests: tuple[str, ...]
    mended_by: str


def run_dumb_failures(
    *, workspace_id: UUID, actor: Actor, now: datetime, agent_name: str = "", user_id: int | None = None
) -> DrillRun:
    """Send every case as this agent, by a credential of the drill's own, on records of an embedded sandbox connection.

    Without a name it is the workspace's agent of drills, which is granted enough to meet each control. Any other shows
    what holds for that one: a case that something else than its control stops, such as a missing grant, is not held.
    Each case is accepted, decided and cancelled in one transaction, so that no worker ever sees it approved; and the
    claim refuses whatever the agent of drills asks for. Commits each case, then the run with its `drill.finished`.
    Raises DrillError, NotAllowedError (a person needs `edit_policy`), LedgerUnavailableError.
    """
    if user_id is not None:
        ensure_may(user_id=user_id, permission="edit_policy", workspace_id=workspace_id)
    agents = Agent.objects.select_related("workspace").filter(workspace_id=workspace_id)
    agent = agents.filter(name=agent_name).first() if agent_name else agents.filter(is_drill=True).first()
    rows = Connection.objects.filter(workspace_id=workspace_id, kind="embedded", environment=Environment.SANDBOX)
    connection = rows.filter(is_active=True).order_by("name").first()
    if agent is None or connection is None:
        raise DrillError("it takes an agent and an embedded sandbox connection of this workspace")
    run_id = new_id()
    credential_id = issue_drill_credential(agent_id=agent.pk, actor=actor, now=now)
    try:
        scopes = frozenset({"requests:write"})
        principal = stand_in_principal(agent, credential_id=credential_id, scopes=scopes, now=now)
        results = [_run_case(case, mended, connection, principal, str(run_id)) for case, mended in _cases(workspace_id)]
    finally:
        revoke_credential(credential_id=credential_id, actor=actor, now=now)
    return _keep(run_id, agent, results, actor=actor, now=now)


def _cases(workspace_id: UUID) -> Iterable[tuple[DumbFailure, str]]:
    yield from ((case, "") for case in CASES)
    for row in DrillCase.objects.filter(workspace_id=workspace_id).order_by("name"):
        case = DumbFailure(
            name=row.name,
            story=row.story,
            proposal=row.proposal,
            target=row.target,
            expected=tuple(row.expected),
            controls=(Control(row.control),) if row.control else (),
        )
        yield case, row.mended_by


def _run_case(case: DumbFailure, mended_by: str, connection: Connection, principal: Principal, run: str) -> DrillResult:
    body = _body(case, connection, run)
    requests: list[str] = []
    actual = UNDECIDED
    objections: tuple[CheckResult, ...] = ()
    control: CheckResult | None = None
    with transaction.atomic():
        for _ in range(case.times):
            actual, objections, submission = _propose(body, principal)
            if submission is not None:
                requests.append(str(submission.request_id))
            control = stopped_by(case, objections)
            if actual in case.expected and control is not None:
                break
        _withdraw(requests, principal)
    return DrillResult(
        name=case.name,
        story=case.story,
        expected=case.expected,
        actual=actual,
        is_held=actual in case.expected and (control is not None or not case.controls),
        codes=tuple(objection.code for objection in objections),
        control=control.check if control is not None else "",
        control_words=control.message if control is not None else "",
        requests=tuple(requests[-3:]),
        mended_by=mended_by,
    )


def _propose(body: dict[str, Any], principal: Principal) -> tuple[str, tuple[CheckResult, ...], Submission | None]:
    """The outcome, what objected, and what was accepted."""
    try:
        proposal = parse_proposal(body)
        with transaction.atomic():
            submission = submit_request(
                principal=principal, proposal=proposal, idempotency_key=f"{MARK}-{new_id()}", now=principal.now
            )
    except (UnacceptableJsonError, IntakeError) as error:
        return REFUSED, (CheckResult("intake", DENY, error.code, str(error)),), None
    objections = submission.decision.reasons if submission.decision is not None else ()
    return _outcome(submission), objections, submission


def _outcome(submission: Submission) -> str:
    if submission.decision is None:
        return UNDECIDED
    if submission.status in ("denied", "conflict"):
        return DENIED
    if submission.decision.redirects:
        return REDIRECTED
    return APPROVAL if submission.status == "pending" else ALLOWED


def _withdraw(requests: list[str], principal: Principal) -> None:
    """INVARIANT: in the transaction of the proposals: what a drill was allowed to do is never done."""
    for request_id in requests:
        row = AgentActionRequest.objects.filter(pk=request_id).exclude(status__in=TERMINAL)
        if row.exists():
            cancel_request(
                request_id=UUID(request_id),
                actor=Actor("system", MARK),
                reason="a dumb-failure drill: never executed",
                now=principal.now,
                agent_id=principal.agent_id,
            )


def _body(case: DumbFailure, connection: Connection, run: str) -> dict[str, Any]:
    """The case's members over a plain proposal, with a record that exists."""
    record = _some_record(connection, case.target) if case.target else None
    common = {
        "connection": connection.name,
        "reason_code": "drill.dumb_failure",
        "justification": f"dumb failure: {case.name}",
        "confidence": 0.95,
        "evidence": [{"kind": "source", "url": "https://drill.example/", "excerpt": case.story[:200]}],
        "source_workflow": MARK,
        "agent_version": {
            "model": "drill",
            "prompt_template": MARK,
            "prompt_hash": _NO_HASH,
            "tools_hash": _NO_HASH,
        },
        "correlation_id": f"drill-{run}",
    }
    email = json.dumps(_email(connection, record) if record is not None else "nobody@example.com")
    body: dict[str, Any] = common | json.loads(json.dumps(case.proposal).replace('"{email}"', email))
    if record is not None and body.get("action") != "create":
        body["target"] = {**body.get("target", {}), "object": case.target, "id": record.id}
    return body


def _some_record(connection: Connection, object_type: str) -> Record | None:
    """The first record of this kind; None where the CRM has none."""
    connector = get_connector(connection.pk, kind=connection.kind)
    try:
        page = connector.search(object_type=object_type, filters={}, fields=[], limit=1, after="")
    except ConnectorError:
        return None
    return page.records[0] if page.records else None


def _email(connection: Connection, record: Record) -> str:
    """The record's e-mail address, for the case that makes it a second time."""
    connector = get_connector(connection.pk, kind=connection.kind)
    try:
        read = connector.read(object_type=record.object, record_id=record.id, fields=["email"])
    except ConnectorError:
        return "nobody@example.com"  # this object has no e-mail address
    return str(read.values.get("email") or "nobody@example.com")


def _keep(run_id: UUID, agent: Agent, results: list[DrillResult], *, actor: Actor, now: datetime) -> DrillRun:
    held = sum(result.is_held for result in results)
    with transaction.atomic():
        run = DrillRun.objects.create(
            id=run_id,
            workspace=agent.workspace,
            agent_name=agent.name,
            by=f"{actor.type}:{actor.id}",
            run_at=now,
            held=held,
            total=len(results),
            results=[asdict(result) for result in results],
        )
        event = NewEvent(
            type="drill.finished",
            workspace=agent.workspace.slug,
            actor=actor,
            subject=Subject("drill", str(run_id)),
            correlation_id=f"drill-{run_id}",
            data={"agent": agent.name, "held": held, "total": len(results)},
        )
        append_event(event, now=now)
    return run
