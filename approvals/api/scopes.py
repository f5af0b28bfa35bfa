"""OAuth scopes that the doors ask for. Policy decides beyond them (`config.oauth` lists what a token can hold)."""

PROPOSE = "requests:write"
FOLLOW = "requests:read"
READ_RECORDS = "records:read"
