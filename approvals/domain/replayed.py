"""Two decisions compared, and facts changed one at a time: the pure part of replay and lab (RPL-02)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_MAX_DEPTH = 32


class FactError(ValueError):
    """There is no such fact, or the value is none of its kind. The message never repeats the value."""

    code = "fact_invalid"


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of a decision that came out otherwise. None where one of the two has no such part."""

    part: str
    recorded: str | None
    again: str | None


def list_differences(recorded: Mapping[str, Any], again: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Part by part, in the order of the recorded decision; the policy version apart, which says which was asked."""
    before, after = _parts(recorded), _parts(again)
    names = [*before, *(name for name in after if name not in before)]
    return tuple(
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def list_facts(facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Every fact that can be changed by itself: its place as `request/confidence`, and its value as JSON."""
    return tuple((place, msgspec.json.encode(value).decode()) for place, value in _leaves(facts, ""))


def change_fact(facts: Mapping[str, Any], place: str, text: str) -> dict[str, Any]:
    """The facts with another value at one place; `text` is JSON, or a plain text. Raises FactError."""
    known = dict(_leaves(facts, ""))
    if place not in known:
        raise FactError("there is no such fact")
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(facts))
    node: Any = copy
    *way, last = (part.replace("~1", "/").replace("~0", "~") for part in place.split("/"))
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[int(last) if isinstance(node, list) else last] = _read(text)
    return copy


def _read(text: str) -> Any:
    try:
        value = msgspec.json.decode(text.encode())
    except RecursionError:
        raise FactError("the value is nested too deep") from None
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text
    _ensure_shallow(value)
    return value


def _ensure_shallow(value: Any) -> None:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise FactError("the value is nested too deep")


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, Mapping):
        return node.values()
    return node if isinstance(node, list) else ()


def _leaves(node: Any, place: str) -> list[tuple[str, Any]]:
    """Lists and objects that hold nothing are leaves too: they can be given something."""
    if isinstance(node, Mapping) and node:
        children = [(str(key), value) for key, value in node.items()]
    elif isinstance(node, list) and node:
        children = [(str(at), value) for at, value in enumerate(node)]
    else:
        return [(place, node)]
    prefix = f"{place}/" if place else ""
    spelled = ((key.replace("~", "~0").replace("/", "~1"), value) for key, value in children)
    return [leaf for key, value in spelled for leaf in _leaves(value, prefix + key)]


def _parts(decision: Mapping[str, Any]) -> dict[str, str]:
    """Each part of a decision in words that compare."""
    parts = {"outcome": str(decision.get("outcome", "")), "risk tier": str(decision.get("risk_tier", ""))}
    for check in decision.get("checks") or ():
        name = f"check {check['check']}" + (f" on {check['field']}" if check.get("field") else "")
        while name in parts:
            name += " (again)"
        parts[name] = f"{check['outcome']}: {check['code'] or 'passed'} – {check['message']}"
    for change in decision.get("patch") or ():
        parts[f"change of {change['field']}"] = msgspec.json.encode([change["before"], change["after"]]).decode()
    for redirect in decision.get("redirects") or ():
        parts[f"redirect of {redirect['field']}"] = str(redirect["suggestion_field"])
    requirement = decision.get("requirement")
    if requirement:
        parts["who must agree"] = _who_must_agree(requirement)
    for name in ("expires_after_seconds", "hold_seconds", "retry_after_seconds"):
        if decision.get(name) is not None:
            parts[name.replace("_", " ")] = str(decision[name])
    return parts


def _who_must_agree(requirement: Mapping[str, Any]) -> str:
    """A `Requirement` in words: `2 people, with one of revops and one of legal or security`."""
    count = requirement.get("count", 1)
    choices = [[group] for group in requirement.get("groups") or ()] + list(requirement.get("alternatives") or ())
    people = "1 person" if count == 1 else f"{count} people"
    return people + (", with " if choices else "") + " and ".join(f"one of {' or '.join(choice)}" for choice in choices)
