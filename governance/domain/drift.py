"""Drift: where the record no longer holds what someone believed (APR-04: status `conflict`)."""

from collections.abc import Mapping

import msgspec

from governance.domain.facts import JsonValue, RecordFacts


class Drift(msgspec.Struct, frozen=True):
    """One field that holds something else. `is_known` is false when the field was not read."""

    field: str
    expected: JsonValue
    actual: JsonValue
    is_known: bool = True


def is_empty(value: JsonValue) -> bool:
    """CRMs make no difference between no value and an empty text."""
    return value is None or value == ""


def is_same(left: JsonValue, right: JsonValue) -> bool:
    """Whether two stored values are equal without coercion: 2 equals 2.0, `true` never equals 1, `"7"` never 7."""
    if left is None or left == "":
        return right is None or bool(right == "")
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def find_drift(expected: Mapping[str, JsonValue], record: RecordFacts) -> tuple[Drift, ...]:
    """Every field, by name, whose value is not the expected one; a field that was not read counts as drifted."""
    drifts = []
    for field in sorted(expected):
        if field not in record.values:
            drifts.append(Drift(field, expected[field], None, is_known=False))
        elif not is_same(expected[field], record.values[field]):
            drifts.append(Drift(field, expected[field], record.values[field]))
    return tuple(drifts)
