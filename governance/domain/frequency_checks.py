"""LIM-06: may everyone whom the action reaches be touched now? The reservation asks once more, exactly."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

import msgspec

from governance.domain.action_class import SENDS
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult
from governance.domain.document import FrequencyRule
from governance.domain.facts import Facts, PersonFacts, TouchFacts
from governance.domain.frequency_table import FrequencyTable
from governance.domain.vocabulary import Action, StopTrigger

CAPPED = "frequency_capped"
STOPPED = "recipient_stopped"
UNLIMITED = 1_000_000_000
"""Room where no cap counts: more than anybody is ever touched."""

_NOBODY = passed("frequency", "the action reaches nobody")
_ROOM = passed("frequency", "everyone whom it reaches may be touched now")
_BY_HAND = denied(
    "frequency", "recipient_stopped", "a person said that nobody may touch this recipient until somebody resumes"
)
_CONTENDED = denied("frequency", "frequency_capped", "others reach for this recipient at this moment; try again")
_TRIGGERED_BY: dict[str, Action] = {
    StopTrigger.MEETING_BOOKED: Action.CREATE_MEETING,
    StopTrigger.IN_SEQUENCE: Action.ENROLL_SEQUENCE,
}
_WORDS: dict[str, str] = {
    StopTrigger.MEETING_BOOKED: "a meeting with this recipient is booked",
    StopTrigger.IN_SEQUENCE: "this recipient is in a sequence",
    StopTrigger.REPLIED: "this recipient replied",
}


class Verdict(msgspec.Struct, frozen=True):
    """What one cap says of one person. `next_at` is when it lets the next touch through, None when waiting is of no
    use; `trigger` is what stopped them, empty for a count or a gap."""

    rule: FrequencyRule
    next_at: datetime | None
    trigger: str = ""


def check_frequency(case: Case) -> CheckResult:
    return judge_frequency(case.index.frequency, case.facts)


def judge_frequency(table: FrequencyTable, facts: Facts) -> CheckResult:
    """The same on its own, as it is asked once more right before a send. The strictest cap speaks."""
    if facts.request.action not in SENDS:
        return _NOBODY
    found = facts.frequency
    if found is None or facts.recipients is None or found.asked != len(facts.recipients):
        return failed("frequency")
    if any(person.is_stopped for person in found.people):
        return _BY_HAND
    if found.is_contended:
        return _CONTENDED
    verdicts = list(_verdicts(table, facts))
    if not verdicts:
        return _ROOM
    return _told(max(verdicts, key=_strictness))


def frequency_wait_seconds(case: Case) -> int | None:
    """When every cap lets the next touch through; None when waiting is of no use, or no cap denies."""
    found = case.facts.frequency
    if found is None or any(person.is_stopped for person in found.people):
        return None
    times = [verdict.next_at for verdict in _verdicts(case.index.frequency, case.facts)]
    if found.is_contended:
        times.append(case.facts.now)
    if not times or None in times:
        return None
    return max(1, *(ceil((at - case.facts.now).total_seconds()) for at in times if at is not None))


def room_for(table: FrequencyTable, facts: Facts, person: PersonFacts) -> int:
    """How many more touches of this person the caps of this request let through now: what its reservation may lose to
    others and still be right. 0 when there is none."""
    room = UNLIMITED
    for rule in _rules(table, facts):
        if judge_person(rule, person, facts.now) is not None:
            return 0
        if rule.min_gap_hours or rule.stops_after:
            room = 1
        elif rule.max_touches is not None:
            room = min(room, rule.max_touches - count_touches(rule, person, facts.now))
    return room


def _verdicts(table: FrequencyTable, facts: Facts) -> Iterator[Verdict]:
    people = facts.frequency.people if facts.frequency is not None else ()
    for rule in _rules(table, facts):
        for person in people:
            verdict = judge_person(rule, person, facts.now)
            if verdict is not None:
                yield verdict


def _rules(table: FrequencyTable, facts: Facts) -> Iterator[FrequencyRule]:
    """The caps that this request must pass."""
    agent = facts.agent.name if facts.agent is not None else ""
    for rule in table.by_action.get(facts.request.action, ()):
        is_theirs = rule.agent in ("", agent) and rule.environment in ("", facts.connection.environment)
        if is_theirs and _is_in_segment(rule, facts):
            yield rule


def _is_in_segment(rule: FrequencyRule, facts: Facts) -> bool:
    """Whoever's segment is not known counts as in it: a bare address is no way around a cap."""
    if not rule.segment_field or facts.target is None or not facts.target.exists:
        return True
    held = facts.target.values.get(rule.segment_field)
    return held in (None, "") or str(held) == rule.segment_value


def judge_person(rule: FrequencyRule, person: PersonFacts, now: datetime) -> Verdict | None:
    """What a cap holds against one more touch, None when nothing."""
    trigger = next((word for word in rule.stops_after if _is_triggered(word, person)), "")
    if trigger:
        return Verdict(rule, None, trigger)
    if rule.max_touches == 0:
        return Verdict(rule, None)
    times: list[datetime] = []
    if recent := _counted(rule, person, now, rule.min_gap_hours):
        times.append(max(recent) + timedelta(hours=rule.min_gap_hours))
    if rule.max_touches is not None:
        counted = _counted(rule, person, now, rule.window_hours)
        over = len(counted) - rule.max_touches
        if over >= 0:
            times.append(sorted(counted)[over] + timedelta(hours=rule.window_hours))
    return Verdict(rule, max(times)) if times else None


def count_touches(rule: FrequencyRule, person: PersonFacts, now: datetime) -> int:
    """How many touches of this person the cap counts in its window."""
    return len(_counted(rule, person, now, rule.window_hours))


def _is_triggered(word: str, person: PersonFacts) -> bool:
    """A meeting counts once it is booked, an enrolment from the moment that it is decided."""
    since = person.resumed_at
    if word == StopTrigger.REPLIED:
        return person.replied_at is not None and (since is None or person.replied_at > since)
    action = _TRIGGERED_BY.get(word)
    return any(
        touch.action == action
        and touch.is_live
        and not (touch.is_pending and word == StopTrigger.MEETING_BOOKED)
        and (since is None or touch.at > since)
        for touch in person.touches
    )


def _counted(rule: FrequencyRule, person: PersonFacts, now: datetime, hours: int) -> list[datetime]:
    """When the touches of the last `hours` were of which this cap takes notice; none for no hours. What has not left
    yet may leave at any moment: it counts as of now."""
    since = now - timedelta(hours=hours)
    return [
        now if touch.is_pending else touch.at
        for touch in person.touches
        if hours and _is_of(rule, touch) and (touch.is_pending or touch.at > since)
    ]


def _is_of(rule: FrequencyRule, touch: TouchFacts) -> bool:
    return rule.agent in ("", touch.agent) and (not rule.channels or touch.action in rule.channels)


def _strictness(verdict: Verdict) -> tuple[bool, bool, float, str]:
    at = verdict.next_at
    return bool(verdict.trigger), at is None, at.timestamp() if at is not None else 0.0, verdict.rule.key


def _told(verdict: Verdict) -> CheckResult:
    rule = verdict.rule
    if verdict.trigger:
        why, code = f"{_WORDS[verdict.trigger]}; a person has to resume first", STOPPED
    elif verdict.next_at is None:
        why, code = "it allows no touch at all", CAPPED
    else:
        why, code = f"the next touch of this recipient is possible at {verdict.next_at:%Y-%m-%d %H:%M} UTC", CAPPED
    return denied(f"frequency:{rule.key}", code, f"“{rule.name}”: {why}. {rule.reason}")
