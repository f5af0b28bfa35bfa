"""Gathering for a batch: one look per connection, object and action, one read per object, however many items."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from approvals.domain.ask import written_object
from approvals.domain.judgement import Judgement
from approvals.domain.proposed import Proposed
from approvals.selectors.intake_context import IntakeContext, get_intake_context
from approvals.services.gathering import Gathered, gather, read_switches
from approvals.services.intake_errors import IntakeError, PendingLimitError, UnknownConnectionError
from approvals.services.judging import broken, judge_at_hand, judge_with, needed_fields
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector
from governance.domain.facts import RecordFacts
from governance.domain.principal import Principal

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
    contexts: dict[tuple[str, str, str], IntakeContext | None] = {}
    switches = read_switches(workspace_id=principal.workspace_id, agent_id=principal.agent_id)
    for position, proposal in enumerate(proposals):
        key = (proposal.connection, written_object(proposal), proposal.action)
        if key not in contexts:
            contexts[key] = _get_context(principal, *key)
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


def _get_context(principal: Principal, connection: str, object_type: str, action: str) -> IntakeContext | None:
    return get_intake_context(
        workspace_id=principal.workspace_id,
        agent_id=principal.agent_id,
        connection_name=connection,
        object_type=object_type,
        action=action,
        idempotency_key="",
    )


def _require(context: IntakeContext | None, proposal: Proposed) -> IntakeContext:
    if context is None:
        raise UnknownConnectionError(f"`{proposal.connection}` is no connection of this workspace")
    if context.is_at_limit:
        raise PendingLimitError("too many requests of this agent wait for a decision; settle or cancel some first")
    return context


def _judge(draft: BatchDraft) -> None:
    waiting: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for position, item in draft.gathered.items():
        try:
            draft.judgements[position] = judge_at_hand(item.index, item.facts)
        except Exception:  # noqa: BLE001 - an error while judging denies
            draft.judgements[position] = broken(item.facts, connection_id=item.context.connection_id)
        if draft.judgements[position] is None:
            waiting[item.facts.connection.name, item.facts.request.object].append(position)
    for positions in waiting.values():
        _judge_together(draft, positions)


def _judge_together(draft: BatchDraft, positions: list[int]) -> None:
    """Items of one object of one connection: one read for all, none when the CRM is remote."""
    items = {position: draft.gathered[position] for position in positions}
    first = items[positions[0]]
    try:
        connector = get_connector(first.context.connection_id, kind=first.context.connection_kind)
        if not connector.is_local:
            return
        records = _read_all(connector, items)
        for position, item in items.items():
            assert item.index is not None  # noqa: S101 - without a policy the judgement was at hand
            record = records.get(item.facts.request.record_id or "", RecordFacts(exists=False))
            draft.judgements[position] = judge_with(item.index, item.facts, record)
    except Exception:  # noqa: BLE001 - an error while judging denies
        for position, item in items.items():
            draft.judgements[position] = broken(item.facts, connection_id=item.context.connection_id)


def _read_all(connector: Connector, items: dict[int, Gathered]) -> dict[str, RecordFacts]:
    wanted = {name for item in items.values() if item.index for name in needed_fields(item.index, item.facts)}
    found = connector.read_many(
        object_type=next(iter(items.values())).facts.request.object,
        record_ids=[item.facts.request.record_id or "" for item in items.values()],
        fields=sorted(wanted),
    )
    return {
        record_id: RecordFacts(exists=True, version=record.version, values=record.values)
        for record_id, record in found.items()
    }
