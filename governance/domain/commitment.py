"""Human commitments: what an agent never writes, whatever grants and levels say (PRM-07).

A field counts as one by its classification, by the revenue field it stands for, or by the name that CRMs give it, so
that a wrong classification alone cannot open it.
"""

from governance.domain.document import FieldRule
from governance.domain.vocabulary import Classification, PermissionLevel

COMMITMENT_REVENUE_FIELDS = frozenset({"amount", "close date", "forecast category"})
_COMMITMENT_NAMES = frozenset({"amount", "closedate", "forecastcategory", "forecastcategoryname"})

# Blocked by default; people may raise them to approval, never higher.
GUARDED_REVENUE_FIELDS = frozenset({"lifecycle stage", "opportunity stage"})
_GUARDED_NAMES = frozenset({"dealstage", "stage", "stagename", "lifecyclestage"})

_FREEDOM: dict[str, int] = {PermissionLevel.APPROVAL.value: 1, PermissionLevel.SAFE_WRITE.value: 2}
OPEN_LEVELS = frozenset(_FREEDOM)
"""Permission levels at which agents write a field, with or without a person."""


def is_human_commitment(rule: FieldRule) -> bool:
    """Whether this field states what a person promised."""
    return (
        rule.classification == Classification.HUMAN_COMMITMENT
        or _plain(rule.revenue_field) in COMMITMENT_REVENUE_FIELDS
        or _crm_name(rule.field) in _COMMITMENT_NAMES
    )


def is_guarded(rule: FieldRule) -> bool:
    """Whether an agent's write of this field takes a person at least: stage and lifecycle."""
    return is_guarded_name(rule.field, rule.revenue_field)


def is_guarded_name(field: str, revenue_field: str) -> bool:
    """The same, by the field's name in its CRM and the revenue field that it stands for."""
    return _plain(revenue_field) in GUARDED_REVENUE_FIELDS or _crm_name(field) in _GUARDED_NAMES


def becomes_guarded(field: str, revenue_field: str) -> bool:
    """Whether standing for this revenue field alone makes the field a guarded one; its own name does not."""
    return is_guarded_name("", revenue_field) and not is_guarded_name(field, "")


def is_opened(old: str, new: str) -> bool:
    """Whether going from one permission level to the other lets agents write what they could not, or with less ado."""
    return _FREEDOM.get(new, 0) > _FREEDOM.get(old, 0)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _crm_name(field: str) -> str:
    name = field.casefold().removeprefix("hs_").removeprefix("manual_").removesuffix("__c")
    return name.replace("_", "")
