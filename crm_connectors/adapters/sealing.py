"""Secrets that must be read again, at rest: encrypted under a key made of SECRET_KEY; its fallbacks open them too.

Each `purpose` has a key of its own: what was sealed for one opens for no other (IDN-05).
"""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

WEBHOOK = "webhook secret"
"""The purpose of webhook secrets. A purpose is part of the key: it never changes."""


class SealBrokenError(ValueError):
    """The secret was sealed under another SECRET_KEY, or for another purpose."""

    code = "seal_broken"


def seal(secret: bytes, *, purpose: str) -> str:
    """Encrypted and authenticated under the newest SECRET_KEY, as text."""
    return _boxes(purpose).encrypt(secret).decode("ascii")


def unseal(sealed: str, *, purpose: str) -> bytes:
    """Raises SealBrokenError."""
    try:
        return _boxes(purpose).decrypt(sealed.encode("ascii"))
    except InvalidToken as error:
        raise SealBrokenError("the secret cannot be read with this SECRET_KEY; make a new one") from error


def is_sealed_newly(sealed: str, *, purpose: str) -> bool:
    """Whether the newest SECRET_KEY alone opens it: then the fallbacks are no longer needed for it."""
    try:
        Fernet(_key(settings.SECRET_KEY, purpose)).decrypt(sealed.encode("ascii"))
    except InvalidToken:
        return False
    return True


def fingerprint(secret: bytes, *, purpose: str) -> str:
    """Eight hexadecimal digits by which two secrets are told apart. Keyed: nobody without SECRET_KEY can guess a
    secret against it, and it repeats no character of the secret."""
    return hmac.digest(_key(settings.SECRET_KEY, f"{purpose} fingerprint"), secret, "sha256").hex()[:8]


def derive_key(purpose: str) -> bytes:
    """A key for prints and masks, made of the newest SECRET_KEY: it is in no table and in no file of ours."""
    return _key(settings.SECRET_KEY, purpose)


def _boxes(purpose: str) -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_key(key, purpose)) for key in keys])


def _key(secret: str, purpose: str) -> bytes:
    info = f"countersign {purpose}".encode()
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
