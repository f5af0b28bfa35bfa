"""Conditions, compiled: each becomes one function of the view. Closed operators; no code, no pattern of a user's."""

from collections.abc import Callable, Mapping

from governance.domain.plain_text import fold_value, words_of
from governance.domain.rule import Condition
from governance.domain.rule_lists import ReadyList
from governance.domain.rule_terms import TAKES_LISTS, TAKES_NUMBERS, Finding, ListKind, Operator
from governance.domain.rule_values import Texts, days_ago, number_of, texts_of
from governance.domain.rule_view import RuleView

Predicate = Callable[[RuleView], bool]
Lists = Mapping[str, ReadyList]
Source = Callable[[RuleView], Texts | None]


def compile_condition(condition: Condition, lists: Lists) -> Predicate:
    """The test of one condition that `rule_coherence` found sound. Raises KeyError for words outside the vocabulary."""
    if condition.subject in _COUNTS:
        return _count_test(condition, _COUNTS[condition.subject])
    special = {"finding": _finding_test, "change": _change_test}.get(condition.subject)
    if special is not None:
        return special(condition)
    if condition.subject == "text":
        return _text_test(condition, lists)
    return _value_test(condition, _source(condition), lists)


_COUNTS: Mapping[str, Callable[[RuleView], float]] = {
    "confidence": lambda view: view.case.request.confidence,
    "field_count": lambda view: len(view.patch),
    "recipient_count": lambda view: len(view.recipients),
}


def _count_test(condition: Condition, count: Callable[[RuleView], float]) -> Predicate:
    test = _number_test(condition)
    return lambda view: test(count(view))


def _source(condition: Condition) -> Source:
    """Where the texts come from. None: the condition speaks of something that is not there, and does not hold."""
    field = condition.field
    match condition.subject:
        case "new_value":
            return lambda view: texts_of(view.changes[field].after) if field in view.changes else None
        case "old_value":
            return lambda view: texts_of(view.changes[field].before) if field in view.changes else None
        case "record_value":
            return lambda view: view.record_value(field)
        case _:
            return _SOURCES[condition.subject]


_SOURCES: Mapping[str, Source] = {
    "agent": lambda view: texts_of(view.case.agent.name) if view.case.agent else (),
    "agent_version": lambda view: texts_of(view.case.agent.version) if view.case.agent else (),
    "connection": lambda view: texts_of(view.case.facts.connection.name),
    "environment": lambda view: texts_of(view.case.facts.connection.environment),
    "workflow": lambda view: texts_of(view.case.request.source_workflow),
    "reason_code": lambda view: texts_of(view.case.request.reason_code),
    "risk_flag": lambda view: view.case.request.risk_flags,
    "account": lambda view: view.account_keys,
    "vendor": lambda view: view.case.request.evidence.vendors,
    "mailbox": lambda view: texts_of(m.sender) if (m := view.case.request.message) is not None else None,
    "recipient": lambda view: view.recipients,
    "newness": lambda view: view.newness,
    "duplicate": lambda view: view.duplicates,
    "lawful_basis": lambda view: view.lawful_bases,
}


def _value_test(condition: Condition, source: Source, lists: Lists) -> Predicate:
    if condition.operator in TAKES_LISTS:
        return _list_test(condition, source, lists)
    if condition.operator in {Operator.OLDER, Operator.NEWER}:
        return _age_test(condition, source)
    if condition.operator in TAKES_NUMBERS:
        number = _number_test(condition)
        return lambda view: any(number(number_of(text)) for text in source(view) or ())
    return _word_test(condition, source)


def _word_test(condition: Condition, source: Source) -> Predicate:
    values = frozenset(fold_value(value) for value in condition.values)
    phrases = tuple(f" {' '.join(words_of(value))} " for value in values)

    def is_none(view: RuleView) -> bool:
        texts = source(view)
        return texts is not None and all(fold_value(text) not in values for text in texts)

    tests: Mapping[str, Predicate] = {
        Operator.IS: lambda view: any(fold_value(text) in values for text in source(view) or ()),
        Operator.ONE_OF: lambda view: any(fold_value(text) in values for text in source(view) or ()),
        Operator.IS_NOT: is_none,
        Operator.NONE_OF: is_none,
        Operator.CONTAINS: lambda view: any(_mentions(text, phrases) for text in source(view) or ()),
        Operator.IS_EMPTY: lambda view: source(view) == (),
        Operator.NOT_EMPTY: lambda view: bool(source(view)),
    }
    return tests[condition.operator]


def _mentions(text: str, phrases: tuple[str, ...]) -> bool:
    words = f" {' '.join(words_of(fold_value(text)))} "
    return any(phrase in words for phrase in phrases)


def _list_test(condition: Condition, source: Source, lists: Lists) -> Predicate:
    """On a list: one of the values is on one of the lists. Not on it: one of the values is on none of them."""
    chosen = tuple(lists[name] for name in condition.values)
    if condition.operator == Operator.ON_LIST:
        return lambda view: any(ready.holds(text) for text in source(view) or () for ready in chosen)
    if condition.subject == "account":  # one record with several keys: any of them puts it on the list
        return lambda view: not any(ready.holds(text) for text in source(view) or () for ready in chosen)

    is_nothing_off = condition.subject == "mailbox"  # a message from nowhere is from no mailbox that is allowed

    def is_off(view: RuleView) -> bool:
        texts = source(view)
        if not texts:
            return is_nothing_off and texts is not None
        return any(not any(ready.holds(text) for ready in chosen) for text in texts)

    return is_off


def _number_test(condition: Condition) -> Callable[[float], bool]:
    numbers = [number_of(value) for value in condition.values]
    least = numbers[0]
    match condition.operator:
        case Operator.GREATER:
            return lambda number: number > least
        case Operator.LESS:
            return lambda number: not number >= least  # what is no number counts as too low
        case Operator.BETWEEN:
            return lambda number: least <= number <= numbers[1]
    raise KeyError(condition.operator)


def _age_test(condition: Condition, source: Source) -> Predicate:
    """Older or newer than so many days. What lies ahead is newer than anything."""
    days = number_of(condition.values[0])
    if condition.operator == Operator.OLDER:
        return lambda view: any(days_ago(text, view.case.facts.now) > days for text in source(view) or ())
    return lambda view: any(days_ago(text, view.case.facts.now) < days for text in source(view) or ())


def _change_test(condition: Condition) -> Predicate:
    field = condition.field
    if condition.operator == Operator.FROM_TO:
        before, after = (fold_value(value) for value in condition.values)

        def is_step(view: RuleView) -> bool:
            change = view.changes.get(field)
            return change is not None and _is(change.before, before) and _is(change.after, after)

        return is_step
    by = number_of(condition.values[0])
    sign = 1 if condition.operator == Operator.INCREASES_BY else -1

    def is_jump(view: RuleView) -> bool:
        """An empty number counts as nothing."""
        change = view.changes.get(field)
        if change is None:
            return False
        before, after = (number_of((texts_of(value) or ("0",))[0]) for value in (change.before, change.after))
        return sign * (after - before) > by

    return is_jump


def _is(value: object, folded: str) -> bool:
    texts = texts_of(value)
    return any(fold_value(text) == folded for text in texts) if texts else folded == ""


def _finding_test(condition: Condition) -> Predicate:
    wanted = frozenset(condition.values)
    asks_confidential = Finding.CONFIDENTIAL in wanted

    def is_found(view: RuleView) -> bool:
        return not wanted.isdisjoint(view.findings) or (asks_confidential and view.holds_confidential)

    return is_found if condition.operator == Operator.ONE_OF else lambda view: not is_found(view)


def _text_test(condition: Condition, lists: Lists) -> Predicate:
    if condition.operator == Operator.CONTAINS:
        phrases = tuple(f" {' '.join(words_of(fold_value(value)))} " for value in condition.values)
        return lambda view: any(phrase in view.joined_words for phrase in phrases)
    chosen = tuple(lists[name] for name in condition.values if lists[name].kind == ListKind.TERMS)
    if condition.operator == Operator.ON_LIST:
        return lambda view: any(ready.is_mentioned(view.words) for ready in chosen)
    return lambda view: not any(ready.is_mentioned(view.words) for ready in chosen)
