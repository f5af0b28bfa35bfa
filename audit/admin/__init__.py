"""The ledger in the console: read-only screens."""

from audit.admin.ledger import LedgerEventAdmin

__all__ = ["LedgerEventAdmin"]
