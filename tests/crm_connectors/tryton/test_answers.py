"""What an answer of Tryton's means (CON-04): errors come with 200, and quote values that nobody shall read again."""

import json

import pytest

from crm_connectors.adapters.http_client import Answer
from crm_connectors.port import (
    AmbiguousError,
    AuthError,
    ConflictError,
    ConnectorError,
    LimitedError,
    RejectedError,
    TransientError,
)
from crm_connectors.tryton.describing import FieldInfo
from crm_connectors.tryton.rpc import SessionOverError, raise_for
from crm_connectors.tryton.values import from_wire, of_field, to_wire

CANARY = "canary-value"


def answer(status=200, **told):
    return Answer(status, None, json.dumps(told).encode())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (["ConcurrencyException", CANARY], ConflictError),
        (["UserError", [CANARY, "", None]], RejectedError),
        (["UserWarning", ["name", CANARY, ""]], RejectedError),
        (["LoginException", ["code", CANARY, "char"]], AuthError),
        (["RateLimitException", CANARY], LimitedError),
        ([f"'{CANARY}'", "Traceback"], RejectedError),
        (CANARY, RejectedError),
    ],
)
@pytest.mark.parametrize("is_write", [True, False])
def test_an_error_is_typed_and_its_words_are_not_repeated(error, kind, is_write):
    with pytest.raises(kind) as caught:
        raise_for(answer(id=1, error=error), is_write=is_write)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (401, SessionOverError, SessionOverError),
        (403, AuthError, AuthError),
        (404, TransientError, AmbiguousError),
        (429, LimitedError, LimitedError),
        (400, TransientError, AmbiguousError),
        (408, TransientError, AmbiguousError),
        (413, TransientError, AmbiguousError),
        (425, TransientError, AmbiguousError),
        (499, TransientError, AmbiguousError),
        (500, TransientError, AmbiguousError),
        (503, TransientError, AmbiguousError),
        (302, TransientError, AmbiguousError),
    ],
)
def test_a_status_is_typed(status, read, write):
    for kind, is_write in ((read, False), (write, True)):
        with pytest.raises(kind):
            raise_for(answer(status), is_write=is_write)


@pytest.mark.parametrize(("status", "write"), [(400, RejectedError), (408, AmbiguousError), (499, AmbiguousError)])
def test_a_refusal_in_trytons_own_words_is_one_unless_a_proxy_gave_up(status, write):
    with pytest.raises(write):
        raise_for(answer(status, id=1, error=["UserError", ["x", "", None]]), is_write=True)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"id": 1}'])
def test_what_is_no_answer_of_trytons_is_unknown_for_a_write(body):
    with pytest.raises(AmbiguousError):
        raise_for(Answer(200, None, body), is_write=True)
    with pytest.raises(TransientError):
        raise_for(Answer(200, None, body), is_write=False)


def field(wire_type, *options):
    return FieldInfo(
        name="x",
        label="X",
        wire_type=wire_type,
        is_required=False,
        is_read_only=False,
        max_length=None,
        options=options,
    )


@pytest.mark.parametrize(
    ("wire_type", "ours", "wire"),
    [
        ("char", "a", "a"),
        ("integer", 5, 5),
        ("boolean", False, False),
        ("float", 1.5, 1.5),
        ("numeric", 2.5, {"__class__": "Decimal", "decimal": "2.5"}),
        ("date", "2026-11-22", {"__class__": "date", "year": 2026, "month": 11, "day": 22}),
        ("many2one", "7", 7),
        ("selection", "b", "b"),
    ],
)
def test_a_value_goes_there_and_back(wire_type, ours, wire):
    it = field(wire_type)
    assert to_wire(it, ours) == wire
    assert of_field(it, wire) == ours
    assert to_wire(it, None) is None
    assert of_field(it, None) is None


def test_a_moment_is_in_utc():
    wire = to_wire(field("datetime"), "2026-11-22T01:02:03+01:00")
    assert (wire["hour"], wire["minute"]) == (0, 2)
    assert from_wire(wire) == "2026-11-22T00:02:03Z"


@pytest.mark.parametrize(
    ("wire_type", "value"),
    [("char", 5), ("integer", "5"), ("integer", True), ("boolean", 1), ("numeric", "ten"), ("date", "tomorrow"),
     ("datetime", "x"), ("many2one", "many"), ("float", "x")],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_and_not_repeated(wire_type, value):
    with pytest.raises(RejectedError) as caught:
        to_wire(field(wire_type), value)
    assert caught.value.errors
    assert isinstance(caught.value, ConnectorError)
    assert "tomorrow" not in str(caught.value)


def test_a_selection_takes_its_options_alone():
    with pytest.raises(RejectedError):
        to_wire(field("selection", "a", "b"), "c")
