"""Duplicates: other Leads and Contacts with an e-mail that is about to be created, written to or enrolled (CNT-05)."""

from collections.abc import Sequence
from datetime import datetime

from approvals.domain.asked import Asked
from approvals.domain.recipients import needs_addresses
from crm_connectors.selectors.duplicates import list_people_with_emails
from governance.domain.case import open_case
from governance.domain.facts import Facts


def asks_duplicates(asked: Asked) -> bool:
    return asked.index.rules.asks(open_case(asked.index, asked.facts), "duplicate")


def ask_duplicates(items: Sequence[Asked], now: datetime) -> list[tuple[str, ...] | None]:  # noqa: ARG001 - as every source
    """Others as `object:id`, by connection; None where the CRM's people cannot be looked through from here."""
    found: list[tuple[str, ...] | None] = [None] * len(items)
    places: dict[tuple[object, str], list[int]] = {}
    for position, item in enumerate(items):
        places.setdefault((item.workspace_id, item.facts.connection.name), []).append(position)
    for (workspace_id, connection), positions in places.items():
        wanted = {email for position in positions for email in _emails(items[position].facts)}
        people = list_people_with_emails(workspace_id=workspace_id, connection=connection, emails=wanted)
        for position in positions if people is not None else ():
            facts = items[position].facts
            emails = _emails(facts)
            found[position] = tuple(
                sorted(person for person, email in people or () if email in emails and person not in _selves(facts))
            )
    return found


def _selves(facts: Facts) -> set[str]:
    """The records that the request itself is about."""
    request = facts.request
    return {f"{request.target_object}:{request.target_id}", f"{request.object}:{request.record_id}"}


def _emails(facts: Facts) -> set[str]:
    """Every e-mail that the request would create or use, in small letters."""
    given = [value for name, value in facts.request.changes.items() if "email" in name and isinstance(value, str)]
    if needs_addresses(facts) or facts.recipients:
        given += [recipient.address for recipient in facts.recipients or () if recipient.kind == "email"]
    return {email.strip().lower() for email in given if "@" in email}
