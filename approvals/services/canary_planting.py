"""Planting canaries: what was drawn becomes a request that looks like an agent's and can never run (QAS-02).

It stands on a record that the agent worked on before, is judged by the policy in force like a proposal of the agent,
and waits in the inbox only where policy asks for a person. No budget is taken, nobody is counted as touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
import structlog
from django.db import transaction
from django.db.models import Q

from approvals.domain.ask import make_request_facts
from approvals.domain.canary import (
    CANARY,
    PAYLOADS,
    BadValue,
    asked_values,
    bad_value,
    canary_body,
    has_receipts,
    number_of,
)
from approvals.domain.judgement import Judgement, decision_columns, decision_event_data
from approvals.domain.patch import dump_patch
from approvals.domain.proposal_parsing import InvalidProposalError, parse_proposal
from approvals.domain.status import TERMINAL, Status
from approvals.models import AgentActionRequest, Canary
from approvals.services.canary_events import BY, canary_event
from approvals.services.correction_judging import get_rules, judge_correction
from approvals.services.events import request_event, system
from approvals.services.new_request import received_data, received_values
from approvals.services.pages.labels import fields_of, label_of
from approvals.services.provenance import signed_fields
from approvals.services.recheck import request_association
from approvals.services.review_errors import CorrectionRefusedError
from audit.domain.canonical import digest
from audit.domain.event import NewEvent
from audit.domain.identifier import new_id
from audit.services.append import append_event, append_events
from governance.domain.decision import Outcome
from governance.domain.facts import Facts
from governance.domain.vocabulary import ActorType, FieldType, Lifecycle

_LOOKED_AT = 50
_TRIED = 5
_JOINED = ("workspace", "connection", "agent", "credential", "agent_version")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Bait:
    """An earlier request, the field whose value goes bad, and the field that the agent would have asked for."""

    base: AgentActionRequest
    bad: BadValue
    asked: str
    label: str


def plant_canaries(*, now: datetime, limit: int = 20) -> int:
    """Make a request of each canary that was drawn; returns how many there are now to be found.

    Reads the CRM, so never inside a transaction; each canary is one of its own. What fits nowhere is skipped for good.
    """
    rows = Canary.objects.filter(request=None, skipped="").select_related("workspace", "period", "drawn_from")
    return sum(_plant(row, now) for row in rows.order_by("id")[:limit])


def _plant(row: Canary, now: datetime) -> bool:
    number = number_of(bytes(row.period.seed), row.drawn_from_id)
    for bait in _baits(row, number)[:_TRIED]:
        request = _draft(bait, now)
        judgement = _judge(request, bait, now)
        if judgement is not None and _is_fit(judgement, bait.bad):
            return _write(row, bait, request, judgement, now)
    _skip(row, now)
    return False


def _baits(row: Canary, number: int) -> list[_Bait]:
    """What the same agent had a person decide lately, beginning where the number says."""
    drawn = row.drawn_from
    if drawn.agent_id is None:
        return []
    rows = AgentActionRequest.objects.filter(
        workspace_id=row.workspace_id,
        agent_id=drawn.agent_id,
        agent__lifecycle=Lifecycle.ACTIVE,
        agent__is_drill=False,
        actor_type=ActorType.AGENT,
        action__in=PAYLOADS,
        outcome=Outcome.REQUIRE_APPROVAL,
        status__in=TERMINAL,
    )
    newest = list(rows.select_related(*_JOINED).order_by("-id")[:_LOOKED_AT])
    taken = _waiting_records(row.workspace_id, newest)
    found = [bait for base in newest if base.target_id not in taken for bait in _bait(base, number)]
    start = number % len(found) if found else 0
    return found[start:] + found[:start]


def _waiting_records(workspace_id: UUID, rows: Sequence[AgentActionRequest]) -> set[str]:
    """Records about which something waits already: two on one would look odd."""
    places = {row.target_id for row in rows} - {""}
    waiting = AgentActionRequest.objects.filter(workspace_id=workspace_id, status=Status.PENDING)
    found = waiting.filter(Q(target_id__in=places) | Q(record_id__in=places))
    return {place for row in found.values_list("target_id", "record_id") for place in row} & places


def _bait(base: AgentActionRequest, number: int) -> Iterator[_Bait]:
    """The first field that a pattern fits, short ones before long texts: what is wrong shows at a glance."""
    if not has_receipts(base.body):
        return
    signed, fields = signed_fields(base), fields_of(base, base.object_type)
    origins = {item["suggestion_field"]: item["field"] for item in base.decision.get("redirects", ())}
    values = asked_values(base.action, base.body)
    asked_for = [(item["field"], origins.get(item["field"], item["field"])) for item in base.patch]
    known = [(name, asked, fields[asked]) for name, asked in asked_for if asked in fields and asked in values]
    for name, asked, rule in sorted(known, key=lambda found: found[2].type == FieldType.TEXT):
        if name in signed:
            continue
        bad = bad_value(rule, values[asked], number, action=base.action)
        if bad is not None:
            bad = msgspec.structs.replace(bad, field=name)
            yield _Bait(base, bad, asked, label_of(fields, asked))
            return


def _draft(bait: _Bait, now: datetime) -> AgentActionRequest:
    """The unsaved row, before policy was asked: all of it the agent's, but for who made it."""
    base, correlation_id = bait.base, str(new_id())
    body = canary_body(base.body, bait.bad, asked=bait.asked, label=bait.label, correlation_id=correlation_id)
    return AgentActionRequest(
        workspace=base.workspace,
        connection=base.connection,
        actor_type=CANARY,
        agent=base.agent,
        agent_version=base.agent_version,
        credential=base.credential,
        idempotency_key=str(new_id()),
        fingerprint=digest(body),
        correlation_id=correlation_id,
        action=base.action,
        object_type=base.object_type,
        record_id=base.record_id,
        target_object=base.target_object,
        target_id=base.target_id,
        body=body,
        facts=base.facts,
        status=Status.PENDING,
        created_at=now,
    )


def _judge(request: AgentActionRequest, bait: _Bait, now: datetime) -> Judgement | None:
    """The word of the policy in force on it as the agent's; None where no policy is, or it is no proposal."""
    stored = msgspec.convert(bait.base.facts, Facts)
    try:
        asked = make_request_facts(parse_proposal(request.body))
        index, request.policy_version_id = get_rules(request)
    except (CorrectionRefusedError, InvalidProposalError):
        return None
    facts = msgspec.structs.replace(stored, request=asked, correction=None)
    return judge_correction(request, index, facts, now=now)


def _is_fit(judgement: Judgement, bad: BadValue) -> bool:
    """It waits for a person, and what is bad about it is in the diff."""
    changes = {change.field: change.after for change in judgement.decision.patch}
    return judgement.status is Status.PENDING and changes.get(bad.field) == bad.value


def _write(row: Canary, bait: _Bait, request: AgentActionRequest, judgement: Judgement, now: datetime) -> bool:
    """INVARIANT: what the ledger says first of this request is that it is a canary."""
    columns = decision_columns(
        judgement,
        request_id=request.pk,
        association=request_association(request),
        policy_version_id=request.policy_version_id,
        now=now,
    )
    for name, value in columns.items():
        setattr(request, name, value)
    with transaction.atomic():
        request.save(force_insert=True)
        is_first = Canary.objects.filter(pk=row.pk, request=None, skipped="").update(
            base=bait.base, request=request, pattern=bait.bad.pattern, field=bait.bad.field
        )
        if not is_first:
            transaction.set_rollback(True)
            return False
        append_events(_events(row, bait, request, judgement), now=now)
    return True


def _events(row: Canary, bait: _Bait, request: AgentActionRequest, judgement: Judgement) -> list[NewEvent]:
    told = {"id": str(row.pk), "pattern": bait.bad.pattern.value, "field": bait.bad.field, "base": str(bait.base.pk)}
    proposal = parse_proposal(request.body)
    received = request_event(
        request,
        "request.received",
        BY,
        data={CANARY: told, **received_data(request, proposal, version=_version_of(request))},
        values=received_values(proposal),
    )
    decided = request_event(
        request,
        "request.decided",
        system("policy"),
        data=decision_event_data(judgement, digest=request.digest),
        values={"patch": dump_patch(judgement.decision.patch)},
    )
    return [received, decided, canary_event(row, "planted", data={"request": str(request.pk), **told})]


def _version_of(request: AgentActionRequest) -> str:
    return request.agent_version.fingerprint if request.agent_version is not None else ""


def _skip(row: Canary, now: datetime) -> None:
    """Nothing lately fits, or policy would let none of it wait for a person."""
    with transaction.atomic():
        if Canary.objects.filter(pk=row.pk, request=None, skipped="").update(skipped="nothing_fits"):
            append_event(canary_event(row, "skipped", data={"code": "nothing_fits"}), now=now)
