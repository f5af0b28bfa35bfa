"""Anomalies: an agent that does what it never did, or far more of it, judged by its own past (LIM-05). Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil

import msgspec

from governance.domain.budget_window import a_window
from governance.domain.document import AnomalyRule
from governance.domain.vocabulary import AnomalySignal, BudgetWindow

VOLUME = "volume"
"""What an agent asks for is counted like a budget, under this key; it is never given back."""

LEAST_HOURS = 6
"""Hours of work, at least, before a median says anything: until then the floor holds."""

_AN_HOUR_IN: dict[str, float] = {BudgetWindow.MINUTE: 60.0, BudgetWindow.HOUR: 1.0, BudgetWindow.DAY: 1 / 24}

AnomalyTable = Mapping[tuple[str, str], Mapping[str, AnomalyRule]]
"""signal, window → the rule for all (empty) and those for one agent by its name"""

_WORDS = {
    AnomalySignal.VOLUME: "requests",
    AnomalySignal.NEW_DOMAINS: "recipient domains that it never wrote to",
    AnomalySignal.NEW_SEQUENCES: "sequences that it never used",
    AnomalySignal.NEW_FIELDS: "fields that it never wrote",
}


class Finding(msgspec.Struct, frozen=True):
    """What was counted in one window, and how much of it would have been usual."""

    signal: str
    window: str
    count: int
    limit: int


def make_anomaly_table(rules: Iterable[AnomalyRule]) -> dict[tuple[str, str], dict[str, AnomalyRule]]:
    table: defaultdict[tuple[str, str], dict[str, AnomalyRule]] = defaultdict(dict)
    for rule in rules:
        table[rule.signal, rule.window][rule.scope] = rule
    return dict(table)


def list_rules(table: AnomalyTable, agent: str, signal: str = "") -> list[AnomalyRule]:
    """The rules that hold for the agent, its own in the place of the general ones; of one signal or of all."""
    found = [rules.get(agent) or rules.get("") for (kind, _), rules in table.items() if not signal or kind == signal]
    return [rule for rule in found if rule is not None]


def usual_at_most(rule: AnomalyRule, usual: int | None) -> int:
    """How much of it is still usual. `usual` is the agent's hourly median, None while nobody knows it."""
    if usual is None or rule.signal != AnomalySignal.VOLUME:
        return rule.floor
    return max(rule.floor, ceil(rule.factor * usual / _AN_HOUR_IN[rule.window]))


def hourly_median(counts: Sequence[int]) -> int | None:
    """What an agent does in an hour in which it works at all; None with too few such hours. One wild hour moves a
    median little."""
    if len(counts) < LEAST_HOURS:
        return None
    return sorted(counts)[len(counts) // 2]


def find_anomalies(
    table: AnomalyTable, agent: str, counted: Mapping[tuple[str, str], int], *, usual: int | None, is_learning: bool
) -> tuple[Finding, ...]:
    """What is unusual among what was `counted`, (signal, window) → how many. While an agent is new, all fields are."""
    found = []
    for rule in list_rules(table, agent):
        count, limit = counted.get((rule.signal, rule.window), 0), usual_at_most(rule, usual)
        if count > limit and not (is_learning and rule.signal == AnomalySignal.NEW_FIELDS):
            found.append(Finding(rule.signal, rule.window, count, limit))
    return tuple(found)


def anomaly_words(finding: Finding) -> str:
    """The finding as the reason of a stop."""
    what = _WORDS[AnomalySignal(finding.signal)]
    return f"{finding.count} {what} within {a_window(finding.window)}, where {finding.limit} are usual at most"
