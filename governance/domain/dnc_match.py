"""How an entry matches, in words: for people who add one, or ask why an address is stopped (DNC-03)."""

import msgspec

from governance.domain.dnc_key import (
    DncKind,
    InvalidRecipientError,
    asked_keys,
    domain_key,
    email_key,
    ignored_marks,
    is_other_name,
    key_of,
    phone_key,
)
from governance.domain.text_fold import foldings

_REACH = {
    DncKind.EMAIL: "E-mails, sequences and meetings to this mailbox are stopped, whatever tag or spelling is used.",
    DncKind.PHONE: "Calls to this number are stopped, however it is written and whatever the extension.",
    DncKind.DOMAIN: "Everyone at this domain and at its subdomains is stopped, in every way.",
}
_RECORD = "Every way to reach this CRM record is stopped, whatever address is used."
_NAME = "The name alone stops nothing: what stops is each address that the entry covers."


class DncPreview(msgspec.Struct, frozen=True):
    """`key` is what the text is read as, `undone` the spellings that were seen through, `reach` what it stops."""

    key: str
    undone: tuple[str, ...]
    reach: str


class DncReading(msgspec.Struct, frozen=True):
    """One way to understand what was asked: its kind, and every key under which it may be listed."""

    kind: str
    keys: tuple[str, ...]


def preview_entry(kind: str, text: str, *, region: str) -> DncPreview:
    """How an entry will match. Raises InvalidRecipientError."""
    sort, _, name = key_of(kind, text, region=region).partition(":")
    reach = _RECORD if sort == "record" else _REACH.get(DncKind(kind), _NAME)
    return DncPreview(name, undone_in(kind, text, region=region), reach)


def readings_of(text: str, *, region: str) -> tuple[DncReading, ...]:
    """Every way to understand an address, number, domain, record or name. Raises InvalidRecipientError for none."""
    bare = text.strip()
    if "@" in bare.removeprefix("@"):
        return (DncReading(DncKind.EMAIL, asked_keys(DncKind.EMAIL, bare, region=region)),)
    found = []
    for kind in (DncKind.PHONE, DncKind.DOMAIN, DncKind.PERSON, DncKind.COMPANY):
        try:
            found.append(DncReading(kind, asked_keys(kind, bare.removeprefix("@"), region=region)))
        except InvalidRecipientError:
            continue
    if not found:
        raise InvalidRecipientError("is no address, phone number, domain, record or name")
    return tuple(found)


def undone_in(kind: str, text: str, *, region: str) -> tuple[str, ...]:
    """What is seen through in one spelling, in words. `text` is readable as its kind."""
    found = list(foldings(text.strip()))
    if kind == DncKind.PHONE:
        return ("another way to write the number",) if text.strip() != phone_key(text, region=region) else ()
    if "xn--" in text.lower():
        found.append("punycode")
    if kind == DncKind.EMAIL:
        local, _, domain = text.strip().rpartition("@")
        provider = email_key(text).rpartition("@")[2]
        found += ["a +tag"] if "+" in local else []
        found += ["marks that the provider ignores"] if any(mark in local for mark in ignored_marks(provider)) else []
        found += ["another name of the same provider"] if is_other_name(domain_key(domain)) else []
    return tuple(found)


def match_words(asked_kind: str, asked: str, entry_kind: str, value: str, *, region: str) -> tuple[str, ...]:
    """Why what was asked leads to an entry of this kind and value."""
    if asked.strip() == value.strip():
        return ("written exactly as listed",)
    if entry_kind == DncKind.DOMAIN and asked_kind == DncKind.EMAIL:
        return ("everyone at this domain and below it is listed",)
    if entry_kind == DncKind.DOMAIN and domain_key(asked) != domain_key(value.strip().removeprefix("@")):
        return ("it lies below this domain",)
    both = (*undone_in(asked_kind, asked, region=region), *undone_in(entry_kind, value, region=region))
    return tuple(dict.fromkeys(both)) or ("the same but for spaces",)
