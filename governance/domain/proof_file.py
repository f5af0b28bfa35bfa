"""Which documents are taken as a proof, told by their content and never by their name."""

MAX_PROOF_BYTES = 10 * 1024 * 1024
_STARTS = ((b"%PDF-", ".pdf"), (b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"))
_FORBIDDEN = frozenset('/\\:*?"<>|')


class ProofFileError(ValueError):
    """The file is not taken. The words say why."""

    code = "proof_refused"


def proof_ending(content: bytes) -> str:
    """`.pdf`, `.png`, `.jpg` or `.txt` (UTF-8: a letter, an e-mail as text). Raises ProofFileError."""
    if not content:
        raise ProofFileError("the proof is an empty file")
    if len(content) > MAX_PROOF_BYTES:
        raise ProofFileError(f"the proof is larger than {MAX_PROOF_BYTES // 2**20} MB")
    for start, ending in _STARTS:
        if content.startswith(start):
            return ending
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\x00"
    if any(char < " " and char not in "\t\r\n\f" for char in text):
        raise ProofFileError("the proof must be a PDF, a PNG or JPEG picture, or plain text")
    return ".txt"


def proof_name(name: str, ending: str) -> str:
    """A name that can stand in any header and on any disk, ending as the content is."""
    kept = "".join(char for char in name if char.isprintable() and char not in _FORBIDDEN).strip(". ")
    stem = kept[: -len(ending)] if kept.lower().endswith(ending) else kept
    return f"{stem[:150] or 'proof'}{ending}"
