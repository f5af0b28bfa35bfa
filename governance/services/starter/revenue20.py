"""The Revenue 20 (REG-02): the fields that revenue decisions hang on, with their names in each kind of CRM."""

from pathlib import Path

import msgspec


class StarterRevenueField(msgspec.Struct, frozen=True):
    """`names_by_kind`: for HubSpot and Salesforce as their documentation names it, custom fields marked as such."""

    position: int
    name: str
    owner_role: str
    names_by_kind: dict[str, str]


def revenue_fields() -> tuple[StarterRevenueField, ...]:
    """The twenty, in their order."""
    text = Path(__file__).with_name("revenue20.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[StarterRevenueField, ...])
