"""FrequencyTable: the frequency caps of a document, by the action that they keep back. Part of the index."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance.domain.action_class import SENDS
from governance.domain.document import FrequencyRule
from governance.domain.vocabulary import StopTrigger


@dataclass(frozen=True, slots=True)
class FrequencyTable:
    """`by_action`: the caps that an action must pass, by key. `horizon_hours`: how far back any of them looks."""

    by_action: Mapping[str, tuple[FrequencyRule, ...]]
    segment_fields: frozenset[str]
    horizon_hours: int
    asks_enrolments: bool
    """Whether any cap wants to know if an enrolment still runs"""


def make_frequency_table(rules: Iterable[FrequencyRule]) -> FrequencyTable:
    rules = tuple(sorted(rules, key=lambda rule: rule.key))
    by_action: defaultdict[str, list[FrequencyRule]] = defaultdict(list)
    for rule in rules:
        for action in rule.channels or sorted(SENDS):
            by_action[action].append(rule)
    return FrequencyTable(
        by_action={action: tuple(found) for action, found in by_action.items()},
        segment_fields=frozenset(rule.segment_field for rule in rules if rule.segment_field),
        horizon_hours=max((max(rule.window_hours, rule.min_gap_hours) for rule in rules), default=0),
        asks_enrolments=any(StopTrigger.IN_SEQUENCE in rule.stops_after for rule in rules),
    )
