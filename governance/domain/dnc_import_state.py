"""Where an import of do-not-contact entries stands."""

from enum import StrEnum


class DncImportState(StrEnum):
    """`reading` checks every row and changes nothing, `ready` waits for a word, `applying` adds the good ones."""

    READING = "reading"
    READY = "ready"
    APPLYING = "applying"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
