"""The embedded CRM's own screens, and the endpoints of connections.

A person's edit here goes through `crm_connectors.services.embedded_edit`, as a rep's edit in any CRM would: it is what
agents' patches are checked against for drift.
"""

from crm_connectors.admin import endpoint_admin, outward_admin, record_admin, schema_admin, sequence_admin

__all__ = ["endpoint_admin", "outward_admin", "record_admin", "schema_admin", "sequence_admin"]
