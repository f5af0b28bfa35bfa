"""Labels: what the published policy calls fields, so that a page needs no query per row."""

from collections.abc import Mapping
from typing import Any

from approvals.domain.shown_value import ShownValue, show_value
from approvals.models import AgentActionRequest
from approvals.services.provenance import signed_fields
from governance.domain.document import FieldRule
from governance.domain.facts import JsonValue
from governance.selectors.option_labels import get_option_labels
from governance.selectors.policy import PolicyCorruptError, get_policy_index_by_digest

Fields = Mapping[str, FieldRule]


def fields_of(request: AgentActionRequest, object_type: str) -> Fields:
    """The rules of an object's fields under the policy that decided; none while undecided. Expects `connection`.

    No query once the policy is cached.
    """
    digest = str(request.decision.get("policy_version", "")) if request.decision else ""
    try:
        index = get_policy_index_by_digest(digest) if digest else None
    except PolicyCorruptError:
        return {}  # the page still shows what was asked, under the fields' own names
    entry = index.objects.get((request.connection.name, object_type)) if index else None
    return entry.fields if entry else {}


def label_of(fields: Fields, name: str) -> str:
    """The field's label, or its name when policy does not know it."""
    rule = fields.get(name)
    return rule.label if rule and rule.label else name


def show_option(request: AgentActionRequest, object_type: str, field: str, value: JsonValue) -> ShownValue:
    """A field's value with the label of its option, if it has one. No query once a page has asked for the object's
    labels. Expects `connection`."""
    if not isinstance(value, str) or not value:
        return show_value(value)
    digest = str(request.decision.get("policy_version", "")) if request.decision else ""
    labels = get_option_labels(request.connection_id, object_type, digest)
    return show_value(value, labels.get(field, {}).get(value, ""))


def changed_labels(request: AgentActionRequest, fields: Fields) -> list[str]:
    """Labels of what the request changes: of its patch, or of what was asked while there is none."""
    asked: dict[str, Any] = request.body.get("changes") or {}
    signed = signed_fields(request) if request.patch else frozenset[str]()
    names = [item["field"] for item in request.patch if item["field"] not in signed] or list(asked)
    return [label_of(fields, name) for name in names]
