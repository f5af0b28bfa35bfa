"""The key by which do-not-contact entries match: one for every way to write the same address (DNC-03).

An entry has one key; an address is asked about under several (itself and every domain above it). What cannot be read
raises: it is never "not listed". The reasons are in docs/adr/0015-do-not-contact-keys.md.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from publicsuffixlist import PublicSuffixList

from governance.domain.record_id import id_spellings, long_id
from governance.domain.text_fold import folded, has_control


class DncKind(StrEnum):
    EMAIL = "email"
    DOMAIN = "domain"
    PHONE = "phone"
    PERSON = "person"
    COMPANY = "company"


class InvalidRecipientError(ValueError):
    """The text is no address of its kind, or could mean two. The message never repeats it."""

    code = "invalid_recipient"


KEY_VERSION = 1
"""Raised when the same address gets another key than before: then every entry is keyed anew."""

# Domains of one provider that lead to the same mailbox, and the characters that it ignores before the @.
_SAME_MAILBOX = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.kz": "yandex.ru",
}
_IGNORED = {"gmail.com": ".", "proton.me": ".-_"}

_LONGEST_ADDRESS, _LONGEST_LOCAL, _LONGEST_DOMAIN, _LONGEST_LABEL = 254, 64, 253, 63
_LONGEST_TEXT = 1_000
_ATOM_MARKS = frozenset("!#$&'*+-/=?^_`{|}~.")
_LOCAL = re.compile(r"[a-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_EXTENSION = re.compile(r"(?:;ext=|[ ,.-]*(?:extension|ext|x|#)[ .:=]*)[0-9]{1,7}$")
_PHONE = re.compile(r"[+]?[0-9a-z ().\-/]*")
_RECORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}/[A-Za-z][A-Za-z0-9_]{0,59}/[A-Za-z0-9][A-Za-z0-9_:-]{0,119}")


def key_of(kind: str, text: str, *, region: str) -> str:
    """The key of an entry. `region` (ISO 3166, "US") is where a phone number without country code belongs.

    Raises InvalidRecipientError, also for a domain under which strangers register theirs (`co.uk`).
    """
    match kind:
        case DncKind.EMAIL:
            return f"email:{email_key(text)}"
        case DncKind.PHONE:
            return f"phone:{phone_key(text, region=region)}"
        case DncKind.DOMAIN:
            return f"domain:{_own_domain(text)}"
        case DncKind.PERSON | DncKind.COMPANY:
            return _named(kind, text)
    raise InvalidRecipientError("is no kind of entry: email, domain, phone, person or company")


def asked_keys(kind: str, text: str, *, region: str) -> tuple[str, ...]:
    """Every key under which an address may be listed: its own, and for an e-mail or a domain each domain above it.

    Raises InvalidRecipientError.
    """
    if kind == DncKind.EMAIL:
        address = email_key(text)
        return (f"email:{address}", *_domains_above(address.rpartition("@")[2]))
    if kind == DncKind.DOMAIN:
        return _domains_above(domain_key(text))
    key = key_of(kind, text, region=region)
    return name_spellings(key)


def record_key(connection: str, object_type: str, record_id: str) -> str:
    """The key of a CRM record, as a person's or a company's entry names it: `embedded/contacts/101`. A record that its
    CRM lets be named in two ways has one key."""
    return f"record:{connection.lower()}/{object_type.lower()}/{long_id(record_id)}"


def record_spellings(key: str) -> tuple[str, ...]:
    """A record's key and those under which it may have been kept before a record had one key."""
    place, _, record_id = key.rpartition("/")
    return tuple(f"{place}/{spelling}" for spelling in id_spellings(record_id))


def name_spellings(key: str) -> tuple[str, ...]:
    """Every key under which somebody may have been kept: of a record that has two ids both."""
    return record_spellings(key) if key.startswith("record:") else (key,)


def email_key(text: str) -> str:
    """One mailbox, one key: tags after `+` fall away everywhere, dots where the provider ignores them.

    Raises InvalidRecipientError.
    """
    local, at, domain = _plain(text).rpartition("@")
    if not at or "@" in local:
        raise InvalidRecipientError("is not one e-mail address")
    if not (_LOCAL.fullmatch(local) if local.isascii() else _is_local(local)):
        raise InvalidRecipientError("is not a plain e-mail address")
    if len(local) > _LONGEST_LOCAL or len(local) + len(domain) >= _LONGEST_ADDRESS:
        raise InvalidRecipientError("is too long for an e-mail address")
    domain = domain_key(domain)
    domain = _SAME_MAILBOX.get(domain, domain)
    mailbox = local.partition("+")[0]
    for ignored in _IGNORED.get(domain, ""):
        mailbox = mailbox.replace(ignored, "")
    if not mailbox:
        raise InvalidRecipientError("has no mailbox before the tag")
    return f"{mailbox}@{domain}"


def domain_key(text: str) -> str:
    """A domain name in the letters that it shows, look-alikes in ASCII. Raises InvalidRecipientError."""
    name = _plain(text)
    if "xn--" in name:
        name = _shown_domain(name)
    if len(name) > _LONGEST_DOMAIN or not (_DOMAIN.fullmatch(name) if name.isascii() else _is_domain(name)):
        raise InvalidRecipientError("has no valid domain")
    *labels, last = name.split(".")
    if last.isdigit() or any(len(label) > _LONGEST_LABEL for label in (*labels, last)):
        raise InvalidRecipientError("has no valid domain")
    return name


def phone_key(text: str, *, region: str) -> str:
    """E.164. The extension does not count; letters only as a vanity number. Raises InvalidRecipientError."""
    plain = _plain(text).removeprefix("tel:")
    number = _EXTENSION.sub("", plain)
    letters = sum(char.isalpha() for char in number)
    if not _PHONE.fullmatch(number) or 0 < letters < 3 or number.count("/") > 1:
        raise InvalidRecipientError("is not one phone number")
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        raise InvalidRecipientError("is not a phone number") from None
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidRecipientError("is not a phone number that can be dialled")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def ignored_marks(provider: str) -> str:
    """The characters before the @ that a provider (as in a key) ignores."""
    return _IGNORED.get(provider, "")


def is_other_name(domain: str) -> bool:
    """Whether a domain is a second name of a provider whose mailboxes are keyed under its first."""
    return domain in _SAME_MAILBOX


def _plain(text: str) -> str:
    """Folded, without space around it. Raises InvalidRecipientError for what hides something else."""
    if len(text) > _LONGEST_TEXT:
        raise InvalidRecipientError("is too long for an address")
    trimmed = text.replace("\t", " ").strip(" \u00a0\u3000")
    if not trimmed.isprintable() and has_control(trimmed):
        raise InvalidRecipientError("holds control characters")
    return folded(trimmed).strip()


def _is_local(local: str) -> bool:
    """Letters of any script and the marks of RFC 5322's atoms; no dot at an end or beside another (RFC 6531)."""
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    return all(char in _ATOM_MARKS or _is_letter(char) for char in local)


def _is_domain(name: str) -> bool:
    labels = name.split(".")
    if len(labels) < 2:
        return False
    return all(
        label and label[0] != "-" != label[-1] and all(char == "-" or _is_letter(char) for char in label)
        for label in labels
    )


def _is_letter(char: str) -> bool:
    """Letters, digits, and the marks that belong to letters."""
    return char.isalnum() or unicodedata.category(char).startswith("M")


@lru_cache(maxsize=65_536)
def _shown_domain(name: str) -> str:
    """Punycode labels as the letters that they stand for, folded again until nothing is left to read (RFC 3492)."""
    for _ in range(4):
        shown = folded(".".join(_shown_label(label) for label in name.split(".")))
        if shown == name:
            return shown
        name = shown
    raise InvalidRecipientError("has no valid domain")


def _shown_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        shown = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        raise InvalidRecipientError("has no valid domain") from None
    if shown.isascii() or has_control(shown):  # nothing behind it, or a second way to write what ASCII says
        raise InvalidRecipientError("has no valid domain")
    return shown


@lru_cache(maxsize=65_536)
def _domains_above(name: str) -> tuple[str, ...]:
    labels = name.split(".")
    return tuple(f"domain:{'.'.join(labels[at:])}" for at in range(len(labels) - 1))


def _own_domain(text: str) -> str:
    name = domain_key(text.strip().removeprefix("@"))
    if _suffixes().privatesuffix(name) is None:
        raise InvalidRecipientError("is a domain under which strangers register theirs")
    return name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def _named(kind: str, text: str) -> str:
    """A person or a company: a CRM record (`embedded/contacts/101`), or a name that matches through its addresses."""
    trimmed = text.strip()
    if len(trimmed) > 300 or has_control(trimmed):
        raise InvalidRecipientError("is no name and no record")
    if _RECORD.fullmatch(trimmed):
        return record_key(*trimmed.split("/"))
    name = " ".join(folded(trimmed).split())
    if not name:
        raise InvalidRecipientError("is no name and no record")
    return f"{kind}:{name}"
