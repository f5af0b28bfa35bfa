"""Which field says what of an agent's write: the members of a mapping, and the types that they take (REG-07)."""

from governance.domain.document import ProvenanceRule
from governance.domain.vocabulary import FieldType

_TEXTS = frozenset({FieldType.STRING, FieldType.TEXT})
MEMBER_TYPES: dict[str, frozenset[FieldType]] = {
    "at_field": frozenset({FieldType.DATETIME}),
    "source_field": _TEXTS | {FieldType.URL},
    "confidence_field": frozenset({FieldType.NUMBER}),
    "reason_field": _TEXTS,
    "agent_field": _TEXTS,
    "request_field": _TEXTS | {FieldType.URL},
}
"""What each may be mapped to."""


def mapped_fields(rule: ProvenanceRule) -> tuple[tuple[str, str], ...]:
    """(member, field) of everything that the rule maps."""
    return tuple((member, name) for member in MEMBER_TYPES if (name := getattr(rule, member)))
