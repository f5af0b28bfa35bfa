"""What an event is about, as texts to find it by: an agent, a record, a field, a person (AUD-04).

The texts are hashed with a key before they are kept: no address of a person stands in the index.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.domain.dnc_key import DncKind, InvalidRecipientError, email_key, key_of
from governance.domain.record_id import id_spellings

_LONGEST_ADDRESS = 254


def agent_text(name: str) -> str:
    return f"agent:{name}"


def record_text(connection: str, object_type: str, record_id: str) -> str:
    """What a record is searched for by."""
    return record_texts(connection, object_type, record_id)[0]


def record_texts(connection: str, object_type: str, record_id: str) -> list[str]:
    """What a record is found by: each of its ids, for a legal hold of long ago may know it by another one."""
    return [f"record:{connection}/{object_type}/{spelling}" for spelling in id_spellings(record_id)]


def field_text(object_type: str, field: str) -> str:
    return f"field:{object_type}.{field}"


def person_text(address: str, *, region: str) -> str:
    """An e-mail address or a phone number, by the one key that all its spellings have on the do-not-contact list.

    `region`: where a phone number without country code belongs. Raises InvalidRecipientError.
    """
    kind = DncKind.EMAIL if "@" in address else DncKind.PHONE
    return f"person:{key_of(kind, address, region=region)}"


def is_person(text: str) -> bool:
    return text.startswith("person:")


def texts_of_data(data: Mapping[str, Any], connection: str) -> Iterator[str]:
    """What the event's own members name. `connection`: the one that it is about, empty when its data says."""
    connection = _text(data.get("connection")) or connection
    object_type = _text(data.get("object"))
    if agent := _text(data.get("agent")):
        yield agent_text(agent)
    if not object_type:
        return
    records = [data.get("record"), *_list(data.get("record_ids"))]
    for record in filter(None, map(_text, records)):
        yield from record_texts(connection, object_type, record)
    yield from (field_text(object_type, field) for field in map(_text, _list(data.get("fields"))) if field)


def texts_of_facts(facts: Mapping[str, Any], *, region: str) -> Iterator[str]:
    """The people whom a request would reach or whose record it writes, by every address that was seen."""
    for recipient in _list(facts.get("recipients")):
        yield from _person(_text(recipient.get("address")), region)
    held = (facts.get("record") or {}).get("values") or {}
    changes = (facts.get("request") or {}).get("changes") or {}
    for value in (*held.values(), *changes.values()):
        if isinstance(value, str) and "@" in value and len(value) <= _LONGEST_ADDRESS and _is_address(value):
            yield from _person(value, region)


def _person(address: str, region: str) -> Iterable[str]:
    try:
        return (person_text(address, region=region),)
    except InvalidRecipientError:
        return ()


def _is_address(text: str) -> bool:
    try:
        email_key(text)
    except InvalidRecipientError:
        return False
    return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
