"""What a touched person or company is known by: a digest of the address, and one of its domain."""

import hashlib
import unicodedata

from governance.domain.rule_values import domain_of


def person_key(address: str) -> str:
    """Of an e-mail address or a phone number, however its letters and blanks are written."""
    folded = "".join(unicodedata.normalize("NFKC", address).casefold().split())
    return hashlib.sha256(f"person:{folded}".encode()).hexdigest()


def domain_key(address: str) -> str:
    """Of the address's domain, empty when it has none."""
    domain = domain_of(address) if "@" in address else ""
    return hashlib.sha256(f"domain:{domain}".encode()).hexdigest() if domain else ""


def habit_key(*words: str) -> str:
    """Of a thing that an agent does, like a field of an object."""
    return hashlib.sha256("\x1f".join(("habit", *words)).encode()).hexdigest()
