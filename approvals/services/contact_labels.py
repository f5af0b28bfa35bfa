"""Whom a send reaches, as its event says it for ever: keyed hashes, no address (DNC-07)."""

from typing import Any

import msgspec

from approvals.models import AgentActionRequest
from audit.domain.contact_map import contact_label
from governance.domain.action_class import SENDS
from governance.domain.facts import Facts
from governance.selectors.contact_keys import get_contact_key, reached_names


def reached_data(request: AgentActionRequest) -> dict[str, Any]:
    """What `request.sent` says beside the attempt: the labels of everyone it reaches, with every address known of
    them. Empty for what reaches nobody. Raises DncUnavailableError: then nothing is sent."""
    if request.action not in SENDS:
        return {}
    return {"labels": [label.hex() for label in labels_of(request)]}


def labels_of(request: AgentActionRequest) -> list[bytes]:
    """The labels of everyone whom the request would reach, sorted. Raises DncUnavailableError."""
    if not request.facts:
        return []
    facts = msgspec.convert(request.facts, Facts)
    key = get_contact_key(request.workspace_id)
    names = reached_names(facts.connection.name, facts.recipients or ())
    return sorted(contact_label(key, name) for name in names)
