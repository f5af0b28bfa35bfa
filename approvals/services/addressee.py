"""The person whom a request would touch, read anew before anything is sent (attack cases 54 and 55)."""

import msgspec
import structlog

from approvals.domain.recipients import needs_addresses
from approvals.domain.status import Status
from approvals.models import AgentActionRequest
from approvals.services.judging import read_person, reads_target, with_addresses
from crm_connectors.port import Connector
from crm_connectors.services.connectors import get_connector
from governance.domain.action_class import PREPARED_OBJECTS
from governance.domain.facts import Facts, RecordFacts
from governance.selectors.policy import get_policy_index

log = structlog.get_logger(__name__)


def has_addressee(request: AgentActionRequest) -> bool:
    """Whether an approved request points at a record of whom it would touch."""
    is_open = request.status in (Status.APPROVED, Status.HELD)
    return is_open and request.action in PREPARED_OBJECTS and request.target_id != ""


def read_addressee(request: AgentActionRequest) -> RecordFacts | None:
    """The record that an approved request points at, as the CRM holds it now: the addresses of whom it would touch
    (attack case 54), and what rules look at.

    Asked before the claim's transaction, because the CRM may be remote. None when nobody asks for it, or when it cannot
    be read: then the claim denies.
    """
    try:
        index = get_policy_index(request.workspace_id, request.connection.environment)
        facts = msgspec.convert(request.facts, Facts)
        if index is None or not reads_target(index, facts):
            return None
        return read_person(get_connector(request.connection_id, kind=request.connection.kind), index, facts)
    except Exception:
        log.exception("recipient could not be read", request_id=str(request.pk))
        return None


def is_same_addressee(connector: Connector, request: AgentActionRequest) -> bool:
    """Whether the CRM still holds the addresses that were judged at the claim. Never inside a transaction."""
    judged = msgspec.convert(request.facts, Facts)
    if not needs_addresses(judged):
        return True
    index = get_policy_index(request.workspace_id, request.connection.environment)
    if index is None:
        return False
    return with_addresses(index, judged, read_person(connector, index, judged)).recipients == judged.recipients
