"""What is said at the door of the ledger's search (AUD-04)."""

from typing import Annotated

from msgspec import Meta

from approvals.domain.envelope import Strict

MAX_EVENTS = 200
_Text = Annotated[str, Meta(max_length=250)]


class LedgerSearch(Strict, frozen=True, kw_only=True):
    """What is given must all hold; empty means any. `person` is an e-mail address or a phone number; it is hashed here
    and kept nowhere. `after` is `next` of the page before."""

    agent: _Text = ""
    record: Annotated[str, Meta(max_length=250, description="`embedded/companies/101`")] = ""
    field: Annotated[str, Meta(max_length=250, description="`companies.industry`")] = ""
    person: Annotated[str, Meta(max_length=1_000)] = ""
    correlation_id: _Text = ""
    type: _Text = ""
    first_day: Annotated[str, Meta(max_length=10, description="A day of UTC, inclusive")] = ""
    last_day: Annotated[str, Meta(max_length=10, description="A day of UTC, inclusive")] = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_EVENTS)] = 50
    after: Annotated[str, Meta(max_length=36)] = ""
