"""Which circuit breakers cannot be published: unknown words, impossible sizes, two that watch the same thing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from governance.domain.action_class import REQUESTABLE, SENDS
from governance.domain.breaker import REPORTED
from governance.domain.compile_error import CompileError
from governance.domain.document import BreakerRule, PolicyDocument
from governance.domain.vocabulary import BreakerSignal, Environment

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
MAX_SECONDS = 30 * 86_400
MAX_AMOUNT = 10**15
MAX_CALLS = 100_000
_SIGNALS, _ENVIRONMENTS = frozenset(BreakerSignal), frozenset(Environment)


def name_breaker(rule: BreakerRule) -> str:
    """The row as people know it."""
    return f"breaker `{rule.name}`"


def breaker_errors(document: PolicyDocument) -> Iterator[CompileError]:
    names: set[str] = set()
    watched: set[tuple[object, ...]] = set()
    agents = {grant.agent for grant in document.grants}
    for rule in document.breakers:
        row = name_breaker(rule)
        same = (rule.signal, rule.environment, rule.agent, rule.actions, rule.currency)
        if rule.name in names or same in watched:
            yield CompileError(row, "breaker_twice", "two breakers have one name, or watch the same thing")
        names.add(rule.name)
        watched.add(same)
        if not NAME.fullmatch(rule.name):
            yield CompileError(row, "breaker_name", "a name has small letters, digits, `-` and `_`, 60 at most")
        if rule.agent and rule.agent not in agents:
            yield CompileError(row, "unknown_agent", f"no grant names the agent `{rule.agent}`")
        yield from _word_errors(rule, row)
        yield from _size_errors(rule, row)


def list_mistakes(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with one row by itself, in words: members of a rule by name, others are passed over."""
    members = {name: values[name] for name in BreakerRule.__struct_fields__ if name in values}
    rule = BreakerRule(**members | {"agent": "", "actions": tuple(values.get("actions") or ()), "owner": ""})
    row = name_breaker(rule)
    return [error.message for error in (*_word_errors(rule, row), *_size_errors(rule, row))]


def _word_errors(rule: BreakerRule, row: str) -> Iterator[CompileError]:
    closed = (("signal", rule.signal, _SIGNALS), ("environment", rule.environment, _ENVIRONMENTS))
    for word, value, known in closed:
        if value not in known:
            yield CompileError(row, "unknown_value", f"the {word} `{value}` does not exist")
    for action in rule.actions:
        if action not in REQUESTABLE:
            yield CompileError(row, "unknown_value", f"the action `{action}` does not exist, or asks for nothing")
        elif rule.signal in REPORTED and action not in SENDS:
            yield CompileError(row, "breaker_signal", f"nothing bounces or complains about `{action}`: name sends")


def _size_errors(rule: BreakerRule, row: str) -> Iterator[CompileError]:
    is_spend = rule.signal == BreakerSignal.SPEND
    if not 1 <= rule.window_seconds <= MAX_SECONDS or not 1 <= rule.open_seconds <= MAX_SECONDS:
        yield CompileError(row, "breaker_out_of_range", f"a window and an open time last 1 to {MAX_SECONDS} seconds")
    if not 1 <= rule.min_calls <= MAX_CALLS or not 1 <= rule.probes <= MAX_CALLS:
        yield CompileError(row, "breaker_out_of_range", f"least calls and probes lie between 1 and {MAX_CALLS}")
    if not is_spend and not 0 < rule.ratio <= 1:
        yield CompileError(row, "breaker_out_of_range", "a share is greater than 0 and at most 1")
    if is_spend and not 1 <= rule.amount <= MAX_AMOUNT:
        yield CompileError(row, "breaker_out_of_range", f"an amount lies between 1 and {MAX_AMOUNT} millionths")
    if is_spend != bool(rule.currency) or (is_spend and rule.ratio) or (not is_spend and rule.amount):
        message = "a breaker of spend has an amount and its currency, every other one a share"
        yield CompileError(row, "breaker_threshold", message)
