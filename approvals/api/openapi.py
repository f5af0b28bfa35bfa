"""The components of the OpenAPI document, made from the structs that read bodies and describe answers."""

from typing import Any

import msgspec

from approvals.api.answers import ANSWERS
from approvals.api.documented import REF, ref
from approvals.api.examples import EXAMPLES
from approvals.domain.bad_action import BadActionNews
from approvals.domain.cancellation import Cancellation
from approvals.domain.delivery_messages import DeliveryNews
from approvals.domain.dnc_messages import DncCheck, NewDnc
from approvals.domain.ledger_messages import LedgerSearch
from approvals.domain.proposal import Proposal
from approvals.domain.proposal_parsing import MAX_BATCH_ITEMS
from approvals.domain.record_query import RecordQuery

_BATCH: dict[str, Any] = {
    "type": "object",
    "title": "Batch",
    "description": "Up to 500 proposals under one manifest; no record twice for the same action.",
    "properties": {"items": {"type": "array", "items": ref("Proposal"), "minItems": 1, "maxItems": MAX_BATCH_ITEMS}},
    "required": ["items"],
    "additionalProperties": False,
}


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A post-processing hook of drf-spectacular: put in what the doors refer to."""
    types = (Proposal, RecordQuery, Cancellation, DncCheck, NewDnc, DeliveryNews, BadActionNews, LedgerSearch, *ANSWERS)
    schemas, components = msgspec.json.schema_components(types, ref_template=REF + "{name}")
    components |= {"Proposal": schemas[0], "Batch": _BATCH}
    for name, examples in EXAMPLES.items():
        components[name]["examples"] = examples
    target = result.setdefault("components", {}).setdefault("schemas", {})
    target.update(sorted(components.items()))
    return result
