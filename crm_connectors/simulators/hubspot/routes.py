"""Every path of the portal, old style and dated. The version sits in another place in each area."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from werkzeug.routing import Map, Rule

from crm_connectors.simulators.hubspot import (
    account_api,
    associations_api,
    batch_api,
    objects_api,
    people_api,
    schema_api,
)
from crm_connectors.simulators.hubspot.portal import Portal
from crm_connectors.simulators.hubspot.wire import Answer, Call

DATED = ("2026-03", "2026-09")
Handler = Callable[[Portal, Call], Answer]

# The path of an area by version: the old one, and the dated ones.
_AREAS: dict[str, dict[str, str]] = {
    "objects": {"v3": "/crm/v3/objects", "dated": "/crm/objects/{}"},
    "properties": {"v3": "/crm/v3/properties", "dated": "/crm/properties/{}"},
    "owners": {"v3": "/crm/v3/owners", "dated": "/crm/owners/{}"},
    "pipelines": {"v3": "/crm/v3/pipelines", "dated": "/crm/pipelines/{}"},
    "object_associations": {"v4": "/crm/v4/objects", "dated": "/crm/objects/{}"},
    "associations": {"v4": "/crm/v4/associations", "dated": "/crm/associations/{}"},
    "preferences_v3": {"v3": "/communication-preferences/v3"},
    "preferences": {"v4": "/communication-preferences/v4", "dated": "/communication-preferences/{}"},
    "sequences": {"v4": "/automation/v4/sequences", "dated": "/automation/sequences/{}"},
    "account": {"v3": "/account-info/v3", "dated": "/account-info/{}"},
    "oauth": {"v1": "/oauth/v1", "v3": "/oauth/v3", "dated": "/oauth/{}"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`scope` may name the object type as `{object}`; empty asks for no token."""

    area: str
    method: str
    path: str
    handler: Handler
    scope: str = ""


_READ, _WRITE = "crm.objects.{object}.read", "crm.objects.{object}.write"
_SCHEMA_READ, _SCHEMA_WRITE = "crm.schemas.{object}.read", "crm.schemas.{object}.write"
_BOTH = "/<type>/<id>/associations/<other>"
_CONSENT_READ, _CONSENT_WRITE = "communication_preferences.read", "communication_preferences.write"
_TABLE = (
    ("objects", "GET", "/<type>", objects_api.list_records, _READ),
    ("objects", "POST", "/<type>", objects_api.create_record, _WRITE),
    ("objects", "GET", "/<type>/<id>", objects_api.read_record, _READ),
    ("objects", "PATCH", "/<type>/<id>", objects_api.update_record, _WRITE),
    ("objects", "DELETE", "/<type>/<id>", objects_api.archive_record, _WRITE),
    ("objects", "POST", "/<type>/search", objects_api.search_records, _READ),
    ("objects", "POST", "/<type>/merge", objects_api.merge_records, _WRITE),
    ("objects", "POST", "/contacts/gdpr-delete", objects_api.erase_contact, "crm.objects.contacts.write"),
    ("objects", "POST", "/<type>/batch/read", batch_api.batch_read, _READ),
    ("objects", "POST", "/<type>/batch/create", batch_api.batch_create, _WRITE),
    ("objects", "POST", "/<type>/batch/update", batch_api.batch_update, _WRITE),
    ("objects", "POST", "/<type>/batch/upsert", batch_api.batch_upsert, _WRITE),
    ("objects", "POST", "/<type>/batch/archive", batch_api.batch_archive, _WRITE),
    ("properties", "GET", "/<type>", schema_api.list_properties, _SCHEMA_READ),
    ("properties", "POST", "/<type>", schema_api.create_property, _SCHEMA_WRITE),
    ("properties", "POST", "/<type>/batch/read", schema_api.read_properties, _SCHEMA_READ),
    ("properties", "POST", "/<type>/batch/create", schema_api.create_properties, _SCHEMA_WRITE),
    ("properties", "GET", "/<type>/<name>", schema_api.read_property, _SCHEMA_READ),
    ("properties", "PATCH", "/<type>/<name>", schema_api.update_property, _SCHEMA_WRITE),
    ("properties", "DELETE", "/<type>/<name>", schema_api.archive_property, _SCHEMA_WRITE),
    ("owners", "GET", "", schema_api.list_owners, "crm.objects.owners.read"),
    ("owners", "GET", "/", schema_api.list_owners, "crm.objects.owners.read"),
    ("owners", "GET", "/<id>", schema_api.read_owner, "crm.objects.owners.read"),
    ("pipelines", "GET", "/<type>", schema_api.list_pipelines, _READ),
    ("pipelines", "GET", "/<type>/<id>", schema_api.read_pipeline, _READ),
    ("pipelines", "GET", "/<type>/<id>/stages", schema_api.list_stages, _READ),
    ("object_associations", "GET", _BOTH, associations_api.list_associations, _READ),
    (
        "object_associations",
        "PUT",
        "/<type>/<id>/associations/default/<other>/<other_id>",
        associations_api.join_default,
        _WRITE,
    ),
    ("object_associations", "PUT", f"{_BOTH}/<other_id>", associations_api.join_labelled, _WRITE),
    ("object_associations", "DELETE", f"{_BOTH}/<other_id>", associations_api.part, _WRITE),
    ("associations", "GET", "/<type>/<other>/labels", associations_api.list_labels, _READ),
    ("associations", "POST", "/<type>/<other>/batch/read", associations_api.batch_read, _READ),
    ("associations", "POST", "/<type>/<other>/batch/create", associations_api.batch_join, _WRITE),
    ("associations", "POST", "/<type>/<other>/batch/associate/default", associations_api.batch_join, _WRITE),
    ("associations", "POST", "/<type>/<other>/batch/archive", associations_api.batch_part, _WRITE),
    ("preferences_v3", "GET", "/definitions", people_api.list_definitions, _CONSENT_READ),
    ("preferences_v3", "GET", "/status/email/<email>", people_api.read_status_v3, _CONSENT_READ),
    ("preferences_v3", "POST", "/subscribe", people_api.subscribe_v3, _CONSENT_WRITE),
    ("preferences_v3", "POST", "/unsubscribe", people_api.unsubscribe_v3, _CONSENT_WRITE),
    ("preferences", "GET", "/definitions", people_api.list_definitions, _CONSENT_READ),
    ("preferences", "GET", "/statuses/<email>", people_api.read_statuses, _CONSENT_READ),
    ("preferences", "POST", "/statuses/<email>", people_api.set_status, _CONSENT_WRITE),
    (
        "preferences",
        "GET",
        "/statuses/<email>/unsubscribe-all",
        people_api.read_opt_out,
        "communication_preferences.read",
    ),
    ("preferences", "POST", "/statuses/<email>/unsubscribe-all", people_api.opt_out, _CONSENT_WRITE),
    ("sequences", "GET", "", people_api.list_sequences, "automation.sequences.read"),
    ("sequences", "POST", "/enrollments", people_api.enrol, "automation.sequences.enrollments.write"),
    ("sequences", "GET", "/enrollments/contact/<id>", people_api.read_enrolment, "automation.sequences.read"),
    ("account", "GET", "/details", account_api.read_details, "account-info.security.read"),
    ("account", "GET", "/api-usage/daily/private-apps", account_api.read_usage, "account-info.security.read"),
    ("oauth", "POST", "/token", account_api.issue_token, ""),
    ("oauth", "POST", "/token/introspect", account_api.introspect_token, ""),
    ("oauth", "POST", "/token/revoke", account_api.revoke_token, ""),
)
ROUTES = tuple(
    Route(area=area, method=method, path=path, handler=handler, scope=scope)
    for area, method, path, handler, scope in _TABLE
)


def make_map() -> Map:
    """All of it for werkzeug. An endpoint is `(version, route)`."""
    return Map(list(_rules()), strict_slashes=False)


def _rules() -> Iterator[Rule]:
    for route in ROUTES:
        for version, base in _versions(route.area):
            yield Rule(f"{base}{route.path}", methods=[route.method], endpoint=(version, route))


def _versions(area: str) -> Iterator[tuple[str, str]]:
    for style, base in _AREAS[area].items():
        if style == "dated":
            yield from ((version, base.format(version)) for version in DATED)
        else:
            yield ("v3", base)
