"""Judging one proposal: facts gathered, policy asked; whatever goes wrong on the way is a denial (POL-01)."""

from collections.abc import Iterable
from uuid import UUID

import structlog

from approvals.domain.ask import with_record
from approvals.domain.judgement import Judgement, broken_decision, judge_outcome
from crm_connectors.port import Connector, NotFoundError
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import Facts, RecordFacts
from governance.domain.index import PolicyIndex
from governance.domain.reading import fields_to_read
from governance.selectors.policy import get_policy_index_by_digest

log = structlog.get_logger(__name__)

NO_POLICY = broken_decision(code="no_policy", message="no policy is published, and what policy does not name is denied")


def load_index(digest: str | None) -> PolicyIndex | None:
    """The index of a published document; None when there is none or it cannot be read (then everything is denied)."""
    if digest is None:
        return None
    try:
        return get_policy_index_by_digest(digest)
    except Exception:
        log.exception("policy could not be read", policy=digest)
        return None


def known_fields(index: PolicyIndex, connection: str, objects: Iterable[str]) -> dict[str, frozenset[str]]:
    """Which of these objects the registry knows, with their fields."""
    entries = {name: index.objects.get((connection, name)) for name in objects}
    return {name: frozenset(entry.fields) for name, entry in entries.items() if entry is not None}


def judge_at_hand(index: PolicyIndex | None, facts: Facts) -> Judgement | None:
    """The judgement that needs no record, None when the record matters."""
    if index is None:
        return judge_outcome(NO_POLICY, facts)
    decision = decide_without_record(index, facts)
    return judge_outcome(decision, facts) if decision is not None else None


def judge_with(index: PolicyIndex, facts: Facts, record: RecordFacts | None) -> Judgement:
    """The judgement with what the CRM holds; a record that could not be read (None) denies."""
    complete = with_record(facts, record)
    return judge_outcome(decide(index, complete), complete)


def needed_fields(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    """Every field whose value the decision may need."""
    names = {*facts.request.changes, *facts.request.expected}
    return fields_to_read(index, connection=facts.connection.name, object_type=facts.request.object, fields=names)


def read_record(connector: Connector, index: PolicyIndex, facts: Facts) -> RecordFacts | None:
    """The record as facts; None when it could not be read. Never called inside a transaction."""
    record_id = facts.request.record_id or ""
    try:
        record = connector.read(
            object_type=facts.request.object, record_id=record_id, fields=needed_fields(index, facts)
        )
    except NotFoundError:
        return RecordFacts(exists=False)
    except Exception:
        log.exception("record could not be read", object=facts.request.object)
        return None
    return RecordFacts(exists=True, version=record.version, values=record.values)


def broken(facts: Facts, *, connection_id: UUID) -> Judgement:
    """The denial for an error while judging. Call it inside an `except` block: the error is logged once."""
    log.error("judging failed", connection_id=str(connection_id), exc_info=True)  # noqa: LOG014 - see above
    return judge_outcome(broken_decision(), facts)
