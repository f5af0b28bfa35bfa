"""The embedded CRM's objects and fields as installed: data, named as HubSpot names them where it has a name.

Every one of the Revenue 20 (REG-02) has its field; `*_suggestion` and `agent_suggested_*` are the agent's twins of
fields that people own (REG-06); the `ai_*` fields say what an agent last did to the record and why.
A person may change all of it afterwards in the admin; `install_embedded_schema` only adds what is missing.
"""

from crm_connectors.embedded import picklists
from crm_connectors.embedded.definition import ObjectDefinition, field
from crm_connectors.embedded.outward_schema import OUTWARD_OBJECTS
from crm_connectors.embedded.shared_fields import ASSOCIATION, OWNER
from governance.domain.vocabulary import FieldType

_LIFECYCLE = (
    field("lifecyclestage", "Lifecycle stage", FieldType.PICKLIST, options=picklists.LIFECYCLE_STAGE, section="Sales"),
    field(
        "lifecyclestage_suggestion",
        "Lifecycle stage, suggested",
        FieldType.PICKLIST,
        options=picklists.LIFECYCLE_STAGE,
        help_text="What an agent suggests; a person decides.",
        section="Sales",
    ),
    field("lead_status", "Lead status", FieldType.PICKLIST, options=picklists.LEAD_STATUS, section="Sales"),
    field("lead_source", "Lead source", FieldType.PICKLIST, options=picklists.LEAD_SOURCE, section="Sales"),
)
_ROUTING = (OWNER, field("territory", "Territory", FieldType.PICKLIST, options=picklists.TERRITORY, section="Sales"))
_PROVENANCE = (
    field("ai_last_action_at", "Last agent action", FieldType.DATETIME, section="Agents"),
    field("ai_source", "Agent's source", FieldType.STRING, max_length=500, section="Agents"),
    field("ai_confidence", "Agent's confidence", FieldType.NUMBER, section="Agents"),
    field("ai_change_reason", "Agent's reason", FieldType.TEXT, max_length=2000, section="Agents"),
    field("ai_agent", "Agent", FieldType.STRING, max_length=120, section="Agents"),
    field("ai_request", "Agent's request", FieldType.STRING, max_length=250, section="Agents"),
)
_LAST_ACTIVITY = field("last_activity_date", "Last activity", FieldType.DATE, is_read_only=True, section="Sales")
_FIRMOGRAPHICS = (
    field("industry", "Industry", FieldType.PICKLIST, options=picklists.INDUSTRY),
    field("numberofemployees", "Employees", FieldType.INTEGER),
    field("country", "Country", FieldType.PICKLIST, options=picklists.COUNTRY),
)
_PERSON = (
    field("firstname", "First name", max_length=100),
    field("lastname", "Last name", max_length=100, is_required=True),
    field("email", "Email", FieldType.EMAIL, max_length=254),
    field(
        "additional_emails",
        "Further emails",
        max_length=1000,
        help_text="Parted by `;`. Whoever asked not to be contacted at one of them is not contacted at any.",
    ),
    field("phone", "Phone", FieldType.PHONE, max_length=40),
    field("mobilephone", "Mobile", FieldType.PHONE, max_length=40),
    field("jobtitle", "Job title", max_length=150),
)

COMPANIES = ObjectDefinition(
    name="companies",
    label="Companies",
    title_field="name",
    list_fields=("industry", "country", "numberofemployees", "owner"),
    fields=(
        field("name", "Name", max_length=200, is_required=True),
        field("domain", "Domain", max_length=253),
        field("website", "Website", FieldType.URL, max_length=300),
        *_FIRMOGRAPHICS,
        field("annualrevenue", "Annual revenue (USD)", FieldType.NUMBER),
        field("annual_revenue_band", "Annual revenue band", FieldType.PICKLIST, options=picklists.REVENUE_BAND),
        field("city", "City", max_length=120),
        field("founded_year", "Founded", FieldType.INTEGER),
        field("description", "Description", FieldType.TEXT, max_length=4000),
        *_LIFECYCLE,
        *_ROUTING,
        field("icp_fit_score", "ICP fit score", FieldType.NUMBER, section="Sales"),
        field("intent_score", "Intent score", FieldType.NUMBER, section="Sales"),
        _LAST_ACTIVITY,
        *_PROVENANCE,
    ),
)
CONTACTS = ObjectDefinition(
    name="contacts",
    label="Contacts",
    title_field="email",
    list_fields=("firstname", "lastname", "jobtitle", "owner"),
    fields=(
        *_PERSON,
        field("company", "Company", FieldType.REFERENCE, reference_object="companies"),
        field("country", "Country", FieldType.PICKLIST, options=picklists.COUNTRY),
        *_LIFECYCLE,
        *_ROUTING,
        field("notes", "Notes", FieldType.TEXT, max_length=4000),
        _LAST_ACTIVITY,
        *_PROVENANCE,
    ),
)
LEADS = ObjectDefinition(
    name="leads",
    label="Leads",
    title_field="email",
    list_fields=("firstname", "lastname", "company_name", "lead_status", "owner"),
    fields=(
        *_PERSON,
        field("company_name", "Company name", max_length=200),
        field("website", "Website", FieldType.URL, max_length=300),
        *_FIRMOGRAPHICS,
        *_LIFECYCLE,
        *_ROUTING,
        field("icp_fit_score", "ICP fit score", FieldType.NUMBER, section="Sales"),
        field("intent_score", "Intent score", FieldType.NUMBER, section="Sales"),
        field("message", "Message", FieldType.TEXT, max_length=4000),
        field("notes", "Notes", FieldType.TEXT, max_length=4000),
        _LAST_ACTIVITY,
        *_PROVENANCE,
    ),
)
DEALS = ObjectDefinition(
    name="deals",
    label="Deals",
    title_field="dealname",
    list_fields=("dealstage", "amount", "closedate", "owner"),
    fields=(
        field("dealname", "Name", max_length=200, is_required=True),
        field("company", "Company", FieldType.REFERENCE, reference_object="companies"),
        field("pipeline", "Pipeline", FieldType.PICKLIST, options=picklists.PIPELINE, is_required=True),
        field("dealstage", "Stage", FieldType.PICKLIST, options=picklists.DEAL_STAGE, is_required=True),
        field("amount", "Amount (USD)", FieldType.NUMBER),
        field("closedate", "Close date", FieldType.DATE),
        field("forecast_category", "Forecast category", FieldType.PICKLIST, options=picklists.FORECAST_CATEGORY),
        field("next_step", "Next step", max_length=255),
        field(
            "agent_suggested_next_step",
            "Next step, suggested",
            max_length=255,
            help_text="What an agent suggests; a person decides.",
        ),
        field("next_meeting_date", "Next meeting", FieldType.DATE),
        field("loss_reason", "Loss reason", FieldType.PICKLIST, options=picklists.LOSS_REASON),
        field("primary_competitor", "Primary competitor", max_length=120),
        field("buying_committee_coverage", "Buying committee coverage (%)", FieldType.NUMBER),
        field("lead_source", "Lead source", FieldType.PICKLIST, options=picklists.LEAD_SOURCE, section="Sales"),
        *_ROUTING,
        _LAST_ACTIVITY,
        *_PROVENANCE,
    ),
)
TASKS = ObjectDefinition(
    name="tasks",
    label="Tasks",
    title_field="subject",
    list_fields=("status", "priority", "due_date", "owner"),
    fields=(
        field("subject", "Subject", max_length=200, is_required=True),
        field("body", "Details", FieldType.TEXT, max_length=4000),
        field("task_type", "Kind", FieldType.PICKLIST, options=picklists.TASK_TYPE),
        field("status", "Status", FieldType.PICKLIST, options=picklists.TASK_STATUS),
        field("priority", "Priority", FieldType.PICKLIST, options=picklists.PRIORITY),
        field("due_date", "Due", FieldType.DATE),
        OWNER,
        *ASSOCIATION,
    ),
)
NOTES = ObjectDefinition(
    name="notes",
    label="Notes",
    title_field="body",
    list_fields=("owner", "associated_object", "associated_id"),
    fields=(
        field("body", "Note", FieldType.TEXT, max_length=10_000, is_required=True),
        OWNER,
        *ASSOCIATION,
    ),
)
DRAFTS = ObjectDefinition(
    name="drafts",
    label="Drafts",
    title_field="subject",
    list_fields=("channel", "status", "owner"),
    fields=(
        field("subject", "Subject", max_length=200),
        field("body", "Text", FieldType.TEXT, max_length=20_000, is_required=True),
        field("channel", "Channel", FieldType.PICKLIST, options=picklists.CHANNEL),
        field("status", "Status", FieldType.PICKLIST, options=picklists.DRAFT_STATUS),
        OWNER,
        *ASSOCIATION,
    ),
)
QUEUE_ITEMS = ObjectDefinition(
    name="queue_items",
    label="Queue items",
    title_field="reason",
    list_fields=("queue", "status", "priority"),
    fields=(
        field("queue", "Queue", FieldType.PICKLIST, options=picklists.QUEUE, is_required=True),
        field("reason", "Reason", max_length=500, is_required=True),
        field("priority", "Priority", FieldType.PICKLIST, options=picklists.PRIORITY),
        field("status", "Status", FieldType.PICKLIST, options=picklists.QUEUE_STATUS),
        OWNER,
        *ASSOCIATION,
    ),
)

STARTER_OBJECTS: tuple[ObjectDefinition, ...] = (
    COMPANIES,
    CONTACTS,
    LEADS,
    DEALS,
    TASKS,
    NOTES,
    DRAFTS,
    QUEUE_ITEMS,
    *OUTWARD_OBJECTS,
)
