"""What a process and its DATA_DIR remember of a ledger that a test has emptied."""

import structlog
from django.core.cache import cache

from audit.adapters.files import ledger_dir
from audit.services.barrier import forget_barrier
from governance.selectors.dnc_secret import forget_dnc_keys
from governance.services import credential_use


def forget_anchors() -> None:
    """Worlds that are put back begin with the same leaf, which is what an anchor is named by."""
    for anchor in ledger_dir().glob("anchor-*.jsonl"):
        anchor.unlink()


def forget_memories() -> None:
    """No cache entry, no bound log variable and no memory of a credential's use or of a secret outlives a test."""
    cache.clear()
    credential_use._noted.clear()
    forget_barrier()
    forget_dnc_keys()
    structlog.contextvars.clear_contextvars()
