"""The world around a request: what must bite at once and lies in our own tables, looked up right before judging.

One source, one call, whatever the number of requests. A source is asked only for requests that need it; one that fails
answers None for all of them, and the check that needs it denies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from approvals.domain.asked import Asked
from approvals.services.budget_facts import ask_budgets, needs_budgets
from approvals.services.dnc import ask_dnc, needs_dnc
from approvals.services.duplicates import ask_duplicates, asks_duplicates
from approvals.services.frequency import ask_frequency, needs_frequency
from approvals.services.newness import ask_newness, asks_newness
from approvals.services.world_people import ask_break_glass, ask_delegations, is_tier_blocked, names_a_person
from governance.domain.facts import Facts
from governance.domain.index import PolicyIndex

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One fact of the world. `fact` names its member of Facts; `ask` answers for every request it is given, in order.

    `is_needed` costs no query and lets the common update pass by.
    """

    fact: str
    is_needed: Callable[[Asked], bool]
    ask: Callable[[Sequence[Asked], datetime], Sequence[Any]]


SOURCES: tuple[Source, ...] = (
    Source(fact="budgets", is_needed=needs_budgets, ask=ask_budgets),
    Source(fact="delegation", is_needed=names_a_person, ask=ask_delegations),
    Source(fact="break_glass", is_needed=is_tier_blocked, ask=ask_break_glass),
    Source(fact="dnc", is_needed=needs_dnc, ask=ask_dnc),
    Source(fact="frequency", is_needed=needs_frequency, ask=ask_frequency),
    Source(fact="newness", is_needed=asks_newness, ask=ask_newness),
    Source(fact="duplicates", is_needed=asks_duplicates, ask=ask_duplicates),
)


def with_world(
    facts: Facts,
    index: PolicyIndex,
    *,
    workspace_id: UUID,
    agent_id: UUID | None,
    request_id: UUID,
    now: datetime,
    held: Mapping[UUID, int] | None = None,
) -> Facts:
    """The facts of one request with what its sources say now. Never raises."""
    asked = Asked(
        facts=facts,
        index=index,
        workspace_id=workspace_id,
        agent_id=agent_id,
        request_id=request_id,
        held=held or {},
    )
    return with_worlds([asked], now=now)[0]


def with_worlds(asked: Sequence[Asked], *, now: datetime) -> list[Facts]:
    """The facts of each request, in order; each source is called once at most. Never raises."""
    found: list[dict[str, Any]] = [{} for _ in asked]
    for source in SOURCES:
        positions = [position for position, item in enumerate(asked) if _is_needed(source, item)]
        if positions:
            answers = _ask(source, [asked[position] for position in positions], now)
            for position, answer in zip(positions, answers, strict=True):
                found[position][source.fact] = answer
    return [msgspec.structs.replace(item.facts, **facts) for item, facts in zip(asked, found, strict=True)]


def _is_needed(source: Source, item: Asked) -> bool:
    try:
        return source.is_needed(item)
    except Exception:
        log.exception("a source of facts broke", source=source.fact)
        return True


def _ask(source: Source, items: Sequence[Asked], now: datetime) -> Sequence[Any]:
    """What the source answers; None for everything when it fails or forgets one."""
    try:
        answers = source.ask(items, now)
        if len(answers) == len(items):
            return answers
        log.error("a source of facts answered too little", source=source.fact)
    except Exception:
        log.exception("a fact could not be read", source=source.fact)
    return [None] * len(items)
