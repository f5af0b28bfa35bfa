"""Which frequency caps cannot be published: unknown words, sizes that mean nothing, caps that limit nothing."""

from collections.abc import Collection, Iterator

from governance.domain.action_class import SENDS
from governance.domain.compile_error import CompileError
from governance.domain.document import FrequencyRule, PolicyDocument
from governance.domain.vocabulary import Environment, StopTrigger

MAX_HOURS = 24 * 366
MAX_TOUCHES = 100
_CHANNELS, _TRIGGERS, _ENVIRONMENTS = frozenset(SENDS), frozenset(StopTrigger), frozenset(Environment)


def name_frequency(rule: FrequencyRule) -> str:
    """The row as people know it."""
    return f"frequency cap “{rule.name}”"


def frequency_errors(document: PolicyDocument, agents: Collection[str] | None) -> Iterator[CompileError]:
    """`agents` are the names of all agents (None: not checked)."""
    fields = {rule.field for rule in document.fields}
    for rule in document.frequency:
        row = name_frequency(rule)
        closed = (("channel", rule.channels, _CHANNELS), ("stop rule", rule.stops_after, _TRIGGERS))
        for word, values, known in closed:
            for value in sorted(set(values) - known):
                yield CompileError(row, "unknown_value", f"the {word} `{value}` does not exist")
        if rule.environment and rule.environment not in _ENVIRONMENTS:
            yield CompileError(row, "unknown_value", f"the environment `{rule.environment}` does not exist")
        if rule.agent and agents is not None and rule.agent not in agents:
            yield CompileError(row, "unknown_agent", f"there is no agent `{rule.agent}`")
        if rule.segment_field and rule.segment_field not in fields:
            yield CompileError(row, "unknown_field", f"the field `{rule.segment_field}` is not registered")
        if bool(rule.segment_field) != bool(rule.segment_value):
            yield CompileError(row, "frequency_segment", "a segment is a field and the value that it holds: name both")
        yield from _size_errors(rule, row)


def _size_errors(rule: FrequencyRule, row: str) -> Iterator[CompileError]:
    if rule.max_touches is None and not rule.min_gap_hours and not rule.stops_after:
        yield CompileError(row, "frequency_empty", "it limits nothing: give a count, a gap or a stop rule")
    if rule.max_touches is not None and not rule.window_hours:
        yield CompileError(row, "frequency_window", "a count of touches needs the hours in which it is counted")
    if rule.max_touches is None and rule.window_hours:
        yield CompileError(row, "frequency_window", "hours to count in need a count")
    if not 0 <= (rule.max_touches or 0) <= MAX_TOUCHES:
        yield CompileError(row, "frequency_out_of_range", f"a count lies between 0 and {MAX_TOUCHES}")
    if not (0 <= rule.window_hours <= MAX_HOURS and 0 <= rule.min_gap_hours <= MAX_HOURS):
        yield CompileError(row, "frequency_out_of_range", f"hours lie between 0 and {MAX_HOURS}")
