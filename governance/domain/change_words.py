"""Changes of policy as sentences for people who never saw the rows (POL-03)."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from governance.domain.coherence import name_field, name_grant, name_stage
from governance.domain.diff import Change, diff_documents
from governance.domain.document import ActionRule, FieldRule, GrantRule, PolicyDocument, StageRule

Row = FieldRule | GrantRule | ActionRule | StageRule

_ACTIONS = {
    "read": "read",
    "search": "search",
    "update": "update",
    "create": "create",
    "delete": "archive",
    "create_task": "create tasks in",
    "create_note": "write notes in",
    "draft": "draft",
    "queue": "queue",
    "send_email": "send e-mail in",
    "enroll_sequence": "enrol people in",
    "create_meeting": "book meetings in",
    "push_to_dialer": "push to the dialer in",
    "export": "export",
}
_LEVELS = {
    "blocked": "Agents may no longer write {field}.",
    "read_only": "Agents may only read {field}.",
    "admin_only": "Only administrators write {field}.",
    "approval": "Agents may now write {field} with approval.",
    "safe_write": "Agents may now write {field} without a person, as far as the action's tier lets them.",
}
_NEW_LEVELS = {level: words.format(field="it") for level, words in _LEVELS.items()} | {
    "blocked": "Agents may not write it."
}
_TIERS = {
    "autonomous": "{action} runs by itself.",
    "gated": "{action} asks a person when a check wants it.",
    "approval": "{action} always asks a person.",
    "blocked": "{action} is refused.",
}
_FLAGS = {
    "is_golden": (
        "{field} is a golden field now: agents suggest, a person changes it.",
        "{field} is no golden field any more.",
    ),
    "review_required": (
        "Every write of {field} asks a person.",
        "A write of {field} no longer asks a person by itself.",
    ),
    "is_sensitive": ("{field} counts as sensitive: its values stay masked.", "{field} no longer counts as sensitive."),
    "is_required": ("{field} must be filled when a record is made.", "{field} may stay empty when a record is made."),
    "is_read_only": ("The CRM no longer lets anyone write {field}.", "The CRM lets {field} be written now."),
}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One changed row in words; `raw` is the exact difference, `row` its technical name."""

    row: str
    kind: str
    sentences: tuple[str, ...]
    raw: str


def tell_changes(old: PolicyDocument | None, new: PolicyDocument) -> tuple[Told, ...]:
    """Every difference of two documents as sentences, in the order of the rows."""
    before, after = _named(old) if old is not None else {}, _named(new)
    return tuple(_tell(change, before.get(change.row), after.get(change.row)) for change in diff_documents(old, new))


def duration(seconds: int) -> str:
    """Seconds as people say them: 24 hours, 90 minutes, 3 days."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if (seconds >= 2 * size and seconds % size == 0) or seconds == size:
            return f"{seconds // size} {word}{'s' if seconds != size else ''}" if seconds != 86_400 else "24 hours"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _named(document: PolicyDocument) -> Mapping[str, Row]:
    rows: dict[str, Row] = {name_field(rule): rule for rule in document.fields}
    rows.update({name_grant(rule): rule for rule in document.grants})
    rows.update({f"tier of `{rule.action}`": rule for rule in document.actions})
    rows.update({name_stage(rule): rule for rule in document.stages})
    return rows


def _tell(change: Change, old: Row | None, new: Row | None) -> Told:
    sentences = tuple(_sentences(old, new))
    if not sentences:  # a kind of row that has no words of its own yet
        sentences = (_plain(change.message),)
    return Told(row=_plain(change.row), kind=change.kind, sentences=sentences, raw=change.message)


def _sentences(old: Row | None, new: Row | None) -> Iterator[str]:
    row = new if new is not None else old
    match row:
        case GrantRule():
            yield from _grant(old, new, row)
        case FieldRule():
            yield from _field(old, new, row)
        case ActionRule():
            yield from _action(old, new, row)
        case StageRule():
            yield from _stage(new, row)


def _grant(old: Row | None, new: Row | None, row: GrantRule) -> Iterator[str]:
    does = f"{_ACTIONS.get(row.action, row.action)} {_thing(row.object)} in {row.connection} ({row.environment})"
    if new is None:
        yield f"{row.agent} may no longer {does}."
        return
    for member, verb in (("write_fields", "write"), ("read_fields", "read")):
        then, now = set(getattr(old, member, ())), set(getattr(new, member))
        if old is not None and now - then:
            yield f"{row.agent} may now also {verb} {_list(now - then)} when it may {does}."
        if then - now:
            yield f"{row.agent} may no longer {verb} {_list(then - now)} when it may {does}."
    if old is None:
        fields = f", writing {_list(row.write_fields)}" if row.write_fields else ""
        yield f"{row.agent} may now {does}{fields}."


def _field(old: Row | None, new: Row | None, row: FieldRule) -> Iterator[str]:
    field = f"{row.label or row.field} on {_thing(row.object)}"
    if new is None:
        yield f"{_upper(field)} is not registered any more: nobody writes it through Countersign."
        return
    if old is None:
        yield f"{_upper(field)} is registered. {_NEW_LEVELS.get(row.permission_level, '')}".strip()
        return
    for member, then, now in _differences(old, new):
        if member == "permission_level" and now in _LEVELS:
            yield _LEVELS[now].format(field=field)
        elif member in _FLAGS:
            yield _upper(_FLAGS[member][0 if now else 1].format(field=field))
        else:
            word = member.removeprefix("is_").replace("_", " ")
            yield f"{_upper(field)}: {word} is now {_value(now)}, before {_value(then)}."


def _action(old: Row | None, new: Row | None, row: ActionRule) -> Iterator[str]:
    action = _upper(f"the action “{row.action.replace('_', ' ')}”")
    if new is None:
        yield f"{action} is refused: no tier is set for it any more."
        return
    for member, then, now in _differences(old, new):
        before = "" if old is None else f", before {_amount(member, then)}"
        if member == "risk_tier" and now in _TIERS:
            yield _TIERS[now].format(action=action)
        elif member == "expires_after_seconds":
            yield f"{action} waits at most {duration(now)} for approval{before}."
        elif member == "approvals_needed":
            yield f"{action} takes {_amount(member, now)} to approve{before}."
        elif member == "approver_groups":
            yield f"{action} is approved by {_list(now)}{before}."
        elif member == "min_confidence":
            yield f"{action} needs a confidence of {_amount(member, now)}{before}; below, a person is asked."
        elif member == "min_evidence":
            yield f"{action} needs {_amount(member, now)}{before}."


def _stage(new: Row | None, row: StageRule) -> Iterator[str]:
    place = f"“{row.stage}” of {_thing(row.object)}"
    if new is None:
        yield f"Stage {place} no longer requires {_list(row.required_fields)}."
    else:
        yield f"Stage {place} requires {_list(row.required_fields)}."


def _differences(old: Row | None, new: Row) -> Iterator[tuple[str, Any, Any]]:
    for member in new.__struct_fields__:
        then, now = getattr(old, member, None), getattr(new, member)
        if then != now:
            yield member, then, now


def _amount(member: str, value: Any) -> str:
    match member:
        case "expires_after_seconds":
            return duration(value)
        case "approvals_needed":
            return f"{value} {'person' if value == 1 else 'people'}"
        case "min_confidence":
            return f"{value:.0%}"
        case "min_evidence":
            return f"{value or 'no'} {'entry' if value == 1 else 'entries'} of evidence"
        case _:
            return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | frozenset | set):
        return _list(value)
    return str(value).replace("_", " ") if value not in (None, "") else "nothing"


def _list(names: Any) -> str:
    words = sorted(str(name) for name in names)
    if not words:
        return "nobody"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def _thing(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: str) -> str:
    return _upper(text.replace("`", ""))
