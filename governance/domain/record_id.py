"""A record's id in its one form, so that its spellings are one record to every list, lock, counter and map.

Salesforce names a record by 15 characters in which capitals count, or by 18: the last three say which are capitals.
Source: Salesforce Help, "What are the record ID formats?".
"""

import re

SALESFORCE = "salesforce"

_SHORT = re.compile(r"[0-9A-Za-z]{15}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def one_record_id(kind: str, record_id: str) -> str:
    """The id as a connection of this kind is to be told it. What has one spelling, or is no id, stays as it is."""
    return long_id(record_id) if kind == SALESFORCE else record_id


def long_id(record_id: str) -> str:
    """15 characters as 18; everything else as it is."""
    if not _SHORT.fullmatch(record_id):
        return record_id
    capitals = (sum(1 << at for at in range(5) if record_id[start + at].isupper()) for start in (0, 5, 10))
    return record_id + "".join(_LETTERS[number] for number in capitals)


def id_spellings(record_id: str) -> tuple[str, ...]:
    """Every way to write it, the one form first."""
    long, short = long_id(record_id), record_id[:15]
    return (long, short) if long == long_id(short) != short else (record_id,)
