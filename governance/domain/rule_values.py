"""How rules compare: every value is a few texts, folded when compared; numbers, dates and domains are read strictly."""

import math
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime

from governance.domain.facts import JsonValue

Texts = tuple[str, ...]
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_AFTER_HOST = re.compile(r"[/?#:\s\\]")


class UnreadableError(ValueError):
    """A condition needs a fact that is not there, or a number that is none: the rule cannot be judged, so it denies."""


def texts_of(value: JsonValue) -> Texts:
    """A CRM value as texts: none for nothing, several for a list, `7` for 7.0."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(text for item in value for text in texts_of(item))
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return (text,) if text else ()


def is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and math.isfinite(float(text))


def number_of(text: str) -> float:
    """Raises UnreadableError for what is no finite number."""
    if not is_number(text):
        raise UnreadableError
    return float(text)


def days_ago(text: str, now: datetime) -> float:
    """How many days a date or moment lies back. Raises UnreadableError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableError from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (now - moment).total_seconds() / 86_400


def domain_of(text: str) -> str:
    """The domain of an address, URL or domain as a resolver would read it; empty when there is none.

    Full-width letters are the letters they stand for; look-alikes of another script are not: `аcme.com` with a Cyrillic
    letter is another domain, and no list that names `acme.com` holds it.
    """
    rest = unicodedata.normalize("NFKC", text).casefold().strip()
    _, scheme, after = rest.partition("://")
    authority = _AFTER_HOST.split((after if scheme else rest).rpartition("@")[2], maxsplit=1)[0]
    if scheme:
        authority = re.split(r"[/?#\\]", after, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    host = authority.rstrip(".")
    return host.removeprefix("www.") if "." in host else ""


def is_below(domain: str, domains: Collection[str]) -> bool:
    """Whether the domain or one above it is listed: `mail.acme.com` lies below `acme.com`."""
    while domain:
        if domain in domains:
            return True
        _, _, domain = domain.partition(".")
    return False
