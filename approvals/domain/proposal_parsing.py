"""From strict JSON to a typed proposal, with refusals that name the member (attack catalogue: payload)."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import get_args

import msgspec

from approvals.domain.envelope import FIELD_VALUE, Fact, JsonValue, Source
from approvals.domain.proposal import Create, Proposal, Update, to_proposed
from approvals.domain.proposal_outward import Outward
from approvals.domain.proposed import Proposed
from approvals.domain.strict_json import UnacceptableJsonError, parse_json, pointer_to
from governance.domain.freshness_checks import CLOCK_SKEW

MAX_ITEM_BYTES = 256 * 1024
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_BATCH_ITEMS = 500

_PLACE = re.compile(r"^(?P<text>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)|\[(?P<index>\d+|\.\.\.)\]")
_FIELD = re.compile(r"field `(?P<name>.*)`$", re.DOTALL)
_KINDS: dict[str, object] = {str(kind.__struct_config__.tag): kind for kind in get_args(Proposal)}
_YEARS = range(1970, 2101)


class InvalidProposalError(UnacceptableJsonError):
    """The body is JSON, but no proposal. `code` is stable, `pointer` the member's JSON pointer (RFC 6901)."""


class OversizeError(InvalidProposalError):
    """A body or an item of a batch beyond its limit."""


def parse_object(data: bytes) -> dict[str, JsonValue]:
    """The members of a JSON object. Raises MalformedJsonError, UnacceptableJsonError."""
    value = parse_json(data)
    if not isinstance(value, dict):
        raise InvalidProposalError("invalid_type", "the body must be a JSON object")
    return value


def parse_proposal(body: JsonValue, *, now: datetime | None = None, pointer: str = "") -> Proposed:
    """One proposal from what `parse_json` yielded; `pointer` is where it stood. Nothing in it was observed after `now`,
    where it is given. Raises InvalidProposalError."""
    proposal: Proposal = to_struct(body, _kind_of(body), pointer=pointer)
    for code, message, place in _problems(proposal):
        raise InvalidProposalError(code, message, pointer + place)
    if now is not None:
        refuse_future(body, now, pointer=pointer)
    return to_proposed(proposal, body)


def _kind_of(body: JsonValue) -> object:
    """The one schema that the action names: msgspec puts the union of all together anew for each proposal. What names
    none is for the union to refuse."""
    action = body.get("action") if isinstance(body, dict) else None
    return _KINDS.get(action, Proposal) if isinstance(action, str) else Proposal


def parse_batch(body: dict[str, JsonValue], *, now: datetime | None = None) -> tuple[Proposed, ...]:
    """The proposals of `{"items": [...]}`: 1 to 500, no target twice. Raises InvalidProposalError."""
    items = _items(body)
    proposals = []
    seen: set[tuple[str, ...]] = set()
    for index, item in enumerate(items):
        pointer = f"/items/{index}"
        proposal = parse_proposal(item, now=now, pointer=pointer)
        if proposal.target_id is not None:
            key = (proposal.connection, proposal.action, proposal.target_object, proposal.target_id)
            if key in seen:
                raise InvalidProposalError(
                    "duplicate_target", "this record is already in the batch", f"{pointer}/target"
                )
            seen.add(key)
        proposals.append(proposal)
    return tuple(proposals)


def to_struct(value: JsonValue, kind: object, *, pointer: str = "") -> JsonValue:
    """`value` as the msgspec type `kind`, nothing coerced. Raises InvalidProposalError."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _translated(str(error), pointer, _culprit(value)) from None


def _items(body: dict[str, JsonValue]) -> list[JsonValue]:
    for name in body:
        if name != "items":
            raise InvalidProposalError("unknown_field", f"`{name}` is not a member of a batch", pointer_to("", name))
    items = body.get("items")
    if not isinstance(items, list):
        raise InvalidProposalError("invalid_type", "`items` must be an array of proposals", "/items")
    if not items:
        raise InvalidProposalError("empty_batch", "a batch needs at least one item", "/items")
    if len(items) > MAX_BATCH_ITEMS:
        raise InvalidProposalError("batch_too_large", f"a batch holds at most {MAX_BATCH_ITEMS} items", "/items")
    for index, item in enumerate(items):
        if len(msgspec.json.encode(item)) > MAX_ITEM_BYTES:
            raise OversizeError("item_too_large", f"an item holds at most {MAX_ITEM_BYTES} bytes", f"/items/{index}")
    return items


def _problems(proposal: Proposal) -> Iterator[tuple[str, str, str]]:
    """What types cannot say."""
    if isinstance(proposal, Update | Create) and not proposal.changes:
        yield "empty_diff", "`changes` is empty", "/changes"
    if isinstance(proposal, Outward):
        yield from proposal.problems()
    for index, entry in enumerate(proposal.evidence):
        place = f"/evidence/{index}"
        if isinstance(entry, Fact) and entry.source is not None and entry.source >= len(proposal.evidence):
            yield "invalid_value", "`source` names no entry of `evidence`", f"{place}/source"
        if isinstance(entry, Source) and entry.retrieved_at and entry.retrieved_at.year not in _YEARS:
            yield "invalid_value", "`retrieved_at` is out of range", f"{place}/retrieved_at"
        if isinstance(entry, Source) and entry.observed_at and entry.observed_at.year not in _YEARS:
            yield "invalid_value", "`observed_at` is out of range", f"{place}/observed_at"


def refuse_future(body: JsonValue, now: datetime, *, pointer: str = "") -> None:
    """Raises InvalidProposalError for a parsed proposal with a source that was observed after `now` (REG-09)."""
    for index, entry in enumerate(body.get("evidence") or ()):
        observed_at = entry.get("observed_at")
        if observed_at is not None and datetime.fromisoformat(observed_at) > now + CLOCK_SKEW:
            place = f"{pointer}/evidence/{index}/observed_at"
            raise InvalidProposalError("invalid_value", "`observed_at` lies in the future", place)


def _culprit(body: JsonValue) -> str:
    """The name of the first member of `changes` or `expected` that is no field value; msgspec does not tell it."""
    for member in ("changes", "expected"):
        values = body.get(member) if isinstance(body, dict) else None
        for name, value in values.items() if isinstance(values, dict) else ():
            try:
                msgspec.convert(value, FIELD_VALUE)
            except msgspec.ValidationError:
                return str(name)
    return ""


def _translated(message: str, parent: str, culprit: str) -> InvalidProposalError:
    """msgspec's message as our code, text and pointer."""
    found = _PLACE.match(message)
    text, path, is_key = (found["text"], found["path"] or "", bool(found["key"])) if found else (message, "", False)
    pointer = parent
    for step in _STEP.finditer(path):
        name = culprit if step["index"] == "..." else step["name"] or step["index"]
        pointer = pointer_to(pointer, name) if name else pointer
    code = _code(text, pointer, is_key=is_key)
    if code in ("unknown_field", "missing_field") and (member := _FIELD.search(text)):
        pointer = pointer_to(pointer, member["name"])
    return InvalidProposalError(code, text[:1].lower() + text[1:], pointer)


def _code(text: str, pointer: str, *, is_key: bool) -> str:
    if "unknown field" in text:
        return "unknown_field"
    if "missing required field" in text:
        return "missing_field"
    if text.startswith("Invalid value") and pointer.endswith("/action"):
        return "unknown_action"
    if pointer.endswith("/target/id") and "matching regex" in text:
        return "invalid_id"
    if is_key:
        return "invalid_value"
    return "invalid_type" if re.match(r"Expected `[^`]*`, got", text) else "invalid_value"
