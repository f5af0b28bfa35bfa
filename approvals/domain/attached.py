"""Attachments as an agent sends them: five at most, of kinds that can be named, and nothing that pretends (APR-08).

A file is what its type says: its name ends so, and its first bytes begin so. Plain texts are UTF-8, so that rules read
what a person reads; the other kinds are opaque to rules.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from approvals.domain.envelope import JsonValue, Strict
from crm_connectors.domain.record import Attachment
from governance.domain.recipient_address import has_unseen
from governance.domain.rule_view import MAX_TEXT_LENGTH

MAX_ATTACHMENTS = 5
MAX_ENCODED = 262_144
"""No more than fits into a body; the body's own limit counts all files together."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIP = b"PK\x03\x04"
READABLE_TYPES = frozenset({"text/plain", "text/csv"})
_ENDINGS = {
    "application/pdf": (".pdf",),
    "text/plain": (".txt",),
    "text/csv": (".csv",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    f"{_OFFICE}wordprocessingml.document": (".docx",),
    f"{_OFFICE}spreadsheetml.sheet": (".xlsx",),
    f"{_OFFICE}presentationml.presentation": (".pptx",),
}
_BEGINNINGS = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    f"{_OFFICE}wordprocessingml.document": _ZIP,
    f"{_OFFICE}spreadsheetml.sheet": _ZIP,
    f"{_OFFICE}presentationml.presentation": _ZIP,
}
_KINDS = {
    "application/pdf": "PDF",
    "text/plain": "plain text",
    "text/csv": "CSV",
    "image/png": "PNG image",
    "image/jpeg": "JPEG image",
    f"{_OFFICE}wordprocessingml.document": "Word document",
    f"{_OFFICE}spreadsheetml.sheet": "Excel sheet",
    f"{_OFFICE}presentationml.presentation": "PowerPoint slides",
}
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]')
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

ContentType = Literal[
    "application/pdf",
    "text/plain",
    "text/csv",
    "image/png",
    "image/jpeg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
]


class AttachedFile(Strict, frozen=True, kw_only=True):
    """One file that leaves with the message. Its name ends as its type does; `content` is base64 (RFC 4648 §4)."""

    name: Annotated[str, Meta(min_length=1, max_length=120, description="A plain name, without a path")]
    content_type: ContentType
    content: Annotated[str, Meta(min_length=1, max_length=MAX_ENCODED, description="The bytes in base64, padded")]


AttachedFiles = Annotated[
    tuple[AttachedFile, ...], Meta(max_length=MAX_ATTACHMENTS, description="All together fit into the body's limit")
]


def attachment_problems(files: Sequence[AttachedFile], place: str) -> Iterator[tuple[str, str, str]]:
    """Code, message and JSON pointer of what is wrong; a message never repeats a name."""
    seen: set[str] = set()
    for index, file in enumerate(files):
        here = f"{place}/{index}"
        if complaint := _name_complaint(file):
            yield "invalid_attachment", f"the name {complaint}", f"{here}/name"
        known = unicodedata.normalize("NFKC", file.name).casefold()
        if known in seen:
            yield "invalid_attachment", "two files have this name", f"{here}/name"
        seen.add(known)
        if complaint := _content_complaint(file):
            yield "invalid_attachment", f"the content {complaint}", f"{here}/content"


def to_attachments(files: Sequence[AttachedFile]) -> tuple[Attachment, ...]:
    """The files themselves. Expects that `attachment_problems` found none."""
    return tuple(
        Attachment(name=file.name, content_type=file.content_type, content=base64.b64decode(file.content))
        for file in files
    )


def attachments_in(body: JsonValue) -> tuple[Attachment, ...]:
    """The files in the body of an accepted `send_email`. Raises msgspec.ValidationError for any other body's."""
    found = (body.get("message") or {}).get("attachments") or ()
    return to_attachments(msgspec.convert(found, tuple[AttachedFile, ...]))


def readable_text(attachments: Sequence[Attachment]) -> str:
    """What the files say that rules can read, up to one character more than they look through: that much denies."""
    texts = [item.content.decode("utf-8-sig") for item in attachments if item.content_type in READABLE_TYPES]
    return "\n".join(texts)[: MAX_TEXT_LENGTH + 1]


def kind_words(content_type: str) -> str:
    """What kind of file it is, as a person says it."""
    return _KINDS.get(content_type, content_type)


def _name_complaint(file: AttachedFile) -> str:
    name = file.name
    if has_unseen(name):
        return "holds characters that cannot be seen"
    if _NOT_IN_NAMES.search(name):
        return "holds a character that no file name may hold"
    if name != name.strip() or name.startswith(".") or ".." in name:
        return "begins or ends with a blank, or has too many dots"
    endings = _ENDINGS[file.content_type]
    return "" if name.lower().endswith(endings) else f"must end in `{'` or `'.join(endings)}`, as its type does"


def _content_complaint(file: AttachedFile) -> str:
    try:
        content = base64.b64decode(file.content, validate=True)
    except (binascii.Error, ValueError):
        return "is not base64"
    if not content or base64.b64encode(content).decode() != file.content:
        return "is not base64 as it is written in one way only, or is empty"
    if file.content_type not in READABLE_TYPES:
        return "" if content.startswith(_BEGINNINGS[file.content_type]) else "is not of the type that is named"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    return "holds control characters" if _CONTROL.search(text) else ""
