"""The review page: one request as a reviewer judges it (APR-03)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from approvals.domain.canary import CANARY
from approvals.domain.operations import Compensation, compensation_of
from approvals.domain.shown_value import ShownValue
from approvals.domain.status import Status
from approvals.domain.visible_text import Piece, reveal
from approvals.domain.wording import (
    CONTEXT_FIELDS,
    duration_words,
    irreversible_words,
    object_label,
    short_digest,
    status_tone,
    status_words,
)
from approvals.models import AgentActionRequest
from approvals.selectors.desk_news import DeskRow, list_desk_news
from approvals.selectors.people import get_people_names
from approvals.selectors.quorum import list_votes
from approvals.services.pages.agent_words import AgentWords, show_agent_words
from approvals.services.pages.changes import ShownChange, show_changes
from approvals.services.pages.corrections import ShownCorrection, show_corrections
from approvals.services.pages.edit_form import EditForm, Typed, show_edit
from approvals.services.pages.effects import ShownEffect, show_effects
from approvals.services.pages.handed_on import HandedOn, show_handed_on
from approvals.services.pages.history import ShownRecord, show_history
from approvals.services.pages.labels import Fields, fields_of, label_of, show_option
from approvals.services.pages.outgoing import Outgoing, show_outgoing, with_names
from approvals.services.pages.records import RecordNow, place_of, read_records
from approvals.services.pages.requirement import ShownRequirement, show_requirement
from approvals.services.pages.rows import SOON_SECONDS, request_words, requester_name
from approvals.services.reservations import mark_look
from governance.domain.action_class import IRREVERSIBLE

DENY_REASONS = (
    ("wrong_value", "The value is wrong"),
    ("weak_evidence", "The evidence does not support it"),
    ("wrong_record", "It is the wrong record"),
    ("not_wanted", "We do not want this change"),
    ("other", "Another reason"),
)
_QUOTED = re.compile(r"`([^`]*)`")
_ORDER = {"deny": 0, "require_approval": 1, "redirect": 2, "not_run": 3, "pass": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """`outcome`: deny, require_approval, redirect, not_run or pass. `label` is empty for the request as a whole."""

    check: str
    outcome: str
    code: str
    message: tuple[Piece, ...]
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What every page about one request says first."""

    request: AgentActionRequest
    words: str
    requester: str
    status: str
    tone: str
    object_label: str
    record_id: str
    record: RecordNow
    context: tuple[tuple[str, ShownValue], ...]
    changes: tuple[ShownChange, ...]
    outgoing: Outgoing | None
    effects: tuple[ShownEffect, ...]
    decisive_checks: tuple[ShownCheck, ...]
    passed_checks: tuple[ShownCheck, ...]
    agent_words: AgentWords
    digest_short: str

    @property
    def checks_count(self) -> int:
        return len(self.decisive_checks) + len(self.passed_checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """`is_open` while the request waits; `settled` says who or what decided, when it does not. `irreversible` says why
    nothing takes it back, `window` how long it can be cancelled once approved. `others` have it open too;
    `put_off_until` is this person's own hold, `is_held` the send window."""

    subject: Subject
    requirement: ShownRequirement
    is_open: bool
    is_drifted: bool
    expires_in: str
    is_expiring_soon: bool
    age: str
    settled: str
    policy_digest: str
    irreversible: str
    window: str
    edit: EditForm | None
    corrections: tuple[ShownCorrection, ...]
    history: tuple[ShownRecord, ...]
    put_off_until: datetime | None
    others: tuple[DeskRow, ...]
    handed_on: tuple[HandedOn, ...]
    is_held: bool
    cannot_be_called_back: bool


def show_review(
    request: AgentActionRequest, *, person_id: UUID | None, now: datetime, typed: Typed | None = None
) -> ReviewPage:
    """One request as this person sees it. Reads the CRM, so never inside a transaction.

    Commits that they look at it, where they could decide it; nothing else.
    """
    subject = show_subject(request)
    requirement = show_requirement(request, person_id=person_id, votes=list_votes(request))
    left = request.expires_at - now if request.expires_at else None
    is_open = request.status == Status.PENDING and (left is None or left.total_seconds() > 0)
    news = list_desk_news(request_id=request.pk, person_id=person_id, now=now) if is_open else []
    return ReviewPage(
        subject=subject,
        requirement=requirement,
        is_open=is_open,
        is_drifted=any(change.now is not None for change in subject.changes),
        expires_in=duration_words(left) if is_open and left is not None else "",
        is_expiring_soon=left is not None and left.total_seconds() < SOON_SECONDS,
        age=duration_words(now - request.created_at),
        settled=settled_words(request, is_late=left is not None and left.total_seconds() <= 0),
        policy_digest=short_digest(str(request.decision.get("policy_version", ""))),
        irreversible=irreversible_words(request.action) if is_open and request.action in IRREVERSIBLE else "",
        window=duration_words(timedelta(seconds=held)) if (held := request.decision.get("hold_seconds", 0)) else "",
        edit=show_edit(request, subject.record, typed) if is_open else None,
        corrections=show_corrections(request),
        history=show_history(request, fields_of(request, request.object_type), named=requirement.people),
        put_off_until=next((row.at for row in news if row.kind == "hold"), None),
        others=_others(request, news, person_id, now) if is_open and not requirement.obstacle else (),
        handed_on=show_handed_on(news),
        is_held=request.status == Status.HELD,
        cannot_be_called_back=compensation_of(request.action) is Compensation.NONE,
    )


def _others(
    request: AgentActionRequest, news: list[DeskRow], person_id: UUID | None, now: datetime
) -> tuple[DeskRow, ...]:
    """Who else has it open; from now on this person has, too."""
    return mark_look(news, request.pk, person_id, now) if person_id is not None else ()


def show_subject(request: AgentActionRequest) -> Subject:
    """What the request would do, to which record, and what policy said. Reads the CRM."""
    record = read_records([request], is_local_only=False).get(request.pk, RecordNow())
    fields = fields_of(request, request.object_type)
    object_type, record_id = place_of(request)
    checks = show_checks(request, fields)
    changes = with_names(request, show_changes(request, fields, record))
    return Subject(
        request=request,
        words=request_words(request, record),
        requester=requester_name(request),
        status=status_words(request.status),
        tone=status_tone(request.status),
        object_label=object_label(object_type),
        record_id=record_id,
        record=record,
        context=_context(request, object_type, record),
        changes=changes,
        outgoing=show_outgoing(request, changes),
        effects=show_effects(request, fields),
        decisive_checks=tuple(check for check in checks if check.outcome != "pass"),
        passed_checks=tuple(check for check in checks if check.outcome == "pass"),
        agent_words=show_agent_words(request.body),
        digest_short=short_digest(request.digest),
    )


def settled_words(request: AgentActionRequest, *, is_late: bool = False, names: Mapping[str, str] | None = None) -> str:
    """Who settled it and when, as a sentence; empty while it waits. `names` of people that the page knows already."""
    if request.status == Status.PENDING:
        return "It expired before anybody decided. Nothing was changed." if is_late else ""
    if request.actor_type == CANARY:
        return _canary_words(request)
    when = f" on {request.decided_at:%d %b %Y, %H:%M} UTC" if request.decided_at else ""
    by = f" by {_decider(request, names or {})}" if request.decided_by else ""
    is_told = request.status == Status.HELD  # its status says it, and the page says until when
    code = f" ({request.status_code})" if request.status_code and not is_told else ""
    return (
        f"It is {status_words(request.status)}{code}; decided{by}{when}."
        if by
        else f"It is {status_words(request.status)}{code}."
    )


def _canary_words(request: AgentActionRequest) -> str:
    """What it was, once it is over. Two queries."""
    what = "It was a canary, made to be denied: nothing was written."
    if not request.decided_by:
        return f"{what} Nobody decided it in time."
    return f"{what} {request.canary.outcome.capitalize()} by {_decider(request, {})}."


def _decider(request: AgentActionRequest, names: Mapping[str, str]) -> str:
    """The person's name where a person decided. At most one query, none for whom `names` knows."""
    if request.decided_by.startswith("standing:"):
        _, number, _, given_by = request.decided_by.split(":", 3)
        return f"standing approval {number} of {_name(given_by, names)}"
    kind, _, person_id = request.decided_by.partition(":")
    if kind != "person" or not person_id:
        return request.decided_by
    return _name(person_id, names)


def _name(person_id: str, names: Mapping[str, str]) -> str:
    return names.get(person_id) or get_people_names({person_id}).get(person_id, "a person")


def _context(request: AgentActionRequest, object_type: str, record: RecordNow) -> tuple[tuple[str, ShownValue], ...]:
    fields = fields_of(request, object_type)
    changed = {item["field"] for item in request.patch} if request.object_type == object_type else set()
    return tuple(
        (label_of(fields, name), show_option(request, object_type, name, record.values[name]))
        for name in CONTEXT_FIELDS
        if name not in changed and record.values.get(name) not in (None, "")
    )


def show_checks(request: AgentActionRequest, fields: Fields) -> tuple[ShownCheck, ...]:
    """Every check of its decision, those that shaped the outcome first, under the fields' own labels."""
    found = [
        ShownCheck(
            check=item["check"].replace("_", " "),
            outcome=item["outcome"],
            code=item["code"],
            message=reveal(_QUOTED.sub(r"“\1”", item["message"])),
            label=label_of(fields, item.get("field", "")),
        )
        for item in request.decision.get("checks", ())
    ]
    return tuple(sorted(found, key=lambda check: _ORDER.get(check.outcome, 0)))
