"""First touch: asked before a message is judged, remembered once one was executed (APR-08)."""

from collections.abc import Sequence
from datetime import datetime

from approvals.domain.asked import Asked
from approvals.domain.touch_keys import domain_key, person_key
from approvals.models import AgentActionRequest, Touched
from governance.domain.action_class import SENDS
from governance.domain.case import open_case
from governance.domain.facts import NewnessFacts


def asks_newness(asked: Asked) -> bool:
    """Whether this touches a person, and a rule wants to know whether it is the first time."""
    if asked.facts.request.action not in SENDS or not asked.facts.recipients:
        return False
    return asked.index.rules.asks(open_case(asked.index, asked.facts), "newness")


def ask_newness(items: Sequence[Asked], now: datetime) -> list[NewnessFacts]:  # noqa: ARG001 - as every source
    """New is who was never reached at any of their addresses. One query for all."""
    wanted = {key for item in items for address in _addresses(item) for key in _keys(address)}
    workspaces = {item.workspace_id for item in items}
    rows = Touched.objects.filter(workspace__in=workspaces, key__in=wanted).values_list("workspace_id", "key")
    known = set(rows)
    return [
        NewnessFacts(
            is_new_person=any(
                not any((item.workspace_id, person_key(address)) in known for address in addresses)
                for addresses in _people(item)
            ),
            is_new_domain=any(
                key and (item.workspace_id, key) not in known for key in map(domain_key, _addresses(item))
            ),
        )
        for item in items
    ]


def remember_touch(request: AgentActionRequest, now: datetime) -> None:
    """Note whom an executed request has reached, in the caller's transaction. Nothing for what reaches nobody."""
    if request.action not in SENDS:
        return
    addresses = [str(recipient["address"]) for recipient in request.facts.get("recipients") or ()]
    keys = sorted({key for address in addresses for key in _keys(address)})
    Touched.objects.bulk_create(
        [Touched(workspace_id=request.workspace_id, key=key, first_at=now) for key in keys], ignore_conflicts=True
    )


def _people(item: Asked) -> list[list[str]]:
    """The addresses of each person: those that one record holds belong together."""
    people: dict[tuple[str, str, str], list[str]] = {}
    for recipient in item.facts.recipients or ():
        alone = "" if recipient.record_id else recipient.address
        people.setdefault((recipient.object, recipient.record_id, alone), []).append(recipient.address)
    return list(people.values())


def _addresses(item: Asked) -> list[str]:
    return [recipient.address for recipient in item.facts.recipients or ()]


def _keys(address: str) -> list[str]:
    return [key for key in (person_key(address), domain_key(address)) if key]
