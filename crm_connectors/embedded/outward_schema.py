"""The embedded providers' objects: mail, sequences, calendar, dialer, exports. Data, like the rest of the schema."""

from crm_connectors.embedded import picklists
from crm_connectors.embedded.definition import ObjectDefinition, field
from crm_connectors.embedded.shared_fields import ASSOCIATION, OWNER
from governance.domain.vocabulary import FieldType

_ADDRESSES = 4_000


OUTWARD_OBJECTS: tuple[ObjectDefinition, ...] = (
    ObjectDefinition(
        name="emails",
        label="Emails",
        title_field="subject",
        list_fields=("to", "sender", "delivery"),
        fields=(
            field("to", "To", max_length=254, is_required=True),
            field("cc", "Copy to", max_length=_ADDRESSES),
            field("bcc", "Blind copy to", max_length=_ADDRESSES),
            field("sender", "From", max_length=254),
            field("subject", "Subject", max_length=400, is_required=True),
            field("body", "Text", FieldType.TEXT, max_length=65_536, is_required=True),
            field("attachments", "Attachments", FieldType.TEXT, max_length=4_000),
            field("message_id", "Message id", is_read_only=True, max_length=200),
            field(
                "delivery",
                "Delivery",
                FieldType.PICKLIST,
                options=picklists.DELIVERY,
                is_read_only=True,
            ),
            *ASSOCIATION,
        ),
    ),
    ObjectDefinition(
        name="sequences",
        label="Sequences",
        title_field="name",
        list_fields=("status", "owner"),
        fields=(
            field("name", "Name", max_length=200, is_required=True),
            field("status", "Status", FieldType.PICKLIST, options=picklists.SEQUENCE_STATUS, is_required=True),
            field(
                "steps",
                "Steps",
                FieldType.TEXT,
                max_length=20_000,
                is_required=True,
                help_text="One step a line: days after enrolment | subject | text",
            ),
            OWNER,
        ),
    ),
    ObjectDefinition(
        name="sequence_enrolments",
        label="Sequence enrolments",
        title_field="email",
        list_fields=("sequence", "status", "steps_done", "next_step_at"),
        fields=(
            field("email", "Person", max_length=254, is_required=True),
            field("sequence", "Sequence", FieldType.REFERENCE, reference_object="sequences", is_required=True),
            field("sender", "From", max_length=254),
            field(
                "status",
                "Status",
                FieldType.PICKLIST,
                options=picklists.ENROLMENT_STATUS,
                is_read_only=True,
            ),
            field("enrolled_at", "Enrolled", FieldType.DATETIME, is_read_only=True),
            field("steps_done", "Steps done", FieldType.INTEGER, is_read_only=True),
            field("next_step_at", "Next step", FieldType.DATETIME, is_read_only=True),
            *ASSOCIATION,
        ),
    ),
    ObjectDefinition(
        name="meetings",
        label="Meetings",
        title_field="title",
        list_fields=("starts_at", "ends_at", "time_zone", "invitee"),
        fields=(
            field("title", "Title", max_length=400, is_required=True),
            field("starts_at", "Starts", FieldType.DATETIME, is_required=True),
            field("ends_at", "Ends", FieldType.DATETIME, is_required=True),
            field("time_zone", "Time zone", max_length=60),
            field("invitee", "With", max_length=254, is_required=True),
            field("attendees", "Further attendees", max_length=_ADDRESSES),
            field("location", "Where", max_length=300),
            field("description", "What about", FieldType.TEXT, max_length=4_000),
            *ASSOCIATION,
        ),
    ),
    ObjectDefinition(
        name="dialer_entries",
        label="Dialer entries",
        title_field="phone",
        list_fields=("queue", "reason", "priority", "call_after"),
        fields=(
            field("phone", "Number", max_length=60, is_required=True),
            field("queue", "Queue", FieldType.PICKLIST, options=picklists.DIALER_QUEUE, is_required=True),
            field("reason", "Reason", max_length=500, is_required=True),
            field("priority", "Priority", FieldType.PICKLIST, options=picklists.PRIORITY),
            field("call_after", "Not before", FieldType.DATETIME),
            *ASSOCIATION,
        ),
    ),
    ObjectDefinition(
        name="exports",
        label="Exports",
        title_field="object",
        list_fields=("purpose", "rows", "fields"),
        fields=(
            field("object", "Records", max_length=60, is_required=True),
            field("fields", "Fields", FieldType.TEXT, max_length=8_000, is_required=True),
            field("filters", "Filters", FieldType.TEXT, max_length=8_000),
            field("row_limit", "At most rows", FieldType.INTEGER, is_required=True),
            field("purpose", "Purpose", max_length=500, is_required=True),
            field("rows", "Rows", FieldType.INTEGER, is_read_only=True),
            field("file", "File", is_read_only=True, max_length=120),
            field("sha256", "SHA-256 of the file", is_read_only=True, max_length=64),
        ),
    ),
)
