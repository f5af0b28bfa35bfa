"""What fields stand for by their types and names: addresses of a person, of their company, of a site."""

from collections.abc import Iterable

from governance.domain.document import FieldRule
from governance.domain.vocabulary import FieldType, ReviewState

_ADDRESS_KINDS: dict[str, str] = {FieldType.EMAIL: "email", FieldType.PHONE: "phone"}
COUNTRY_FIELD = "country"
# Where CRMs keep the company of a person, and what they call such records: our own, HubSpot, Salesforce.
COMPANY_OBJECTS: dict[str, str] = {"company": "companies", "associatedcompanyid": "companies", "accountid": "account"}
_MORE_EMAILS = frozenset({"additional_emails", "hs_additional_emails"})  # many in one text, HubSpot parts them by `;`
_SITE_TYPES = frozenset({FieldType.URL, FieldType.EMAIL})
_SITE_NAMES = frozenset({"domain", "website"})


def is_there(rule: FieldRule) -> bool:
    """Whether the CRM still has the field."""
    return rule.review_state != ReviewState.GONE


def list_contacts(rules: Iterable[FieldRule]) -> tuple[tuple[str, str], ...]:
    """Every field that holds an address of a person, as (`email` or `phone`, field), the one in use first of its kind.

    Secondary addresses count as much as the first one: a list that names any of them means the person.
    """
    found = [(_kind_of(rule), rule.field) for rule in rules if is_there(rule)]
    return tuple(sorted(((kind, name) for kind, name in found if kind), key=_first_addresses_first))


def list_companies(rules: Iterable[FieldRule]) -> tuple[str, ...]:
    """The fields that hold the id of a person's company, sorted. `company` counts as a reference alone: some CRMs keep
    a name in it."""
    return tuple(sorted(rule.field for rule in rules if is_there(rule) and _names_company(rule)))


def is_site(name: str, field_type: str) -> bool:
    """Whether the field holds an address by which an account is known."""
    return field_type in _SITE_TYPES or name in _SITE_NAMES


def _kind_of(rule: FieldRule) -> str:
    return "email" if rule.field in _MORE_EMAILS else _ADDRESS_KINDS.get(rule.type, "")


def _names_company(rule: FieldRule) -> bool:
    return rule.field.lower() in COMPANY_OBJECTS and (rule.field != "company" or rule.type == FieldType.REFERENCE)


def _first_addresses_first(field: tuple[str, str]) -> tuple[str, bool, str]:
    kind, name = field
    return kind, name != kind, name
