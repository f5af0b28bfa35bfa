"""The ledger's name and key: what verifiers pin."""

import base64
import binascii
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from audit.adapters.files import create_once, ledger_dir
from audit.domain.note import is_origin, verifier_key

SEED_SIZE = 32


class SigningKeyError(ValueError):
    """The signing key or the origin cannot be used. The message never holds the key."""

    code = "signing_key_invalid"


def get_origin() -> str:
    """The log's name, setting LEDGER_ORIGIN. Raises SigningKeyError."""
    origin = str(getattr(settings, "LEDGER_ORIGIN", "") or "countersign.local/ledger")
    if not is_origin(origin):
        raise SigningKeyError("LEDGER_ORIGIN must not hold white space or `+`")
    return origin


def get_signing_key() -> Ed25519PrivateKey:
    """The Ed25519 key: setting LEDGER_SIGNING_KEY (base64 of 32 random bytes), else DATA_DIR/ledger/signing.key.

    The file is made on first use with mode 0600. Raises SigningKeyError.
    """
    return read_seed(str(getattr(settings, "LEDGER_SIGNING_KEY", "") or "") or _key_from_file())


def read_seed(encoded: str) -> Ed25519PrivateKey:
    """The key of base64 of 32 bytes. Raises SigningKeyError."""
    try:
        seed = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error as error:
        raise SigningKeyError("LEDGER_SIGNING_KEY is not base64") from error
    if len(seed) != SEED_SIZE:
        raise SigningKeyError(f"LEDGER_SIGNING_KEY must be base64 of {SEED_SIZE} bytes")
    return Ed25519PrivateKey.from_private_bytes(seed)


def key_path() -> Path:
    """Where the key lies unless the setting gives it."""
    return ledger_dir() / "signing.key"


def get_public_key() -> Ed25519PublicKey:
    return get_signing_key().public_key()


def get_verifier_key() -> str:
    """The text that an outside verifier pins: origin, key id and public key."""
    return verifier_key(get_origin(), get_public_key())


def _key_from_file() -> str:
    path = key_path()
    if not path.exists():
        create_once(path, base64.b64encode(secrets.token_bytes(SEED_SIZE)) + b"\n")
    return path.read_text("ascii")
