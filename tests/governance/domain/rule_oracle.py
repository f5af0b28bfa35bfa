"""A naive second reading of rules for the small random world: no index, no plan, no shared code with the engine's."""

import math

TIERS = ["autonomous", "gated", "approval", "blocked"]
ABSENT = object()


class UnreadableError(Exception):
    pass


def judge_rules(document, facts, fields, patch):  # noqa: C901 - plain on purpose
    """(findings, groups, choices, people, tier, whether the tier's own groups are asked).

    `patch` is field → (before, after) as it would be written.
    """
    found, groups, choices, people, tier, asks_tier = [], set(), set(), 0, "autonomous", False
    is_human = facts.actor_type == "human"
    if facts.request.action in ("update", "delete") and not (facts.record and facts.record.exists):
        return [], set(), set(), 0, "autonomous", False
    for rule in document.rules:
        objects = {facts.request.object, facts.request.target_object}
        if rule.applies_to == ("agents" if is_human else "people") or (
            rule.actions and facts.request.action not in rule.actions
        ):
            continue
        if (rule.objects and not set(rule.objects) & objects) or (rule.fields and not set(rule.fields) & set(patch)):
            continue
        settled = [c for c in rule.conditions if c.subject in ("agent", "environment")]
        if not all(holds(c, document, facts, fields, patch) for c in settled):
            continue
        try:
            ordered = sorted(rule.conditions, key=lambda c: {"text": 2, "finding": 3}.get(c.subject, 1))
            if not all(holds(c, document, facts, fields, patch) for c in ordered):
                continue
        except UnreadableError:
            found.append(("", "check_failed", "deny"))
            continue
        if rule.effect == "deny" or rule.tier == "blocked":
            found.append(("", "rule_denied", "deny"))
        elif rule.tier != "gated":
            found.append(("", "rule_approval", "require_approval"))
        if rule.effect == "raise_tier":
            tier = max(tier, rule.tier, key=TIERS.index)
            asks_tier = asks_tier or rule.tier == "approval"
        elif rule.effect == "approval":
            groups |= set(rule.groups)
            choices |= {rule.any_groups} if rule.any_groups else set()
            people = max(people, rule.count)
            asks_tier = asks_tier or not (rule.groups or rule.any_groups)
    if tier == "gated" and facts.request.risk_flags:
        found.append(("", "rule_gated_flag", "require_approval"))
        asks_tier = True
    return found, groups, choices, people, tier, asks_tier


def holds(condition, document, facts, fields, patch):  # noqa: PLR0911, PLR0912, C901 - plain on purpose
    subject, operator, values = condition.subject, condition.operator, [v.casefold() for v in condition.values]
    if subject == "change":
        if condition.field not in patch:
            return False
        before, after = (shown(value) for value in patch[condition.field])
        if operator == "from_to":
            return (before or [""])[0] == values[0] and (after or [""])[0] == values[1]
        step = number((after or ["0"])[0]) - number((before or ["0"])[0])
        return (step if operator == "increases_by" else -step) > float(values[0])
    if subject == "finding":
        words = said(facts, patch)
        is_there = ("discount" in words and "pricing" in values) or ("attachments" in values and bool(files(facts)))
        return is_there == (operator == "one_of")
    if subject == "text":
        words = said(facts, patch)
        if operator == "contains":
            return any(value in words for value in values)
        return any(entry in words for entry in entries(document, condition.values)) == (operator == "on_list")
    if subject == "confidence":
        confidence = facts.request.confidence
        return confidence > float(values[0]) if operator == "greater" else not confidence >= float(values[0])
    if subject == "field_count":
        return len(patch) > float(values[0]) if operator == "greater" else len(patch) < float(values[0])
    texts = looked_at(subject, condition.field, facts, fields, patch)
    if texts is ABSENT:
        return False
    match operator:
        case "is" | "one_of":
            return any(text in values for text in texts)
        case "is_not" | "none_of":
            return not any(text in values for text in texts)
        case "contains":
            return any(value in text.split() for text in texts for value in values)
        case "is_empty":
            return not texts
        case "not_empty":
            return bool(texts)
        case "on_list":
            return any(is_listed(text, document, condition.values) for text in texts)
        case "not_on_list" if subject == "account":
            return not any(is_listed(text, document, condition.values) for text in texts)
        case "not_on_list":
            return any(not is_listed(text, document, condition.values) for text in texts)
        case "greater":
            return any(number(text) > float(values[0]) for text in texts)
        case "less":
            return any(number(text) < float(values[0]) for text in texts)


def looked_at(subject, field, facts, fields, patch):  # noqa: PLR0911, PLR0912, C901 - plain on purpose
    request = facts.request
    about = request.target_object or request.object
    match subject:
        case "new_value":
            return shown(patch[field][1]) if field in patch else ABSENT
        case "old_value":
            return shown(patch[field][0]) if field in patch else ABSENT
        case "record_value" if request.action in ("update", "delete"):
            if field not in fields[about]:
                return ABSENT
            return shown(facts.record.values.get(field))
        case "record_value" if about == request.object:
            return shown(patch[field][1]) if field in patch else ([] if field in fields[about] else ABSENT)
        case "record_value":
            if field not in fields[about]:
                return ABSENT
            if facts.target is None:
                raise UnreadableError
            return shown(facts.target.values.get(field)) if facts.target.exists else []
        case "account" if facts.recipients is None:
            raise UnreadableError
        case "account":
            identity = request.record_id if about == request.object else request.target_id
            return [f"{about}:{identity}"] if identity else []
        case "agent":
            return [facts.agent.name] if facts.agent and facts.actor_type != "human" else []
        case "environment":
            return [facts.connection.environment]
        case "workflow":
            return shown(request.source_workflow)
        case "risk_flag":
            return list(request.risk_flags)
        case "newness":
            if facts.newness is None:
                raise UnreadableError
            return ["person"] * facts.newness.is_new_person + ["domain"] * facts.newness.is_new_domain
        case "duplicate":
            if facts.duplicates is None:
                raise UnreadableError
            return list(facts.duplicates)


def said(facts, patch):
    """Every word that is written or attached as text."""
    attached = facts.request.message.attached_text if facts.request.message else ""
    return " ".join([*(text for _, after in patch.values() for text in shown(after)), attached]).split()


def files(facts):
    return facts.request.message.attachments if facts.request.message else ()


def is_listed(text, document, names):
    """Entries here are single words; an account's key is one word too."""
    return any(word in entries(document, names) for word in (text, *text.split()))


def entries(document, names):
    """Entries of lists, includes followed one after the other."""
    found, todo, seen = set(), list(names), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for item in document.lists:
            if item.name == name:
                found |= {entry.casefold() for entry in item.entries}
                todo += item.includes
    return found


def shown(value):
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [text for item in value for text in shown(item)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        value = int(value)
    text = " ".join(str(value).casefold().split())
    return [text] if text else []


def number(text):
    try:
        value = float(text)
    except ValueError:
        raise UnreadableError from None
    if not math.isfinite(value) or not text.isascii():
        raise UnreadableError
    return value
