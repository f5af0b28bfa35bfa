"""The parts that every proposal carries, and the limits of each. Unknown members are refused everywhere.

Patterns end in `$(?!\\n)`: Python's `$` alone would let a trailing line feed pass, ECMA's (in OpenAPI) not.
"""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

JsonValue = Any

SCALAR = Annotated[str, Meta(max_length=65_536)] | int | float | bool | None
FIELD_VALUE = SCALAR | Annotated[list[SCALAR], Meta(max_length=200)]

ConnectionName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$(?!\n)", description="Name of a connection of your workspace")
]
ObjectName = Annotated[
    str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,59}$(?!\n)", description="Exact name of the CRM's object")
]
RecordId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]{0,119}$(?!\n)", description="The CRM's own id")]
FieldName = Annotated[str, Meta(min_length=1, max_length=120)]
Changes = Annotated[
    dict[FieldName, FIELD_VALUE],
    Meta(max_length=100, description="New values by the CRM's exact field names; null empties a field"),
]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Line = Annotated[str, Meta(min_length=1, max_length=400)]
Text = Annotated[str, Meta(max_length=4_000)]
Body = Annotated[str, Meta(min_length=1, max_length=65_536)]
Ratio = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s\x00-\x20]+$(?!\n)", max_length=2_048)]
Sha256 = Annotated[
    str, Meta(pattern=r"^sha256:[0-9a-f]{1,64}$(?!\n)", description="sha256 in lower-case hex, whole or shortened")
]
ReasonCode = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$(?!\n)", max_length=80)]
CorrelationId = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$(?!\n)",
        description="Passed on to every downstream call and event (EXE-06)",
    ),
]
RiskFlag = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_.:-]{0,59}$(?!\n)")]


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of everything that is read from an agent."""


def given(payload: Strict) -> dict[str, JsonValue]:
    """The members of a payload that hold something, as plain JSON values."""
    members: dict[str, JsonValue] = to_builtins(payload)
    return {name: value for name, value in members.items() if value is not None}


class RecordTarget(Strict, frozen=True, kw_only=True):
    """One record of the CRM."""

    object: ObjectName
    id: RecordId


class ObjectTarget(Strict, frozen=True, kw_only=True):
    """The object that shall get a new record."""

    object: ObjectName


class Source(Strict, frozen=True, kw_only=True, tag_field="kind", tag="source"):
    """CNT-01: where something was read."""

    url: Url
    excerpt: Text = ""
    retrieved_at: Moment | None = None
    observed_at: Annotated[datetime, Meta(tz=True, description="When what it says was true (REG-09)")] | None = None


class Fact(Strict, frozen=True, kw_only=True, tag_field="kind", tag="fact"):
    """CNT-01: what was concluded; `source` is the index of the entry of `evidence` that it rests on."""

    statement: Annotated[str, Meta(min_length=1, max_length=4_000)]
    confidence: Ratio
    source: Annotated[int, Meta(ge=0, lt=50)] | None = None


class Signal(Strict, frozen=True, kw_only=True, tag_field="kind", tag="signal"):
    """CNT-01: what made the agent act."""

    name: Name
    strength: Ratio


Evidence = Source | Fact | Signal


class ClaimedVersion(Strict, frozen=True, kw_only=True):
    """IDN-03: what the agent says it is made of."""

    model: Name
    prompt_template: Name
    prompt_hash: Sha256
    tools_hash: Sha256


class ToolCall(Strict, frozen=True, kw_only=True):
    """RPL-01: the call by which the model asked for this action."""

    name: Name
    arguments: Annotated[dict[FieldName, JsonValue], Meta(max_length=100)] = {}


class ToolResponse(Strict, frozen=True, kw_only=True):
    """RPL-01: what the model had been told before, by hash."""

    tool: Name
    sha256: Annotated[str, Meta(pattern=r"^(sha256:)?[0-9a-f]{1,64}$(?!\n)")]


class Usage(Strict, frozen=True, kw_only=True):
    """What the proposal cost to make. `spend_micros`: millionths of `currency`."""

    tokens: Count = 0
    spend_micros: Count = 0
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "USD"


class Envelope(Strict, frozen=True, kw_only=True):
    """What every action needs, whatever it does (APR-01). Only `intent` and below is optional."""

    connection: ConnectionName
    reason_code: ReasonCode
    justification: Annotated[str, Meta(min_length=1, max_length=4_000)]
    confidence: Ratio
    agent_version: ClaimedVersion
    correlation_id: CorrelationId
    intent: Text = ""
    plan: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()
    source_workflow: Annotated[str, Meta(max_length=120)] = ""
    risk_flags: Annotated[tuple[RiskFlag, ...], Meta(max_length=20)] = ()
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=50)] = ()
    tool_call: ToolCall | None = None
    tool_responses: Annotated[tuple[ToolResponse, ...], Meta(max_length=50)] = ()
    usage: Usage | None = None
    on_behalf_of: Annotated[str, Meta(max_length=254)] | None = None
