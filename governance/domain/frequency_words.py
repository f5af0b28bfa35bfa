"""A frequency cap as a sentence, and what it says of one person, for people who look (LIM-06)."""

from datetime import datetime

import msgspec

from governance.domain.document import FrequencyRule
from governance.domain.facts import PersonFacts
from governance.domain.frequency_checks import count_touches, judge_person
from governance.domain.vocabulary import StopTrigger

CHANNEL_WORDS = {
    "send_email": "e-mail",
    "enroll_sequence": "sequence",
    "create_meeting": "meeting",
    "push_to_dialer": "call",
}
TRIGGER_WORDS: dict[str, str] = {
    StopTrigger.MEETING_BOOKED: "a meeting is booked",
    StopTrigger.IN_SEQUENCE: "somebody is in a sequence",
    StopTrigger.REPLIED: "a reply is reported",
}


class CapState(msgspec.Struct, frozen=True, kw_only=True):
    """One cap and one person: `used` of `limit` in its window (None: it counts nothing); `next_at` when it lets the
    next touch through, None with `is_full` when waiting is of no use."""

    name: str
    says: str
    used: int
    limit: int | None
    is_full: bool
    next_at: datetime | None


def frequency_sentence(rule: FrequencyRule) -> str:
    """What the cap says, without its name."""
    parts = []
    if rule.max_touches is not None:
        count = f"at most {rule.max_touches} {'touch' if rule.max_touches == 1 else 'touches'}"
        parts.append(f"{count if rule.max_touches else 'no touch'} in any {hours_in_words(rule.window_hours)}")
    if rule.min_gap_hours:
        parts.append(f"at least {hours_in_words(rule.min_gap_hours, least='one hour')} between two touches")
    if rule.stops_after:
        after = " or ".join(TRIGGER_WORDS.get(word, word) for word in rule.stops_after)
        parts.append(f"none once {after}, until a person resumes")
    said = "; ".join(parts)
    channels = ", ".join(CHANNEL_WORDS.get(name, name) for name in rule.channels)
    scope = [f"by {channels}"] if channels else []
    scope += [f"by `{rule.agent}`"] if rule.agent else []
    scope += [f"in {rule.environment}"] if rule.environment else []
    scope += [f"where {rule.segment_field} is {rule.segment_value}"] if rule.segment_field else []
    sentence = f"{said[:1].upper()}{said[1:]}"
    return f"{sentence} ({', '.join(scope)})." if scope else f"{sentence}."


def cap_state(rule: FrequencyRule, person: PersonFacts, *, now: datetime) -> CapState:
    """What a cap leaves of one person, whoever asks."""
    verdict = judge_person(rule, person, now)
    return CapState(
        name=rule.name,
        says=frequency_sentence(rule),
        used=count_touches(rule, person, now),
        limit=rule.max_touches,
        is_full=verdict is not None,
        next_at=verdict.next_at if verdict is not None else None,
    )


def hours_in_words(hours: int, *, least: str = "hour") -> str:
    """Whole days as such; `least` is how one hour is said."""
    days, rest = divmod(hours, 24)
    if rest or not days:
        return f"{hours} hours" if hours != 1 else least
    return f"{days} days" if days != 1 else "24 hours"
