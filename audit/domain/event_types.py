"""The closed list of what the ledger can say. Dotted, past tense; a name is never reused for another meaning."""

EVENT_TYPES: frozenset[str] = frozenset(
    {
        "batch.received",
        "ledger.values_erased",
        "policy.published",
        "request.approved",
        "request.cancelled",
        "request.claimed",
        "request.conflicted",
        "request.decided",
        "request.denied",
        "request.executed",
        "request.expired",
        "request.failed",
        "request.outcome_unknown",
        "request.received",
        "request.record_read",
        "request.released",
        "request.returned",
        "request.reverted",
        "request.sent",
        "request.verified",
        "request.voted",
    }
)
