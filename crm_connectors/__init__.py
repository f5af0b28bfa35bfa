"""The hands: describe, read, send, read back. Imports `governance` and `audit`."""
