"""Freshness: a field is enriched anew only after its window, and never by data older than what it holds (REG-09)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil

from governance.domain.action_class import NEEDS_RECORD
from governance.domain.case import Case
from governance.domain.check_result import denied, failed, passed
from governance.domain.decision import CheckResult, FieldChange
from governance.domain.document import FieldRule
from governance.domain.facts import LastWrite
from governance.domain.judged import Judged

STILL_FRESH = "still_fresh"
CLOCK_SKEW = timedelta(minutes=5)
"""So far ahead of ours may the clock of whoever observed something be."""


def check_freshness(case: Case, patch: Iterable[FieldChange]) -> Iterator[CheckResult]:
    """One result for each changed field that has a window; none at all for a patch that touches no such field."""
    for rule in _windowed(case, patch):
        yield _judge(case, rule)


def freshness_wait(case: Case, patch: Iterable[FieldChange]) -> int | None:
    """Seconds until the last of the windows that are still open is over; None when waiting is of no use."""
    now = case.facts.now
    ends = [end for rule in _windowed(case, patch) if (end := _window_end(case, rule)) is not None and end > now]
    return max(1, *(ceil((end - now).total_seconds()) for end in ends)) if ends else None


def _windowed(case: Case, patch: Iterable[FieldChange]) -> Iterator[FieldRule]:
    entry = case.object_entry
    if entry is None or not entry.has_windows or case.judged is not Judged.AGENT:
        return
    if case.request.action not in NEEDS_RECORD:
        return
    for change in patch:
        rule = entry.fields[change.field]
        if rule.refresh_after_days is not None:
            yield rule


def _judge(case: Case, rule: FieldRule) -> CheckResult:
    name, observed_at = rule.field, case.request.evidence.observed_at
    if case.facts.record is None or case.facts.record.last_writes is None:
        return failed("freshness", name)
    if observed_at is None:
        message = f"`{name}` is refreshed only by data that says when it was observed: every source needs `observed_at`"
        return denied("freshness", "observed_at_missing", message, name)
    if observed_at > case.facts.now + CLOCK_SKEW:
        return denied("freshness", "observed_in_future", "nothing is observed in the future", name)
    last, end = _last_write(case, rule), _window_end(case, rule)
    if last is not None and end is not None and end > case.facts.now:
        message = f"`{name}` was written on {_day(last.at)} and may be refreshed from {_day(end)}"
        return denied("freshness", "still_fresh", message, name)
    if last is not None and observed_at < last.at:
        message = f"the data is of {_day(observed_at)}, and what `{name}` holds is of {_day(last.at)}"
        return denied("freshness", "older_than_held", message, name)
    return passed("freshness", f"`{name}` may be refreshed", name)


def _window_end(case: Case, rule: FieldRule) -> datetime | None:
    last = _last_write(case, rule)
    return last.at + timedelta(days=rule.refresh_after_days or 0) if last is not None else None


def _last_write(case: Case, rule: FieldRule) -> LastWrite | None:
    """The newest that counts. Where the agents are the source of truth, what others wrote holds nothing back."""
    held = case.facts.record.last_writes if case.facts.record is not None else None
    is_agents_truth = rule.source_of_truth.strip().casefold() == "agent"
    found = [item for item in held or () if item.field == rule.field and (item.is_by_agent or not is_agents_truth)]
    return max(found, key=lambda item: item.at, default=None)


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")
