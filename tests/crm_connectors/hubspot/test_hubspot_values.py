"""Values both ways: what is sent reads back equal, or is refused before it is sent (CON-01)."""

from typing import Any

import pytest

from crm_connectors.hubspot.properties import Property, read_property
from crm_connectors.hubspot.values import UnfitValueError, from_wire, to_wire
from governance.domain.vocabulary import FieldType


def make(kind: FieldType, *, is_set: bool = False) -> Property:
    options = ("CHAMPION", "BLOCKER")
    return Property(
        name="x",
        wire_name="x",
        label="X",
        type=kind,
        is_read_only=False,
        is_unique=False,
        is_set=is_set,
        options=options,
    )


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        (FieldType.INTEGER, 220, "220"),
        (FieldType.INTEGER, 0, "0"),
        (FieldType.NUMBER, 0.1, "0.1"),
        (FieldType.NUMBER, 1e21, "1000000000000000000000"),
        (FieldType.NUMBER, -2.0, "-2"),
        (FieldType.BOOLEAN, True, "true"),
        (FieldType.BOOLEAN, False, "false"),
        (FieldType.DATE, "2031-05-17", "2031-05-17"),
        (FieldType.DATETIME, "2031-05-17T09:30:00Z", "2031-05-17T09:30:00Z"),
        (FieldType.DATETIME, "2031-05-17T09:30:00.250Z", "2031-05-17T09:30:00.250Z"),
        (FieldType.STRING, "Umicore", "Umicore"),
        (FieldType.EMAIL, "mei@umicore.example", "mei@umicore.example"),
        (FieldType.STRING, None, ""),
    ],
)
def test_a_value_comes_back_as_it_went(kind: FieldType, value: Any, wire: str) -> None:
    item = make(kind)

    assert to_wire(item, value) == wire
    assert from_wire(item, wire) == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldType.INTEGER, "220"),
        (FieldType.NUMBER, True),
        (FieldType.NUMBER, float("nan")),
        (FieldType.BOOLEAN, "true"),
        (FieldType.BOOLEAN, 1),
        (FieldType.DATE, "2031-02-30"),
        (FieldType.DATE, "17.05.2031"),
        (FieldType.DATETIME, "2031-05-17"),
        (FieldType.DATETIME, "2031-05-17T09:30:00"),
        (FieldType.DATETIME, "2031-05-17T09:30:00+02:00"),
        (FieldType.DATETIME, "2031-05-17T09:30:00.250000Z"),
        (FieldType.DATETIME, 1747474200000),
        (FieldType.STRING, 7),
        (FieldType.STRING, ["a"]),
        (FieldType.STRING, "x" * 65_537),
        (FieldType.EMAIL, "Mei@umicore.example"),
    ],
)
def test_what_hubspot_would_keep_otherwise_is_refused(kind: FieldType, value: Any) -> None:
    with pytest.raises(UnfitValueError):
        to_wire(make(kind), value)


@pytest.mark.parametrize(
    ("kind", "wire", "value"),
    [
        (FieldType.INTEGER, "220.0", 220),
        (FieldType.NUMBER, "1.5e3", 1500),
        (FieldType.NUMBER, "a lot", "a lot"),
        (FieldType.NUMBER, "inf", "inf"),
        (FieldType.BOOLEAN, "yes", "yes"),
        (FieldType.DATETIME, "2031-05-17T09:30:00.000Z", "2031-05-17T09:30:00Z"),
        (FieldType.DATETIME, "1936949400000", "2031-05-19T09:30:00Z"),
        (FieldType.DATETIME, "soon", "soon"),
        (FieldType.DATE, "1936915200000", "2031-05-19"),
        (FieldType.STRING, "", None),
        (FieldType.STRING, None, None),
    ],
)
def test_what_hubspot_holds_is_told_in_one_spelling_or_as_it_is(kind: FieldType, wire: str | None, value: Any) -> None:
    assert from_wire(make(kind), wire) == value


def test_a_set_of_options_has_one_order_and_is_never_appended_to() -> None:
    item = make(FieldType.STRING, is_set=True)

    assert to_wire(item, "CHAMPION;BLOCKER") == "CHAMPION;BLOCKER"
    assert from_wire(item, "BLOCKER;CHAMPION;GONE") == "CHAMPION;BLOCKER;GONE"
    for value in (";BLOCKER", "BLOCKER;CHAMPION", "BLOCKER;BLOCKER"):
        with pytest.raises(UnfitValueError):
            to_wire(item, value)


@pytest.mark.parametrize(
    ("wire", "kind", "is_read_only"),
    [
        ({"type": "string", "fieldType": "text"}, FieldType.STRING, False),
        ({"type": "string", "fieldType": "html"}, FieldType.TEXT, False),
        ({"type": "string", "fieldType": "phonenumber"}, FieldType.PHONE, False),
        ({"type": "number", "fieldType": "number"}, FieldType.NUMBER, False),
        ({"type": "number", "fieldType": "calculation_rollup", "calculated": True}, FieldType.NUMBER, True),
        ({"type": "bool", "fieldType": "booleancheckbox"}, FieldType.BOOLEAN, False),
        ({"type": "date", "fieldType": "date"}, FieldType.DATE, False),
        ({"type": "datetime", "fieldType": "date"}, FieldType.DATETIME, False),
        ({"type": "enumeration", "fieldType": "select"}, FieldType.PICKLIST, False),
        ({"type": "enumeration", "fieldType": "checkbox"}, FieldType.STRING, False),
        ({"type": "enumeration", "fieldType": "select", "externalOptions": True}, FieldType.REFERENCE, False),
        ({"type": "json", "fieldType": "text"}, FieldType.STRING, True),
        ({"type": "string", "modificationMetadata": {"readOnlyValue": True}}, FieldType.STRING, True),
    ],
)
def test_properties_become_fields(wire: dict[str, Any], kind: FieldType, is_read_only: bool) -> None:
    field = read_property({"name": "x", "label": "X", **wire}).to_field()

    assert (field.type, field.is_read_only) == (kind, is_read_only)
