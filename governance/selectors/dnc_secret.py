"""The secret that do-not-contact keys are hashed with, and whether the list was made with it (ADR 0015).

Another secret would find nothing, and "nothing found" must never be the answer of a broken list.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from uuid import UUID

from django.conf import settings

from audit.adapters.files import create_once
from governance.domain.dnc_key import KEY_VERSION
from governance.models import DncStore

_SIZE = 32
_confirmed: set[str] = set()  # fingerprints that this process found pinned: they never change while it lives


class DncUnavailableError(RuntimeError):
    """The list cannot be asked: no answer, and so no send."""

    code = "dnc_unavailable"


@dataclass(frozen=True, slots=True)
class DncKeys:
    """Makes digests. `region` is where phone numbers without a country code belong."""

    secret: bytes
    region: str

    def digest(self, workspace_id: UUID, key: str) -> bytes:
        """16 bytes: the keyed hash of a matching key in its workspace."""
        return blake2b(workspace_id.bytes + key.encode(), key=self.secret, digest_size=16).digest()

    @property
    def fingerprint(self) -> str:
        return blake2b(f"{self.region}:{KEY_VERSION}".encode(), key=self.secret, digest_size=16).hexdigest()


def get_dnc_keys() -> DncKeys:
    """The installation's secret and region, compared with what the list was made with. Raises DncUnavailableError."""
    keys = _load()
    if keys.fingerprint not in _confirmed:
        pinned = DncStore.objects.values_list("fingerprint", flat=True).first()
        if pinned is not None and pinned != keys.fingerprint:
            raise DncUnavailableError("the do-not-contact list was made with another DNC_KEY or PHONE_REGION")
        if pinned is not None:
            _confirmed.add(keys.fingerprint)
    return keys


def is_pinned(keys: DncKeys) -> bool:
    """Whether this process has seen that something was made with these keys; no query."""
    return keys.fingerprint in _confirmed


def forget_dnc_keys() -> None:
    """Read and compare anew: for tests and after a restore."""
    _confirmed.clear()


def _load() -> DncKeys:
    encoded = str(settings.DNC_KEY or "") or _from_file(Path(settings.DATA_DIR) / "dnc")
    try:
        secret = base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        raise DncUnavailableError("DNC_KEY is not base64") from None
    if len(secret) != _SIZE:
        raise DncUnavailableError(f"DNC_KEY must be base64 of {_SIZE} bytes")
    return DncKeys(secret, str(settings.PHONE_REGION))


def _from_file(folder: Path) -> str:
    path = folder / "key"
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_once(path, base64.b64encode(secrets.token_bytes(_SIZE)) + b"\n").decode("ascii")
