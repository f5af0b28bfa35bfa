"""The do-not-contact list in the life of a request: asked before judging, asked again as a send begins, on record."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog
from django.db import Error as DatabaseError

from approvals.domain.asked import Asked
from approvals.models import AgentActionRequest
from approvals.services.events import system
from audit.domain.event import NewEvent, Subject
from governance.domain.action_class import SENDS
from governance.domain.check_result import DENY
from governance.domain.dnc_checks import judge_dnc
from governance.domain.facts import DncFacts, Facts
from governance.selectors.dnc_facts import DncQuestion, get_dnc_facts
from governance.services.dnc_lock import hold_dnc_shared

log = structlog.get_logger(__name__)

MAX_NAMED = 50


def needs_dnc(item: Asked) -> bool:
    return item.facts.request.action in SENDS and item.facts.recipients is not None


def ask_dnc(items: Sequence[Asked], now: datetime) -> Sequence[DncFacts]:
    """What the list says of each request. One query for all. Raises what makes the list unreadable."""
    questions = [
        DncQuestion(
            workspace_id=item.workspace_id,
            connection=item.facts.connection.name,
            recipients=item.facts.recipients or (),
        )
        for item in items
    ]
    return get_dnc_facts(questions, now=now)


def recheck_dnc(request: AgentActionRequest, *, now: datetime) -> tuple[str, list[NewEvent]]:
    """Why a send must not begin (empty when it may), and the events that say so; the last look before the call.

    Inside the transaction that commits "sent", and under the list's lock to its end: an entry committed before that is
    seen. Raises django.db.Error; then nothing begins either.
    """
    if request.action not in SENDS:
        return "", []
    hold_dnc_shared()
    facts = msgspec.convert(request.facts, Facts)
    try:
        question = DncQuestion(
            workspace_id=request.workspace_id,
            connection=facts.connection.name,
            recipients=facts.recipients or (),
        )
        fresh = get_dnc_facts([question], now=now)[0]
    except DatabaseError:
        raise
    except Exception:
        log.exception("the do-not-contact list could not be read", request_id=str(request.pk))
        return "check_failed", []
    result = judge_dnc(request.action, facts.recipients, fresh)
    if result.outcome != DENY:
        return "", []
    return result.code, dnc_events(request, msgspec.structs.replace(facts, dnc=fresh), point="send")


def dnc_events(request: AgentActionRequest, facts: Facts, *, point: str) -> list[NewEvent]:
    """`dnc.enforced` for every entry that stopped this request (DNC-05): its history. Ids and kinds, no address.

    `point` is `decision`, `claim` or `send`. `request` has its workspace joined.
    """
    if facts.dnc is None or judge_dnc(request.action, facts.recipients, facts.dnc).code != "dnc_blocked":
        return []
    kinds = {hit.entry: hit.kind for hit in facts.dnc.hits}
    return [
        NewEvent(
            type="dnc.enforced",
            workspace=request.workspace.slug,
            actor=system("policy"),
            subject=Subject("dnc_entry", entry),
            correlation_id=request.correlation_id,
            data={"action": request.action, "kind": kind, "point": point, "request": str(request.pk)},
        )
        for entry, kind in list(kinds.items())[:MAX_NAMED]
    ]
