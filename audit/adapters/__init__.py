"""The foreign world of the ledger: files beside the database, and the SQLite backend that guards the triggers."""
