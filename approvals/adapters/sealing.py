"""Secrets that must be read again, at rest: encrypted under a key made of SECRET_KEY; its fallbacks open them too."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"countersign webhook secret"


class SealBrokenError(ValueError):
    """The secret was sealed under another SECRET_KEY."""

    code = "seal_broken"


def seal(secret: bytes) -> str:
    """Encrypted and authenticated, as text."""
    return _boxes().encrypt(secret).decode("ascii")


def unseal(sealed: str) -> bytes:
    """Raises SealBrokenError."""
    try:
        return _boxes().decrypt(sealed.encode("ascii"))
    except InvalidToken as error:
        raise SealBrokenError("the secret cannot be read with this SECRET_KEY; make a new one") from error


def _boxes() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
