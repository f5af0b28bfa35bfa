"""The closed list of what the ledger can say. Dotted, past tense; a name is never reused for another meaning."""

EVENT_TYPES: frozenset[str] = frozenset(
    {
        "ledger.values_erased",
        "policy.published",
        "request.received",
    }
)
