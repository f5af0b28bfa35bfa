"""OAuth scopes that the doors ask for. Policy decides beyond them (`config.oauth` lists what a token can hold)."""

PROPOSE = "requests:write"
FOLLOW = "requests:read"
READ_RECORDS = "records:read"

MEANINGS = {
    PROPOSE: "propose actions, and cancel one's own",
    FOLLOW: "read one's own requests and their traces",
    READ_RECORDS: "read granted fields of records",
}
