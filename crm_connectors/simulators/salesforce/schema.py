"""The simulated org's objects: the standard fields that the Revenue 20 need, and custom ones as an admin adds them.

Field names and types as in the vendor's published standard schema; picklist values are this org's own.
"""

from crm_connectors.embedded import picklists
from crm_connectors.simulators.salesforce.definition import (
    FieldDefinition,
    ObjectDefinition,
    derived,
    number,
    picklist,
    plain,
    reference,
    text,
    whole,
)

KEY_FIELD = "Countersign_Key__c"
INDUSTRIES = tuple(value for value, _ in picklists.INDUSTRY)
LEAD_SOURCES = ("Web", "Event", "Outbound", "Partner", "Referral", "Other")
STAGES: dict[str, tuple[int, str, bool, bool]] = {
    "Prospecting": (10, "Pipeline", False, False),
    "Qualification": (20, "Pipeline", False, False),
    "Needs Analysis": (35, "Pipeline", False, False),
    "Proposal/Price Quote": (65, "Best Case", False, False),
    "Negotiation/Review": (80, "Commit", False, False),
    "Closed Won": (100, "Closed", True, True),
    "Closed Lost": (0, "Omitted", True, False),
}
"""Stage → probability in percent, forecast category's name, closed, won."""
FORECASTS = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Commit": "Forecast",
    "Closed": "Closed",
}
_LIFECYCLE = ("Subscriber", "Lead", "Marketing Qualified", "Sales Qualified", "Opportunity", "Customer", "Other")
_TERRITORIES = tuple(label for _, label in picklists.TERRITORY)
_TERRITORY_LABELS = ((_TERRITORIES[0], f"{_TERRITORIES[0]} (Zaventem)"),)
_LOSS_REASONS = tuple(label for _, label in picklists.LOSS_REASON)
_BANDS = tuple(value for value, _ in picklists.REVENUE_BAND)

_KEY = text(KEY_FIELD, "Countersign key", 255, is_external_id=True, is_unique=True, is_tracked=True)
_SYSTEM = (
    derived(plain("IsDeleted", "Deleted", "boolean")),
    derived(plain("CreatedDate", "Created Date", "datetime")),
    derived(reference("CreatedById", "Created By ID", "User")),
    derived(plain("LastModifiedDate", "Last Modified Date", "datetime")),
    derived(reference("LastModifiedById", "Last Modified By ID", "User")),
    derived(plain("SystemModstamp", "System Modstamp", "datetime")),
)
_ID = derived(text("Id", "Record ID", 18, kind="id"))
_OWNER = reference("OwnerId", "Owner ID", "User", is_tracked=True)
_LAST_ACTIVITY = derived(plain("LastActivityDate", "Last Activity", "date"))
_SALES = (
    picklist("Lifecycle_Stage__c", "Lifecycle Stage", _LIFECYCLE, is_tracked=True),
    picklist("Lifecycle_Stage_Suggestion__c", "Lifecycle Stage, suggested", _LIFECYCLE, is_tracked=True),
    picklist("Territory__c", "Territory", _TERRITORIES, labels=_TERRITORY_LABELS, is_tracked=True),
)
_SCORES = (
    number("ICP_Fit_Score__c", "ICP Fit Score", precision=5, scale=1, is_tracked=True),
    number("Intent_Score__c", "Intent Score", precision=5, scale=1),
)
_PROVENANCE = (
    plain("AI_Last_Action_At__c", "Last agent action", "datetime"),
    text("AI_Source__c", "Agent's source"),
    number("AI_Confidence__c", "Agent's confidence", precision=4, scale=3),
    text("AI_Change_Reason__c", "Agent's reason", 2000, kind="textarea"),
    text("AI_Agent__c", "Agent", 120),
    text("AI_Request__c", "Agent's request", 250),
)
_PERSON = (
    text("FirstName", "First Name", 40, is_tracked=True),
    text("LastName", "Last Name", 80, is_required=True, is_tracked=True),
    derived(text("Name", "Full Name", 121, is_name=True)),
    text("Title", "Title", 128, is_tracked=True),
    text("Email", "Email", 80, kind="email", is_tracked=True),
    text("Phone", "Phone", 40, kind="phone", is_tracked=True),
    text("MobilePhone", "Mobile Phone", 40, kind="phone"),
    plain("HasOptedOutOfEmail", "Email Opt Out", "boolean", default=False),
    plain("DoNotCall", "Do Not Call", "boolean", default=False),
    picklist("LeadSource", "Lead Source", LEAD_SOURCES, is_restricted=False, is_tracked=True),
)
_FIRMOGRAPHICS = (
    picklist("Industry", "Industry", INDUSTRIES, is_tracked=True),
    whole("NumberOfEmployees", "Employees", is_tracked=True),
    number("AnnualRevenue", "Annual Revenue", "currency"),
    picklist("Annual_Revenue_Band__c", "Annual Revenue Band", _BANDS),
    text("Website", "Website", kind="url"),
)


def _object(
    name: str, plural: str, prefix: str, *fields: FieldDefinition, history: str = "", is_writable: bool = True
) -> ObjectDefinition:
    return ObjectDefinition(
        name=name,
        label=name,
        plural=plural,
        prefix=prefix,
        fields=(_ID, *fields, *_SYSTEM),
        history=history,
        history_parent=f"{name}Id" if history else "",
        is_writable=is_writable,
    )


def _history(name: str, parent: str, prefix: str) -> ObjectDefinition:
    fields = (
        derived(reference(f"{parent}Id", f"{parent} ID", parent)),
        derived(text("Field", "Changed Field", 255, kind="picklist")),
        derived(text("DataType", "Datatype", 40, kind="picklist")),
        derived(text("OldValue", "Old Value", kind="anyType")),
        derived(text("NewValue", "New Value", kind="anyType")),
        derived(reference("CreatedById", "Created By ID", "User")),
        derived(plain("CreatedDate", "Created Date", "datetime")),
        derived(plain("IsDeleted", "Deleted", "boolean")),
    )
    return ObjectDefinition(name=name, label=name, plural=name, prefix=prefix, fields=(_ID, *fields), is_writable=False)


_OPPORTUNITY = (
    text("Name", "Name", 120, is_required=True, is_name=True),
    reference("AccountId", "Account ID", "Account"),
    picklist("StageName", "Stage", tuple(STAGES), is_required=True, is_tracked=True),
    number("Amount", "Amount", "currency", is_tracked=True),
    number("Probability", "Probability (%)", "percent", precision=3, scale=0),
    derived(number("ExpectedRevenue", "Expected Amount", "currency")),
    plain("CloseDate", "Close Date", "date", is_required=True, is_tracked=True),
    text("NextStep", "Next Step", is_tracked=True),
    text("Agent_Suggested_Next_Step__c", "Next Step, suggested", is_tracked=True),
    picklist("ForecastCategoryName", "Forecast Category", tuple(FORECASTS), is_tracked=True),
    derived(picklist("ForecastCategory", "Forecast Category Code", tuple(FORECASTS.values()))),
    derived(plain("IsClosed", "Closed", "boolean")),
    derived(plain("IsWon", "Won", "boolean")),
    derived(plain("HasOpportunityLineItem", "Has Line Item", "boolean", default=False)),
    picklist("LeadSource", "Lead Source", LEAD_SOURCES, is_restricted=False),
    picklist("Loss_Reason__c", "Loss Reason", _LOSS_REASONS),
    text("Primary_Competitor__c", "Primary Competitor", 120),
    number("Buying_Committee_Coverage__c", "Buying Committee Coverage", "percent", precision=5, scale=1),
    plain("Next_Meeting_Date__c", "Next Meeting Date", "date"),
    picklist("Territory__c", "Territory", _TERRITORIES),
)
_STATUSES = ("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted")

OBJECTS: dict[str, ObjectDefinition] = {
    item.name: item
    for item in (
        _object(
            "Account",
            "Accounts",
            "001",
            text("Name", "Account Name", 255, is_required=True, is_name=True, is_tracked=True),
            *_FIRMOGRAPHICS,
            text("Phone", "Account Phone", 40, kind="phone"),
            text("Description", "Account Description", 32_000, kind="textarea"),
            text("BillingCity", "Billing City", 40),
            text("BillingCountry", "Billing Country", 80, is_tracked=True),
            picklist("AccountSource", "Account Source", LEAD_SOURCES, is_restricted=False),
            *_SALES,
            *_SCORES,
            _OWNER,
            _LAST_ACTIVITY,
            *_PROVENANCE,
            _KEY,
            history="AccountHistory",
        ),
        _object(
            "Contact",
            "Contacts",
            "003",
            *_PERSON,
            reference("AccountId", "Account ID", "Account"),
            *_SALES,
            _OWNER,
            _LAST_ACTIVITY,
            *_PROVENANCE,
            _KEY,
            history="ContactHistory",
        ),
        _object(
            "Lead",
            "Leads",
            "00Q",
            *_PERSON,
            text("Company", "Company", is_required=True, is_tracked=True),
            picklist("Status", "Status", _STATUSES, is_tracked=True, default="Open - Not Contacted"),
            *_FIRMOGRAPHICS,
            text("Country", "Country", 80),
            text("Description", "Description", 32_000, kind="textarea"),
            *_SALES,
            *_SCORES,
            _OWNER,
            _LAST_ACTIVITY,
            *_PROVENANCE,
            _KEY,
            history="LeadHistory",
        ),
        _object(
            "Opportunity",
            "Opportunities",
            "006",
            *_OPPORTUNITY,
            _OWNER,
            _LAST_ACTIVITY,
            *_PROVENANCE,
            _KEY,
            history="OpportunityFieldHistory",
        ),
        _object(
            "Task",
            "Tasks",
            "00T",
            text("Subject", "Subject", 255, kind="combobox"),
            picklist("Status", "Status", ("Not Started", "In Progress", "Completed"), default="Not Started"),
            picklist("Priority", "Priority", ("High", "Normal", "Low"), default="Normal"),
            plain("ActivityDate", "Due Date Only", "date"),
            reference("WhoId", "Name ID", "Contact", "Lead"),
            reference("WhatId", "Related To ID", "Account", "Opportunity"),
            text("Description", "Description", 32_000, kind="textarea"),
            _OWNER,
            _KEY,
        ),
        _object(  # an object whose admin made no field for keys and switched no tracking on
            "OpportunityLineItem",
            "Opportunity Products",
            "00k",
            reference("OpportunityId", "Opportunity ID", "Opportunity", is_required=True, is_updateable=False),
            number("Quantity", "Quantity", is_required=True),
            number("UnitPrice", "Sales Price", "currency"),
            text("Description", "Line Description"),
        ),
        _object(
            "User",
            "Users",
            "005",
            text("Username", "Username", 80),
            text("Name", "Full Name", 121, is_name=True),
            text("Email", "Email", 128, kind="email"),
            plain("IsActive", "Active", "boolean", default=True),
            is_writable=False,
        ),
        _history("AccountHistory", "Account", "017"),
        _history("ContactHistory", "Contact", "037"),
        _history("LeadHistory", "Lead", "00r"),
        _history("OpportunityFieldHistory", "Opportunity", "01a"),
    )
}
