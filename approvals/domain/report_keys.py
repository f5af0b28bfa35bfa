"""How tallies of reports are named beyond the plain measures: by reason code, by field, by time to review."""

from uuid import UUID

NO_AGENT = UUID(int=0)
WAITED = "waited"
STOPS_ENGAGED = "stops_engaged"
BREAKERS_OPENED = "breakers_opened"
FIELD = "field:"
CODE = "code:"


def by_code(measure: str) -> str:
    """The tally of a measure for each reason code."""
    return f"{CODE}{measure}"


def is_by_code(name: str) -> bool:
    return name.startswith(CODE)


def is_split(name: str) -> bool:
    """Whether a tally splits a measure by reason code or field: those are summed over the agents."""
    return name.startswith((FIELD, CODE))


def measure_of_code(name: str) -> str:
    return name.removeprefix(CODE)


def field_key(object_type: str, field: str) -> str:
    """`companies.industry`, cut where no real name reaches."""
    return f"{object_type}.{field}"[:200]


def split_field_key(key: str) -> tuple[str, str]:
    """Object and field."""
    object_type, _, field = key.partition(".")
    return object_type, field
