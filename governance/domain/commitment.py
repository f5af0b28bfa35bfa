"""Human commitments: what an agent never writes, whatever grants and levels say (PRM-07).

A field counts as one by its classification, by the revenue field it stands for, or by the name that CRMs give it, so
that a wrong classification alone cannot open it.
"""

from governance.domain.document import FieldRule
from governance.domain.vocabulary import Classification

COMMITMENT_REVENUE_FIELDS = frozenset({"amount", "close date", "forecast category"})
_COMMITMENT_NAMES = frozenset({"amount", "closedate", "forecastcategory", "forecastcategoryname"})

# Blocked by default; people may raise them to approval, never higher.
GUARDED_REVENUE_FIELDS = frozenset({"lifecycle stage", "opportunity stage"})
_GUARDED_NAMES = frozenset({"dealstage", "stage", "stagename", "lifecyclestage"})


def is_human_commitment(rule: FieldRule) -> bool:
    """Whether this field states what a person promised."""
    return (
        rule.classification == Classification.HUMAN_COMMITMENT
        or _revenue_name(rule) in COMMITMENT_REVENUE_FIELDS
        or _crm_name(rule) in _COMMITMENT_NAMES
    )


def is_guarded(rule: FieldRule) -> bool:
    """Whether an agent's write of this field takes a person at least: stage and lifecycle."""
    return _revenue_name(rule) in GUARDED_REVENUE_FIELDS or _crm_name(rule) in _GUARDED_NAMES


def _revenue_name(rule: FieldRule) -> str:
    return " ".join(rule.revenue_field.casefold().split())


def _crm_name(rule: FieldRule) -> str:
    name = rule.field.casefold().removeprefix("hs_").removeprefix("manual_").removesuffix("__c")
    return name.replace("_", "")
