"""What the forms and addresses of exceptions may say, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import QueryDict

from approvals.domain.case_words import KIND_WORDS
from approvals.selectors.exceptions import VIEWS, CaseFilters
from approvals.services.exception_desk import Worker, close_case
from approvals.services.exception_triage import Triage

_MAX_LENGTH = 200
_MAX_DAYS = 30


def read_case_filters(query: QueryDict) -> CaseFilters:
    """Unknown views, kinds and owners are no filter."""
    view, kind, owner = query.get("view", "open"), _text(query, "kind"), _text(query, "owner")
    return CaseFilters(
        view=view if view in VIEWS else "open",
        kind=kind if kind in set(KIND_WORDS) else "",
        agent=_text(query, "agent"),
        owner=owner if owner == "nobody" or _id(owner) else "",
        code=_text(query, "code"),
        field=_text(query, "field"),
    )


def read_triage(data: QueryDict) -> tuple[list[UUID], Triage]:
    """The ticked cases and what is to be done. An id that is none makes nothing ticked."""
    ids = [_id(text) for text in data.getlist("chosen")]
    chosen = [id_ for id_ in ids if id_ is not None] if all(ids) else []
    days = data.get("days", "1")
    asked = Triage(
        verb=data.get("verb", ""),
        to=_id(data.get("to", "")),
        days=min(int(days), _MAX_DAYS) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
        outcome=data.get("outcome", "") or data.get("close_as", ""),
        note=data.get("comment", ""),
        owners={id_: data.get(f"owner-{id_}", "") for id_ in chosen} | _seen(data),
    )
    return chosen, asked


def _seen(data: QueryDict) -> dict[UUID, str]:
    """The owner whom the page of one case showed."""
    case_id = _id(data.get("case", ""))
    return {case_id: data.get("seen_owner", "")} if case_id is not None else {}


def read_close(data: QueryDict) -> Callable[[UUID, Worker, datetime], None]:
    """Closing one case as the form says: the change named is that of the chosen outcome."""
    outcome = data.get("outcome", "")
    close = partial(
        close_case,
        outcome=outcome,
        change=data.get(f"change-{outcome}", "")[:_MAX_LENGTH],
        duplicate_of=_id(data.get("duplicate_of", "")),
        note=data.get("comment", ""),
    )
    return lambda case_id, worker, now: close(case_id=case_id, worker=worker, now=now)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _text(query: QueryDict, name: str) -> str:
    value = query.get(name, "").strip()
    return "" if "\x00" in value or len(value) > _MAX_LENGTH else value
