"""The e-mail backend without a mail server: a maildir under DATA_DIR/mail/notifications, each message once."""

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from audit.domain.identifier import new_id

_OWNER_ONLY = 0o700


class FolderBackend(BaseEmailBackend):
    """Django's hook (EMAIL_BACKEND). A message with `Idempotency-Key` is delivered once, however often it comes."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write each message whole, then give it its name. Raises OSError."""
        for message in email_messages:
            key = str(message.extra_headers.get("Idempotency-Key", "")) or str(new_id())
            _deliver(key.replace("/", "-"), message.message().as_bytes())
        return len(email_messages)


def _deliver(name: str, content: bytes) -> None:
    new = mail_folder("new") / name
    if new.exists():
        return
    staged = mail_folder("tmp") / f"{name}.{new_id()}"
    with staged.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    staged.replace(new)


def mail_folder(part: str) -> Path:
    """A part of the maildir, made on first use."""
    folder: Path = settings.DATA_DIR / "mail" / "notifications" / part
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    return folder
