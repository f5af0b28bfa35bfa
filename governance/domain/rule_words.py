"""A rule as a sentence that a person reads: what it looks for, and what follows (POL-04)."""

from collections.abc import Mapping

from governance.domain.rule import Condition, RiskRule
from governance.domain.rule_terms import SUBJECTS, AppliesTo, Basis, Effect, Finding, ListKind, Operator

OPERATOR_WORDS: Mapping[str, str] = {
    Operator.IS: "is",
    Operator.IS_NOT: "is not",
    Operator.ONE_OF: "is one of",
    Operator.NONE_OF: "is none of",
    Operator.CONTAINS: "contains the words",
    Operator.IS_EMPTY: "is empty",
    Operator.NOT_EMPTY: "is not empty",
    Operator.GREATER: "is above",
    Operator.LESS: "is below",
    Operator.BETWEEN: "is between",
    Operator.FROM_TO: "goes from … to …",
    Operator.INCREASES_BY: "rises by more than",
    Operator.DECREASES_BY: "falls by more than",
    Operator.OLDER: "is older in days than",
    Operator.NEWER: "is newer in days than",
    Operator.ON_LIST: "is on the list",
    Operator.NOT_ON_LIST: "is not on the list",
}
FINDING_WORDS: Mapping[str, str] = {
    Finding.PRICING: "prices or discounts",
    Finding.LEGAL: "legal promises",
    Finding.SECURITY: "security claims",
    Finding.PII: "personal data",
    Finding.CONFIDENTIAL: "a value of a sensitive field",
    Finding.LINKS: "links",
    Finding.ATTACHMENTS: "attachments",
    Finding.NO_OPT_OUT: "no way to opt out",
    Finding.NO_POSTAL_ADDRESS: "no postal address",
    Finding.DISHONEST_SUBJECT: "a subject that pretends to be a reply",
}
APPLIES_WORDS: Mapping[str, str] = {
    AppliesTo.AGENTS: "an agent",
    AppliesTo.PEOPLE: "a person",
    AppliesTo.EVERYONE: "anyone",
}
EFFECT_WORDS: Mapping[str, str] = {
    Effect.DENY: "refuse it",
    Effect.APPROVAL: "ask for approval",
    Effect.RAISE_TIER: "raise the risk tier",
}
LIST_KIND_WORDS: Mapping[str, str] = {
    ListKind.DOMAINS: "domains, with everything below them",
    ListKind.RECORDS: "records, like companies:101",
    ListKind.VALUES: "values of a field",
    ListKind.ADDRESSES: "e-mail addresses",
    ListKind.TERMS: "words and phrases in a text",
}
BASIS_WORDS: Mapping[str, str] = {
    Basis.CONSENT: "consent",
    Basis.LEGITIMATE_INTEREST: "legitimate interest",
    Basis.CONTRACT: "contract",
    Basis.LEGAL_OBLIGATION: "legal obligation",
    Basis.NONE: "none: not allowed",
}
ACTION_WORDS: Mapping[str, str] = {
    "update": "changes",
    "create": "creates",
    "delete": "deletes",
    "create_task": "makes a task on",
    "create_note": "writes a note on",
    "draft": "drafts to",
    "queue": "queues",
    "send_email": "sends an e-mail to",
    "enroll_sequence": "enrols in a sequence",
    "create_meeting": "books a meeting with",
    "push_to_dialer": "puts into the dialer",
    "export": "exports",
}


def sentence(rule: RiskRule) -> str:
    """The whole rule: "When an agent changes `industry` on companies and confidence is below 0.8 → ask revops"."""
    conditions = "".join(f" and {condition_words(condition)}" for condition in rule.conditions)
    return f"When {opening(rule)}{conditions} → {effect_words(rule)}"


def opening(rule: RiskRule) -> str:
    """Who does what, on which fields and objects."""
    deeds = _listed([ACTION_WORDS.get(action, action) for action in rule.actions]) or "does anything with"
    fields = f" {_listed([f'`{name}`' for name in rule.fields])} on" if rule.fields else ""
    return (
        f"{APPLIES_WORDS.get(rule.applies_to, rule.applies_to)} {deeds}{fields} {_listed(rule.objects) or 'any object'}"
    )


def condition_words(condition: Condition) -> str:
    subject = SUBJECTS.get(condition.subject)
    what = subject.words if subject is not None else condition.subject
    if condition.subject == "finding":
        verb = "holds" if condition.operator == Operator.ONE_OF else "does not hold"
        return f"the text {verb} {_listed([FINDING_WORDS.get(v, v) for v in condition.values])}"
    if condition.subject == "text" and condition.operator in {Operator.ON_LIST, Operator.NOT_ON_LIST}:
        verb = "mentions something" if condition.operator == Operator.ON_LIST else "mentions nothing"
        return f"the text {verb} of the list {_listed(condition.values)}"
    if condition.subject == "duplicate":
        return f"there is {'no ' if condition.operator == Operator.IS_EMPTY else ''}{what}".replace(
            "no another", "no other"
        )
    if condition.subject == "newness":
        verb = "is touched for the first time" if condition.operator == Operator.ONE_OF else "was touched before"
        return f"the {_listed(condition.values)} {verb}"
    if condition.operator == Operator.FROM_TO and len(condition.values) == 2:
        return f"`{condition.field}` goes from “{condition.values[0]}” to “{condition.values[1]}”"
    field = f" `{condition.field}`" if condition.field else ""
    what = f"`{condition.field}`" if condition.subject == "change" else f"{what}{field}"
    return f"{what} {_operator_words(condition)}".rstrip()


def effect_words(rule: RiskRule) -> str:
    match rule.effect:
        case Effect.DENY:
            return "refuse it"
        case Effect.RAISE_TIER:
            return f"treat it as `{rule.tier}`"
    asked = [*rule.groups, *(["one of " + " or ".join(rule.any_groups)] if rule.any_groups else [])]
    people = f", {rule.count} people" if rule.count > 1 else ""
    return f"ask {_listed(asked, 'and') or 'whoever approves this action'}{people}"


def _operator_words(condition: Condition) -> str:
    word = OPERATOR_WORDS.get(condition.operator, condition.operator)
    if condition.operator == Operator.BETWEEN:
        return f"{word} {_listed(condition.values, 'and')}"
    if condition.operator in {Operator.IS, Operator.IS_NOT, Operator.ONE_OF, Operator.NONE_OF, Operator.CONTAINS}:
        return f"{word} {_listed([f'“{value}”' for value in condition.values])}"
    return f"{word} {_listed(condition.values)}"


def _listed(words: tuple[str, ...] | list[str], last: str = "or") -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
