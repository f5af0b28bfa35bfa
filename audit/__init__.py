"""The memory: append-only ledger, proofs, verification. Knows nobody; every other app may import it."""
