"""Gathering for a batch: one look per connection, object and action, one read per object, however many items."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from approvals.domain.ask import with_record
from approvals.domain.asked import Asked
from approvals.domain.judgement import Judgement
from approvals.domain.proposed import Proposed
from approvals.selectors.intake_context import ContextKey, IntakeContext, get_intake_context, shared_key
from approvals.services.budget_facts import holds_of, holds_on, with_taken
from approvals.services.frequency import touches_of
from approvals.services.gathering import Gathered, asked_by, gather, read_switches
from approvals.services.intake_errors import IntakeError, PendingLimitError, UnknownConnectionError
from approvals.services.judging import (
    broken,
    judge_at_hand,
    judge_with,
    needed_addresses,
    needed_fields,
    needs_crm,
    reads_target,
    with_addresses,
)
from approvals.services.last_writes import asked_windows, read_last_writes
from approvals.services.world import with_worlds
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector
from governance.domain.facts import Facts, RecordFacts
from governance.domain.principal import Principal
from governance.domain.touch_plan import Planned, add_planned, with_planned

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """By position: what was gathered and judged (None: a worker shall read the CRM), and what was refused."""

    gathered: dict[int, Gathered] = field(default_factory=dict)
    judgements: dict[int, Judgement | None] = field(default_factory=dict)
    refused: dict[int, IntakeError] = field(default_factory=dict)


def gather_batch(*, principal: Principal, proposals: tuple[Proposed, ...], now: datetime) -> BatchDraft:
    """Gather and judge every item. Raises PendingLimitError for the whole."""
    draft = BatchDraft()
    contexts: dict[ContextKey, IntakeContext | None] = {}
    switches = read_switches(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    for position, proposal in enumerate(proposals):
        key = shared_key(proposal)
        if key not in contexts:
            contexts[key] = get_intake_context(principal, key=key, now=now)
        try:
            context = _require(contexts[key], proposal)
            draft.gathered[position] = gather(
                principal=principal, proposal=proposal, context=context, switches=switches, now=now
            )
        except PendingLimitError:
            raise
        except IntakeError as error:
            draft.refused[position] = error
    _judge(draft)
    return draft


def _require(context: IntakeContext | None, proposal: Proposed) -> IntakeContext:
    if context is None:
        raise UnknownConnectionError(f"`{proposal.connection}` is no connection of this workspace")
    if context.is_at_limit:
        raise PendingLimitError("too many requests of this agent wait for a decision; settle or cancel some first")
    return context


def _judge(draft: BatchDraft) -> None:
    """Denials at hand first; then one read for what shares an object, one look at the world, and the rest is judged."""
    waiting: defaultdict[tuple[str, str, bool], list[int]] = defaultdict(list)
    complete: dict[int, Facts] = {}
    for position, item in draft.gathered.items():
        facts = item.facts
        try:
            draft.judgements[position] = judge_at_hand(item.index, facts)
            if draft.judgements[position] is not None or item.index is None:
                continue
            if not needs_crm(item.index, facts):
                complete[position] = with_addresses(item.index, facts, None)
                continue
            is_person = reads_target(item.index, facts)
            read_from = facts.request.target_object if is_person else facts.request.object
            waiting[facts.connection.name, read_from, is_person].append(position)
        except Exception:  # noqa: BLE001 - an error while judging denies
            draft.judgements[position] = broken(facts, connection_id=item.context.connection_id)
    for (_, object_type, _), positions in waiting.items():
        complete |= _read_together(draft, object_type, positions)
    _judge_complete(draft, complete)


def _read_together(draft: BatchDraft, object_type: str, positions: list[int]) -> dict[int, Facts]:
    """The facts of items that read one object of one connection: one read for all, none when the CRM is remote."""
    items = {position: draft.gathered[position] for position in positions}
    first = items[positions[0]]
    try:
        connector = get_connector(first.context.connection_id, kind=first.context.connection_kind)
        if not connector.is_local:
            return {}
        records = _read_all(connector, object_type, items)
        return {position: _with_read(item, records) for position, item in items.items()}
    except Exception:  # noqa: BLE001 - an error while judging denies
        for position, item in items.items():
            draft.judgements[position] = broken(item.facts, connection_id=item.context.connection_id)
        return {}


def _judge_complete(draft: BatchDraft, complete: dict[int, Facts]) -> None:
    asked = {
        position: asked_by(item, item.index, facts)
        for position, facts in sorted(complete.items())
        if (item := draft.gathered[position]).index is not None
    }
    if not asked:
        return
    now = next(iter(draft.gathered.values())).now
    taken: Counter[UUID] = Counter()
    planned: Planned = {}
    for (position, question), facts in zip(asked.items(), with_worlds(list(asked.values()), now=now), strict=True):
        try:
            draft.judgements[position] = _judge_after(taken, planned, question, facts, now)
        except Exception:  # noqa: BLE001 - an error while judging denies
            draft.judgements[position] = broken(facts, connection_id=draft.gathered[position].context.connection_id)


def _judge_after(taken: Counter[UUID], planned: Planned, question: Asked, facts: Facts, now: datetime) -> Judgement:
    """The judgement of an item after the earlier ones have `taken` from budgets and `planned` touches; adds its own."""
    index, workspace_id = question.index, question.workspace_id
    facts = with_taken(facts, holds_on(index, facts, workspace_id=workspace_id, now=now), taken)
    judgement = judge_with(index, with_planned(facts, planned))
    taken.update({hold.id: hold.amount for hold in holds_of(index, judgement, workspace_id=workspace_id, now=now)})
    plan = touches_of(index, judgement, request_id=question.request_id)
    if plan is not None:
        add_planned(planned, plan, now=now)
    return judgement


def _record_id(item: Gathered) -> str:
    is_target = item.index is not None and reads_target(item.index, item.facts)
    return item.facts.request.target_id if is_target else item.facts.request.record_id or ""


def _with_read(item: Gathered, records: dict[str, RecordFacts]) -> Facts:
    assert item.index is not None  # noqa: S101 - without a policy the judgement was at hand
    record = records.get(_record_id(item), RecordFacts(exists=False))
    if reads_target(item.index, item.facts):
        return with_addresses(item.index, item.facts, record)
    return with_record(item.facts, record)


def _read_all(connector: Connector, object_type: str, items: dict[int, Gathered]) -> dict[str, RecordFacts]:
    wanted: set[str] = set()
    for item in items.values():
        if item.index is not None:
            reads = needed_addresses if reads_target(item.index, item.facts) else needed_fields
            wanted.update(reads(item.index, item.facts))
    found = connector.read_many(
        object_type=object_type,
        record_ids=[_record_id(item) for item in items.values()],
        fields=sorted(wanted),
    )
    windows = {name for item in items.values() if item.index for name in asked_windows(item.index, item.facts)}
    writes = read_last_writes(connector, object_type=object_type, record_ids=list(found), fields=windows)
    return {
        record_id: RecordFacts(exists=True, version=record.version, values=record.values, last_writes=writes[record_id])
        for record_id, record in found.items()
    }
