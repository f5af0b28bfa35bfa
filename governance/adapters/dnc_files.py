"""Files of the do-not-contact list under DATA_DIR/dnc: proofs under their hash, copies of imports."""

from hashlib import sha256
from pathlib import Path

from django.conf import settings

from audit.adapters.files import create_once


class ProofDamagedError(RuntimeError):
    """The document is missing, or is not the one that was kept."""

    code = "proof_damaged"


def keep_proof(content: bytes) -> str:
    """Write a document once, and anew where what lies there is damaged; returns its sha256 in hex. Raises OSError."""
    digest = sha256(content).hexdigest()
    path = _path(digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and sha256(path.read_bytes()).hexdigest() != digest:
        path.unlink()
    create_once(path, content)
    return digest


def read_proof(digest: str) -> bytes:
    """The document, compared with its hash. Raises ProofDamagedError."""
    try:
        content = _path(digest).read_bytes()
    except OSError:
        raise ProofDamagedError("the document is not where it was kept") from None
    if sha256(content).hexdigest() != digest:
        raise ProofDamagedError("the document is not the one that was kept")
    return content


def _path(digest: str) -> Path:
    return Path(settings.DATA_DIR) / "dnc" / "proofs" / digest
