"""What a policy version says, as chapters that everyone reads (REP-03): a pure function of the document."""

from collections.abc import Iterable

import msgspec

from governance.domain.anomaly_coherence import name_anomaly
from governance.domain.breaker_words import watched
from governance.domain.budget_coherence import name_budget
from governance.domain.catalog import ActionLine
from governance.domain.change_words import Told, duration
from governance.domain.chapters import Chapter, Table
from governance.domain.diff import MEMBER_WORDS
from governance.domain.document import (
    ActionRule,
    BreakerRule,
    BudgetRule,
    FieldRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
)
from governance.domain.frequency_words import frequency_sentence
from governance.domain.rule import BasisRule, NamedList
from governance.domain.rule_terms import Basis, ListKind
from governance.domain.rule_words import BASIS_WORDS, LIST_KIND_WORDS, sentence
from governance.domain.vocabulary import Action, BreakerSignal, BudgetUnit, Classification, PermissionLevel

_MICROS = 1_000_000


def write_policy_chapters(document: PolicyDocument) -> tuple[Chapter, ...]:
    """Who may read and write, how each action is treated, the ownership matrix, rules and limits."""
    return (_access(document), _treatment(document), _matrix(document), _rules(document), _limits(document))


def chapter_of_changes(since: str, changes: Iterable[Told]) -> Chapter:
    """What differs from an earlier version, row by row in words."""
    rows = tuple((change.kind, " ".join(change.sentences) or change.raw) for change in changes)
    words = f"{len(rows):,} rows differ." if rows else "Nothing differs."
    return Chapter(f"What changed since {since}", (words,), (Table(("Kind", "What"), rows),) if rows else ())


def write_actions(agent: str, environment: str, lines: Iterable[ActionLine], never: Iterable[str]) -> Table:
    """The safe actions of an agent in one environment, then those that nothing grants it."""
    rows = [(line.action, line.object, line.connection, line.how, "; ".join(line.why)) for line in lines]
    rows += [(action, "any", "any", "never", "no grant lets it") for action in never]
    return Table(("Action", "Object", "Connection", "How", "Why"), tuple(rows), f"{agent} in {environment}")


def _access(document: PolicyDocument) -> Chapter:
    head = ("Agent", "Connection", "Object", "Action", "Reads", "Writes")
    return Chapter(
        "Read and write rules",
        ("What no row names is denied: an agent reads and changes exactly these fields, by these actions.",),
        (Table(head, tuple(sorted(map(_grant, document.grants)))),),
    )


def _grant(rule: GrantRule) -> tuple[str, ...]:
    place = f"{rule.connection} ({rule.environment})"
    return (rule.agent, place, rule.object, _words(rule.action), _list(rule.read_fields), _list(rule.write_fields))


def _treatment(document: PolicyDocument) -> Chapter:
    head = ("Action", "Risk tier", "Who approves", "Confidence", "Evidence", "Decided within", "Further")
    return Chapter(
        "How each action is treated",
        ("A tier of “approval” waits for people; “blocked” is denied to everyone.",),
        (Table(head, tuple(sorted(map(_tier, document.actions)))),),
    )


def _tier(rule: ActionRule) -> tuple[str, ...]:
    people = f"{rule.approvals_needed} of {_list(rule.approver_groups)}" if rule.approver_groups else ""
    most = f"{rule.max_rows:,} rows at most" if rule.action == Action.EXPORT else ""
    return (
        _words(rule.action),
        rule.risk_tier,
        people,
        f"{rule.min_confidence:g}" if rule.min_confidence else "",
        f"{rule.min_evidence}" if rule.min_evidence else "",
        duration(rule.expires_after_seconds),
        "; ".join(filter(None, (f"waits {duration(rule.hold_seconds)}" if rule.hold_seconds else "", most))),
    )


def _matrix(document: PolicyDocument) -> Chapter:
    governed = [rule for rule in document.fields if _is_governed(rule)]
    places = sorted({(rule.connection, rule.object) for rule in governed})
    head = ("Field", "Class", "Agents may", "Writers", "Owner", "Source of truth", "Further")
    tables = tuple(
        Table(
            head,
            tuple(sorted(_field(rule) for rule in governed if (rule.connection, rule.object) == place)),
            f"{place[1]} at {place[0]}",
        )
        for place in places
    )
    closed = len(document.fields) - len(governed)
    words = (f"{closed:,} further fields are known and closed to agents.",) if closed else ()
    notes = Table(("Object", "Fields"), tuple(sorted(map(_provenance, document.provenance))), "What each write notes")
    return Chapter("Ownership matrix", words, (*tables, notes))


def _is_governed(rule: FieldRule) -> bool:
    is_open = rule.permission_level != PermissionLevel.BLOCKED
    return is_open or rule.classification != Classification.UNCLASSIFIED or rule.is_golden


def _field(rule: FieldRule) -> tuple[str, ...]:
    name = rule.field if rule.label in ("", rule.field) else f"{rule.field} ({rule.label})"
    owner = ", ".join(part for part in (rule.owner, rule.owner_person) if part)
    return (
        name,
        _words(rule.classification),
        _words(rule.permission_level),
        _list(map(_words, rule.allowed_writers)),
        owner,
        rule.source_of_truth,
        _further(
            rule, "classification", "permission_level", "allowed_writers", "owner", "owner_person", "source_of_truth"
        ),
    )


def _provenance(rule: ProvenanceRule) -> tuple[str, ...]:
    return (f"{rule.object} at {rule.connection}", _further(rule))


def _rules(document: PolicyDocument) -> Chapter:
    rules = tuple(sorted((rule.name, sentence(rule), rule.reason, rule.owner) for rule in document.rules))
    stages = [
        (
            f"{rule.object} at {rule.connection}",
            f"{rule.stage_field} = {rule.stage}",
            f"needs {_list(rule.required_fields)}",
        )
        for rule in document.stages
    ]
    stages += [
        (
            f"{rule.object} at {rule.connection}",
            f"{rule.stage_field} from {rule.from_stage or 'nothing'}",
            f"goes to {_list(rule.to_stages) or 'nothing'}",
        )
        for rule in document.transitions
    ]
    return Chapter(
        "Rules",
        ("A rule that denies wins over everything that allows.",),
        (
            Table(("Rule", "What it says", "Because", "Owner"), rules),
            Table(("Object", "Stage", "Rule"), tuple(sorted(stages)), "Stages"),
            Table(("List", "Holds", "Entries"), tuple(sorted(map(_named_list, document.lists))), "Lists"),
            Table(("Records", "Lawful basis"), tuple(sorted(map(_basis, document.bases))), "Lawful bases"),
        ),
    )


def _named_list(named: NamedList) -> tuple[str, ...]:
    further = f", and those of {_list(named.includes)}" if named.includes else ""
    return (named.name, LIST_KIND_WORDS[ListKind(named.kind)], f"{len(named.entries):,}{further}")


def _basis(rule: BasisRule) -> tuple[str, ...]:
    return (f"{rule.object} where {rule.field} is {rule.value}", BASIS_WORDS[Basis(rule.basis)])


def _limits(document: PolicyDocument) -> Chapter:
    budgets = sorted((name_budget(rule), _most(rule)) for rule in document.budgets)
    caps = sorted((rule.name, frequency_sentence(rule), rule.reason, rule.owner) for rule in document.frequency)
    anomalies = sorted((name_anomaly(rule), f"{rule.floor:,}", f"{rule.factor:g} ×") for rule in document.anomalies)
    return Chapter(
        "Limits",
        tables=(
            Table(("Budget", "At most"), tuple(budgets), "Budgets"),
            Table(
                ("Breaker", "Watches and stops", "How", "Because"),
                tuple(sorted(map(_breaker, document.breakers))),
                "Circuit breakers",
            ),
            Table(("Cap", "What it says", "Because", "Owner"), tuple(caps), "Touches of one person"),
            Table(("Stop", "Never unusual up to", "Of what is usual"), tuple(anomalies), "Anomaly stops"),
        ),
    )


def _breaker(rule: BreakerRule) -> tuple[str, ...]:
    because = f"{rule.reason} ({rule.owner})" if rule.owner else rule.reason
    amount = f"{rule.amount / _MICROS:,.2f} {rule.currency}" if rule.signal == BreakerSignal.SPEND else ""
    how = "; ".join(filter(None, (amount, _further(rule, "agent", "actions", "amount", "owner"))))
    return (rule.name, watched(rule), how, because)


def _most(rule: BudgetRule) -> str:
    return f"{rule.limit / _MICROS:,.2f} {rule.currency}" if rule.unit == BudgetUnit.SPEND else f"{rule.limit:,}"


def _further(rule: FieldRule | BreakerRule | ProvenanceRule, *told: str) -> str:
    """The members that say anything and stand in no column, in the words of the differences between versions."""
    members = msgspec.structs.asdict(rule)
    return "; ".join(
        f"{MEMBER_WORDS[name]}: {_shown(value)}"
        for name, value in members.items()
        if name in MEMBER_WORDS and name not in told and value not in (None, "", (), False)
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return _list(map(str, value))
    return "yes" if value is True else _words(str(value))


def _words(word: str) -> str:
    return word.replace("_", " ")


def _list(items: Iterable[str]) -> str:
    return ", ".join(items)
