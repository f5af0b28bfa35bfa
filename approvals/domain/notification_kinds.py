"""What people are told, how soon by default, and what nobody can switch off (APR-13)."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """One sort of news."""

    REQUEST_PENDING = "request_pending"
    REQUEST_REMINDER = "request_reminder"
    REQUEST_ESCALATED = "request_escalated"
    REQUEST_STRANDED = "request_stranded"
    REQUEST_DECIDED = "request_decided"
    REQUEST_EXECUTED = "request_executed"
    REQUEST_FAILED = "request_failed"
    REQUEST_CONFLICT = "request_conflict"
    REQUEST_UNKNOWN = "request_unknown"
    BREAK_GLASS = "break_glass"
    BREAKER_OPENED = "breaker_opened"
    AGENT_STOPPED = "agent_stopped"
    SWITCH_ENGAGED = "switch_engaged"
    POLICY_PUBLISHED = "policy_published"
    DNC_REMOVAL = "dnc_removal"
    EXCEPTION_SLA = "exception_sla"
    BULK_REVERT = "bulk_revert"
    REPORT_WEEKLY = "report_weekly"
    REPORT_MONTHLY = "report_monthly"
    LEDGER_EXPORT = "ledger_export"


class Timing(StrEnum):
    """How soon an e-mail leaves. The page shows everything in any case."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class KindRule:
    """`floor` is the slowest timing that a person may choose. A `loud` one leaves in quiet hours too. `waits` for a
    decision: once the request is settled it is stale and not sent."""

    label: str
    default: Timing
    floor: Timing = Timing.OFF
    is_loud: bool = False
    is_waiting: bool = False


RULES: dict[Kind, KindRule] = {
    Kind.REQUEST_PENDING: KindRule("A request waits for your group", Timing.AT_ONCE, is_waiting=True),
    Kind.REQUEST_REMINDER: KindRule("A request still waits", Timing.AT_ONCE, is_waiting=True),
    Kind.REQUEST_ESCALATED: KindRule(
        "A request was escalated to your group", Timing.AT_ONCE, Timing.HOURLY, is_waiting=True
    ),
    Kind.REQUEST_STRANDED: KindRule("Nobody can decide a request", Timing.AT_ONCE, Timing.DAILY, is_waiting=True),
    Kind.REQUEST_DECIDED: KindRule("A request of yours or of your agent was decided", Timing.HOURLY),
    Kind.REQUEST_EXECUTED: KindRule("A request of yours or of your agent was executed", Timing.OFF),
    Kind.REQUEST_FAILED: KindRule("A request of yours or of your agent failed", Timing.AT_ONCE),
    Kind.REQUEST_CONFLICT: KindRule("A request met a record that had changed", Timing.HOURLY),
    Kind.REQUEST_UNKNOWN: KindRule("Nobody knows whether a request was applied", Timing.AT_ONCE, Timing.HOURLY),
    Kind.BREAK_GLASS: KindRule("Break-glass was opened", Timing.AT_ONCE, Timing.AT_ONCE, is_loud=True),
    Kind.BREAKER_OPENED: KindRule("A circuit breaker opened", Timing.AT_ONCE, Timing.HOURLY),
    Kind.AGENT_STOPPED: KindRule("An agent was stopped", Timing.AT_ONCE, Timing.HOURLY),
    Kind.SWITCH_ENGAGED: KindRule("A kill switch was engaged", Timing.AT_ONCE, Timing.AT_ONCE, is_loud=True),
    Kind.POLICY_PUBLISHED: KindRule("A policy was published or promoted", Timing.DAILY),
    Kind.DNC_REMOVAL: KindRule("Somebody wants a do-not-contact entry ended", Timing.AT_ONCE, Timing.DAILY),
    Kind.EXCEPTION_SLA: KindRule("An exception is late", Timing.AT_ONCE, Timing.DAILY),
    Kind.BULK_REVERT: KindRule("A bulk revert of yours has ended", Timing.AT_ONCE),
    Kind.REPORT_WEEKLY: KindRule("The report of a week is there", Timing.OFF),
    Kind.REPORT_MONTHLY: KindRule("The sponsor review of a month is there", Timing.OFF),
    Kind.LEDGER_EXPORT: KindRule("A planned export of the ledger is ready", Timing.AT_ONCE),
}
_ORDER = (Timing.AT_ONCE, Timing.HOURLY, Timing.DAILY, Timing.OFF)


def choices_of(kind: Kind) -> tuple[Timing, ...]:
    """What a person may choose: nothing slower than the floor."""
    return _ORDER[: _ORDER.index(RULES[kind].floor) + 1]


def timing_of(kind: Kind, chosen: str) -> Timing:
    """The person's choice where it is one that they may make, else the default."""
    return Timing(chosen) if chosen in choices_of(kind) else RULES[kind].default
