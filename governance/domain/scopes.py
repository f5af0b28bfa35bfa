"""OAuth scopes: closed lists, one for agents and one for integrations, with nothing in common (IDN-02, DNC-06)."""

PROPOSE = "requests:write"
FOLLOW = "requests:read"
READ_RECORDS = "records:read"
ASK_DNC = "dnc:check"
ADD_DNC = "dnc:write"
REPORT_DELIVERY = "delivery:write"
REPORT_BAD_ACTION = "reports:write"
READ_LEDGER = "ledger:read"

AGENT_SCOPES: dict[str, str] = {
    PROPOSE: "propose actions, and cancel one's own",
    FOLLOW: "read one's own requests and their traces",
    READ_RECORDS: "read granted fields of records",
    ASK_DNC: "ask whether someone is on the do-not-contact list",
}
INTEGRATION_SCOPES: dict[str, str] = {
    ADD_DNC: "put someone on the do-not-contact list; never granted to agents",
    REPORT_BAD_ACTION: "report that an agent's action was bad; never granted to agents",
    REPORT_DELIVERY: "report that a message bounced or drew a complaint; never granted to agents",
    READ_LEDGER: "search the ledger of its workspace; never granted to agents",
}
MEANINGS = {**AGENT_SCOPES, **INTEGRATION_SCOPES}


def are_integration_scopes(scopes: object) -> bool:
    """Whether this is a list of scopes that an integration may hold, at least one and none twice."""
    if not isinstance(scopes, list) or not scopes or len(set(map(str, scopes))) != len(scopes):
        return False
    return all(scope in INTEGRATION_SCOPES for scope in scopes)
