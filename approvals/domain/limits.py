"""Limits of what may wait at once."""

MAX_BATCH_ITEMS = 500

MAX_WAITING_PER_AGENT = 1_000
"""Requests of one agent that wait for a decision or a person; more are refused (`pending_limit`, against flooding)."""
