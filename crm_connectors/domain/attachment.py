"""Attachments: the files of a message, and the listing that stands for them wherever the bytes do not belong (APR-08).

A patch holds the listing alone, a line for each file. It is enough to know a file by: one byte changed is another line,
and so another digest.
"""

import hashlib
from collections.abc import Iterable

import msgspec

from crm_connectors.domain.record import Attachment, JsonValue

_SEPARATOR = " | "
_SIZE_UNIT = " bytes"


class ListedAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing says about one file. `size` in bytes; `sha256` as `sha256:<hex>`."""

    name: str
    content_type: str
    size: int
    sha256: str


def describe(attachment: Attachment) -> ListedAttachment:
    """The file without its bytes."""
    return ListedAttachment(
        name=attachment.name,
        content_type=attachment.content_type,
        size=len(attachment.content),
        sha256=f"sha256:{hashlib.sha256(attachment.content).hexdigest()}",
    )


def list_attachments(attachments: Iterable[Attachment]) -> str:
    """The listing, in the order of the files."""
    return "\n".join(_line(describe(item)) for item in attachments)


def _line(item: ListedAttachment) -> str:
    return _SEPARATOR.join((item.name, item.content_type, f"{item.size}{_SIZE_UNIT}", item.sha256))


def read_listing(text: JsonValue) -> tuple[ListedAttachment, ...]:
    """The files of a listing; empty for none. Raises ValueError for what is no listing.

    Names hold no line break (`approvals.domain.attached`); the last three parts of a line never hold a separator.
    """
    if text in (None, ""):
        return ()
    listed = []
    for line in str(text).split("\n"):
        parts = line.rsplit(_SEPARATOR, 3)
        if len(parts) != 4:
            raise ValueError("this is no listing of attachments")
        name, content_type, size, sha256 = parts
        number = int(size.removesuffix(_SIZE_UNIT))
        listed.append(ListedAttachment(name=name, content_type=content_type, size=number, sha256=sha256))
    return tuple(listed)


def require_as_listed(listing: JsonValue, attachments: Iterable[Attachment]) -> None:
    """What was agreed to, file by file and in order, is what is at hand. Raises ValueError."""
    if (listing or "") != list_attachments(attachments):
        raise ValueError("the files are not those of the listing")
