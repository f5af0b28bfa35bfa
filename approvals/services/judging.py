"""Judging one proposal: facts gathered, policy asked; whatever goes wrong on the way is a denial (POL-01)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
import structlog
from django.conf import settings

from approvals.domain.ask import with_record
from approvals.domain.judgement import Judgement, broken_decision, judge_outcome
from approvals.domain.recipients import needs_addresses, with_recipients
from approvals.services.last_writes import asked_windows, read_last_writes
from crm_connectors.port import Connector, NotFoundError
from governance.domain.action_class import NEEDS_RECORD
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import Facts, RecordFacts
from governance.domain.index import PolicyIndex
from governance.domain.reading import company_fields, contact_fields, country_field, fields_to_read, target_fields
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
    """The denial that nothing further could lift, None when there is more to look at."""
    if index is None:
        return judge_outcome(NO_POLICY, facts)
    decision = decide_without_record(index, facts)
    return judge_outcome(decision, facts) if decision is not None else None


def judge_with(index: PolicyIndex, facts: Facts) -> Judgement:
    """The judgement on complete facts; what could not be read (None) denies."""
    return judge_outcome(decide(index, facts), facts)


def needs_crm(index: PolicyIndex, facts: Facts) -> bool:
    """Whether the CRM must be read: for the record that is written, for the addresses of the one that is reached, or
    because a rule looks at the one that something is prepared about."""
    return facts.request.action in NEEDS_RECORD or reads_target(index, facts)


def reads_target(index: PolicyIndex, facts: Facts) -> bool:
    """Whether the record that is read is the one pointed at, and not one that is written."""
    return needs_addresses(facts) or bool(target_fields(index, facts))


def read_crm(connector: Connector, index: PolicyIndex, facts: Facts) -> Facts:
    """The facts with the record and the recipients as the CRM holds them. Never called inside a transaction."""
    if facts.request.action in NEEDS_RECORD:
        return with_record(facts, read_record(connector, index, facts))
    return with_addresses(index, facts, read_person(connector, index, facts))


def with_addresses(index: PolicyIndex, facts: Facts, person: RecordFacts | None) -> Facts:
    """The facts with everyone whom the action touches. `person` is the record that it points at, None if unreadable."""
    if target_fields(index, facts):
        facts = msgspec.structs.replace(facts, target=person)
    return with_recipients(
        facts,
        _contact_fields(index, facts),
        person,
        region=settings.PHONE_REGION,
        company_fields=_company_fields(index, facts),
    )


def read_person(connector: Connector, index: PolicyIndex, facts: Facts) -> RecordFacts | None:
    """The addresses of the record that the action points at; None when they could not be read."""
    return _read(connector, facts.request.target_object, facts.request.target_id, needed_addresses(index, facts))


def needed_addresses(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    """Every field of the record that the action points at in which it holds an address, or that a rule looks at."""
    addresses = _address_fields(index, facts) if needs_addresses(facts) else ()
    return tuple(sorted({*addresses, *target_fields(index, facts)}))


def _address_fields(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    """The fields with addresses, the country that the phone numbers belong to, and the person's company."""
    names = tuple(name for _, name in _contact_fields(index, facts))
    country = country_field(index, connection=facts.connection.name, object_type=facts.request.target_object)
    return (*names, *country, *_company_fields(index, facts))


def _contact_fields(index: PolicyIndex, facts: Facts) -> tuple[tuple[str, str], ...]:
    return contact_fields(index, connection=facts.connection.name, object_type=facts.request.target_object)


def _company_fields(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    return company_fields(index, connection=facts.connection.name, object_type=facts.request.target_object)


def needed_fields(index: PolicyIndex, facts: Facts) -> tuple[str, ...]:
    """Every field whose value the decision may need."""
    names = {*facts.request.changes, *facts.request.expected}
    return fields_to_read(index, connection=facts.connection.name, object_type=facts.request.object, fields=names)


def read_record(connector: Connector, index: PolicyIndex, facts: Facts) -> RecordFacts | None:
    """The record as facts; None when it could not be read. Never called inside a transaction."""
    record_id = facts.request.record_id or ""
    record = _read(connector, facts.request.object, record_id, needed_fields(index, facts))
    windows = asked_windows(index, facts)
    if not windows or record is None or not record.exists:
        return record
    found = read_last_writes(connector, object_type=facts.request.object, record_ids=[record_id], fields=windows)
    return msgspec.structs.replace(record, last_writes=found[record_id])


def _read(connector: Connector, object_type: str, record_id: str, fields: Sequence[str]) -> RecordFacts | None:
    try:
        record = connector.read(object_type=object_type, record_id=record_id, fields=fields)
    except NotFoundError:
        return RecordFacts(exists=False)
    except Exception:
        log.exception("record could not be read", object=object_type)
        return None
    return RecordFacts(exists=True, version=record.version, values=record.values)


def broken(facts: Facts, *, connection_id: UUID) -> Judgement:
    """The denial for an error while judging. Call it inside an `except` block: the error is logged once."""
    log.error("judging failed", connection_id=str(connection_id), exc_info=True)  # noqa: LOG014 - see above
    return judge_outcome(broken_decision(), facts)
