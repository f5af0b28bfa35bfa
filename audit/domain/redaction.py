"""Keeps secrets out of log lines and the ledger, however deep: by a member's name, a text's shape (SEC-01, AUD-02)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"
MAX_DEPTH = 12
_SCALARS = frozenset((bool, int, float, type(None)))

_SECRET_WORDS = frozenset(
    {
        "apikey",
        "authorization",
        "cookie",
        "cookies",
        "credentials",
        "csrfmiddlewaretoken",
        "csrftoken",
        "passphrase",
        "passwd",
        "password",
        "secret",
        "secrets",
        "sessionid",
        "token",
    }
)
_HARMLESS_KEYS = frozenset({"idempotency", "public", "operation", "sort", "primary", "foreign", "routing"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 " + REDACTED),
    (
        re.compile(
            r"(?i)([\"']?\b(?:access_token|refresh_token|id_token|token|client_secret|secret|password|api_?key)[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s&,;\"'}]+)"
        ),
        r"\1" + REDACTED,
    ),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"), REDACTED),
    # What opens one page without a login: the path is all that it takes.
    (re.compile(r"(?<=/shared/)[\w-]{40,}(?:\.[\w-]*)?"), REDACTED),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
)
_SUSPICIOUS_WORDS = (
    *("bearer", "basic", "token", "secret", "password", "api_key", "apikey", "://", "private key"),
    "/shared/",
)
_SUSPICIOUS = re.compile("|".join(_SUSPICIOUS_WORDS), re.IGNORECASE)

# What every secret's name or shape is written with, once all but letters and digits is taken out of an ASCII text.
_STEMS = (
    "authorization",
    "basic",
    "bearer",
    "cookie",
    "credentials",
    "key",
    "pass",
    "secret",
    "sessionid",
    "shared",
    "token",
)
_ESCAPE = re.compile(r"\\[bfnrtu]")
_SQUEEZE = {code: None for code in range(128) if not chr(code).isalnum()}


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a member of this name holds a secret: `client_secret`, `X-Api-Key`; not `idempotency_key`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not _SECRET_WORDS.isdisjoint(words) or "".join(words) in _SECRET_WORDS:
        return True
    return bool(words) and words[-1] in {"key", "keys"} and (len(words) == 1 or words[-2] not in _HARMLESS_KEYS)


def redact_text(text: str) -> str:
    """`text` with everything that looks like a credential replaced; the rest untouched."""
    if not _is_suspicious(text):
        return text
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def _is_suspicious(text: str) -> bool:
    """What `_SUSPICIOUS` finds; in ASCII text, which most is, by looking for its words, a tenth of a search's work."""
    if not text.isascii():
        return _SUSPICIOUS.search(text) is not None
    lowered = text.lower()
    for word in _SUSPICIOUS_WORDS:  # noqa: SIM110  # a loop takes half the time of a generator, for every text there is
        if word in lowered:
            return True
    return False


def is_clean(text: str) -> bool:
    """Whether a value needs no redaction, told by its JSON `text` at a look: False says nothing, True is certain.

    Every text is taken for unclean that holds more than ASCII, an escape whose letter could part a word (`to\\nken`),
    or could be nested deeper than `MAX_DEPTH`.
    """
    if not text.isascii() or _ESCAPE.search(text) or text.count("{") + text.count("[") > MAX_DEPTH:
        return False
    if "://" in text and "@" in text:
        return False
    squeezed = text.lower().translate(_SQUEEZE)
    for stem in _STEMS:  # noqa: SIM110  # as above
        if stem in squeezed:
            return False
    return True


def redact(value: Any, *, depth: int = 0) -> Any:
    """A copy of `value` fit for a log line. What is nested deeper than `MAX_DEPTH` is left out."""
    if isinstance(value, str):
        return redact_text(value)
    if type(value) in _SCALARS or isinstance(value, int | float):
        return value
    if depth >= MAX_DEPTH:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            str(name): REDACTED if is_secret_name(str(name)) else redact(member, depth=depth + 1)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(member, depth=depth + 1) for member in value]
    return redact_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
