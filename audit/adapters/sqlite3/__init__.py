"""Django's SQLite backend whose connections refuse to drop or rewire the ledger. Named as `ENGINE` in the settings."""
