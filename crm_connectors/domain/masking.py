"""Masks for a shadow sandbox: what a copied record holds instead of people's data (SBX-02).

Everything that is text is made here, out of a keyed print of the original: the same value gets the same mask in every
record of a workspace, and nobody without the key can try values against it. Addresses and numbers are of ranges that
reach nobody (RFC 2606 §3 `example.com`; 555-01xx of the North American numbering plan). What is not known to be
harmless is masked or left out.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from crm_connectors.domain.field_value import is_empty
from crm_connectors.domain.record import JsonValue
from governance.domain.vocabulary import Classification, FieldType

MAX_EXACT = 1_000_000
"""Numbers beyond are rounded to two digits: no telephone or identity number hides in a count."""
HARMLESS = frozenset(
    {
        Classification.SYSTEM_GENERATED,
        Classification.DERIVED_SCORE,
        Classification.OPERATIONAL_METADATA,
        Classification.ENRICHMENT,
        Classification.HUMAN_COMMITMENT,
    }
)
_AREAS = ("202", "212", "303", "312", "404", "415", "512", "617", "702", "713")
_EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_PERSONAL_NAMES = re.compile(r"birth|dob|ssn|passport|iban|tax|national|salary|gender|health", re.IGNORECASE)


class Mask(StrEnum):
    """What becomes of a value. `code`: a short token; `blank`: nothing."""

    KEEP = "keep"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    DOMAIN = "domain"
    NAME = "name"
    CODE = "code"
    BLANK = "blank"


class MaskedField(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the source as its registry knows it. `offered`: the values that the sandbox's own field of that name
    offers; `is_reviewed`: a person looked at it since its schema came."""

    name: str
    field_type: FieldType
    classification: Classification
    is_reviewed: bool
    is_sensitive: bool
    offered: frozenset[str] = frozenset()


def choose_mask(field: MaskedField) -> Mask:
    """By what the registry says, and for texts by what the field is called. What nobody reviewed, what is sensitive and
    what is not plainly about business is masked, whatever its type."""
    match field.field_type:
        case FieldType.EMAIL | FieldType.PHONE | FieldType.URL:
            return Mask(field.field_type.value)
        case FieldType.TEXT | FieldType.REFERENCE:
            return Mask.BLANK
        case FieldType.STRING:
            return _mask_by_name(field.name)
        case FieldType.PICKLIST if not field.offered:
            return Mask.CODE
        case _:
            return Mask.KEEP if _is_harmless(field) else Mask.BLANK


def mask_record(key: bytes, fields: Iterable[MaskedField], values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The record as the sandbox may hold it: what is left out is empty, and so is every field not named. `key` is the
    workspace's."""
    masked = {field.name: _mask_value(key, field, values.get(field.name)) for field in fields}
    return {name: value for name, value in masked.items() if not is_empty(value)}


def _is_harmless(field: MaskedField) -> bool:
    is_known = field.is_reviewed and not field.is_sensitive and field.classification in HARMLESS
    return is_known and _PERSONAL_NAMES.search(field.name) is None


def _mask_by_name(name: str) -> Mask:
    words = name.lower()
    for mask, hints in (
        (Mask.EMAIL, ("email", "e_mail", "mailbox")),
        (Mask.PHONE, ("phone", "mobile", "fax", "whatsapp")),
        (Mask.DOMAIN, ("domain",)),
        (Mask.URL, ("website", "url", "link")),
        (Mask.NAME, ("name", "title", "subject", "contact", "person")),
    ):
        if any(hint in words for hint in hints):
            return mask
    return Mask.CODE


def _mask_value(key: bytes, field: MaskedField, value: JsonValue) -> JsonValue:
    if is_empty(value):
        return None
    mask = choose_mask(field)
    if mask is Mask.KEEP:
        return _kept(field, value)
    if mask is Mask.BLANK:
        return None
    text = " ".join(str(value).split()).casefold()
    if mask in (Mask.NAME, Mask.CODE) and _EMAIL.search(text):
        mask = Mask.EMAIL
    return _WRITERS[mask](key, text)


def _kept(field: MaskedField, value: JsonValue) -> JsonValue:
    """A picklist's value only if the sandbox offers it too; a large number by its two first digits."""
    if field.field_type is FieldType.PICKLIST:
        return value if isinstance(value, str) and value in field.offered else None
    if isinstance(value, bool):
        return value if field.field_type is FieldType.BOOLEAN else None
    if isinstance(value, int | float) and field.field_type in (FieldType.INTEGER, FieldType.NUMBER):
        return _rounded(value)
    is_date = field.field_type in (FieldType.DATE, FieldType.DATETIME)
    return value if is_date and isinstance(value, str) and re.fullmatch(r"[0-9TZ:.+-]{10,35}", value) else None


def _rounded(value: float) -> float:
    if abs(value) < MAX_EXACT:
        return value
    rounded = float(f"{value:.1e}")
    return int(rounded) if isinstance(value, int) else rounded


def _token(key: bytes, kind: str, text: str, size: int = 8) -> str:
    return hmac.new(key, f"{kind} {text}".encode(), hashlib.sha256).hexdigest()[:size]


def _email(key: bytes, text: str) -> str:
    """Equal addresses stay equal, and so do their domains."""
    local, _, domain = text.rpartition("@")
    return f"p{_token(key, 'local', local or text)}@{_domain(key, domain)}"


def _domain(key: bytes, text: str) -> str:
    host = re.sub(r"^[a-z+]+://", "", text).split("/")[0].removeprefix("www.")
    return f"d{_token(key, 'domain', host, 6)}.example.com"


def _url(key: bytes, text: str) -> str:
    return f"https://{_domain(key, text)}/"


def _phone(key: bytes, text: str) -> str:
    number = int(_token(key, "phone", re.sub(r"\D", "", text)), 16)
    return f"+1{_AREAS[number % len(_AREAS)]}55501{number // len(_AREAS) % 100:02d}"


def _name(key: bytes, text: str) -> str:
    return f"Masked {_token(key, 'name', text, 6)}"


def _code(key: bytes, text: str) -> str:
    return f"x{_token(key, 'code', text)}"


_WRITERS = {
    Mask.EMAIL: _email,
    Mask.PHONE: _phone,
    Mask.URL: _url,
    Mask.DOMAIN: _domain,
    Mask.NAME: _name,
    Mask.CODE: _code,
}
