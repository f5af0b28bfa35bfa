"""The demo: real agent programs, a person at the browser's own endpoints, a story told from what the ledger holds."""
