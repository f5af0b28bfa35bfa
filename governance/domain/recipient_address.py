"""Whether one address can be understood: the same answer at the door and for what the CRM holds (attack cases 42-51).

Strict on purpose: whatever could mean two things, or be read by a person as something else than it is, is refused.
A complaint never repeats the address.
"""

import re
from functools import lru_cache

import idna
import phonenumbers

_LOCAL = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ud800-\udfff]"
)
_PHONE = re.compile(r"\+[1-9][0-9 ().\-/]{5,30}")
_EXTENSION = re.compile(r" ?(?:x|ext\.?) ?[0-9]{1,6}$", re.IGNORECASE)
_LONGEST = 254


@lru_cache(maxsize=4096)
def address_problem(kind: str, address: str) -> str:
    """What is wrong with an address of this kind (`email` or `phone`), as half a sentence; empty when nothing is."""
    if _UNSEEN.search(address):
        return "holds characters that cannot be seen"
    return _email_problem(address) if kind == "email" else _phone_problem(address)


def has_unseen(text: str) -> bool:
    """Whether a text holds control, zero-width, bidirectional or unpaired characters."""
    return _UNSEEN.search(text) is not None


def ascii_domain(domain: str) -> str:
    """The domain in lower case and as it stands in the DNS. Raises ValueError for what is no domain name."""
    if domain.isascii():
        return domain.lower()
    return idna.encode(domain, uts46=True, std3_rules=True).decode().lower()  # idna.IDNAError is a ValueError


def _email_problem(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at or "@" in local:
        return "is not one e-mail address"
    if len(address) > _LONGEST or len(local) > 64:
        return "is too long for an e-mail address"
    if not _LOCAL.fullmatch(local):
        return "is not a plain e-mail address"
    try:
        labels = ascii_domain(domain).split(".")
    except ValueError:
        return "has no valid domain"
    is_domain = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return "" if is_domain and not labels[-1].isdigit() else "has no valid domain"


def _phone_problem(address: str) -> str:
    number = _EXTENSION.sub("", address)
    if not _PHONE.fullmatch(number):
        return "is not a phone number with its country code"
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "is not a phone number"
    return "" if phonenumbers.is_possible_number(parsed) else "is not a phone number that can be dialled"
