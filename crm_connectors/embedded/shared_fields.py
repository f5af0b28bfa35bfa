"""Fields that many objects of the embedded CRM share."""

from crm_connectors.embedded import picklists
from crm_connectors.embedded.definition import field
from governance.domain.vocabulary import FieldType

OWNER = field("owner", "Owner", FieldType.REFERENCE, options=picklists.OWNER, section="Sales")
ASSOCIATION = (
    field("associated_object", "Belongs to", is_read_only=True, max_length=60),
    field("associated_id", "Belongs to, id", is_read_only=True, max_length=20),
)
