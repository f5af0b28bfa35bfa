"""What a new portal has: object types, their properties, two pipelines. Names are HubSpot's; the selection is ours.

One property a line: name, type, kind of field, then `ro` for read-only, `calc` for calculated, `unique`, `owner`, or
its options.
"""

from crm_connectors.simulators.hubspot.definition import Pipeline, PropertyDefinition, Stage

OBJECT_TYPE_IDS = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "tickets": "0-5",
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
    "leads": "0-136",
}
_LIFECYCLE = "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"
_LEAD_STATUS = "NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING"
_SOURCES = "ORGANIC_SEARCH PAID_SEARCH EMAIL_MARKETING SOCIAL_MEDIA REFERRALS DIRECT_TRAFFIC OFFLINE PAID_SOCIAL"
_INDUSTRIES = (
    "AVIATION_AEROSPACE FARMING AUTOMOTIVE BANKING FOOD_BEVERAGES BIOTECHNOLOGY CHEMICALS CONSTRUCTION "
    "CONSUMER_GOODS ELECTRICAL_ELECTRONIC_MANUFACTURING OIL_ENERGY MECHANICAL_OR_INDUSTRIAL_ENGINEERING "
    "FINANCIAL_SERVICES FOOD_PRODUCTION HOSPITAL_HEALTH_CARE HOSPITALITY MACHINERY INSURANCE "
    "INFORMATION_TECHNOLOGY_AND_SERVICES LOGISTICS_AND_SUPPLY_CHAIN BROADCAST_MEDIA MEDICAL_DEVICES MINING_METALS "
    "PACKAGE_FREIGHT_DELIVERY PHARMACEUTICALS REAL_ESTATE RETAIL SEMICONDUCTORS COMPUTER_SOFTWARE "
    "TELECOMMUNICATIONS TEXTILES TRANSPORTATION_TRUCKING_RAILROAD LEISURE_TRAVEL_TOURISM UTILITIES"
)
_EVERYWHERE = """
hs_object_id number number ro
hs_createdate datetime date ro
hs_lastmodifieddate datetime date ro
hubspot_owner_id enumeration select owner
hubspot_owner_assigneddate datetime date ro
hs_merged_object_ids enumeration checkbox ro
hs_unique_creation_key string text ro unique
hs_object_source string text ro
hs_object_source_id string text ro
notes_last_updated datetime date ro
notes_last_contacted datetime date ro
notes_next_activity_date datetime date ro
num_notes number number ro
"""
_OF_SALES = f"""
createdate datetime date ro
hs_analytics_source enumeration select ro {_SOURCES}
"""
_BY_TYPE = {
    "contacts": f"""
email string text
firstname string text
lastname string text
phone phone_number phonenumber
mobilephone phone_number phonenumber
jobtitle string text
company string text
website string text
city string text
state string text
country string text
industry string text
annualrevenue string text
lastmodifieddate datetime date ro
lifecyclestage enumeration radio {_LIFECYCLE}
hs_lead_status enumeration radio {_LEAD_STATUS}
hs_buying_role enumeration checkbox BLOCKER BUDGET_HOLDER CHAMPION DECISION_MAKER END_USER INFLUENCER OTHER
hs_email_optout bool booleancheckbox ro
hs_additional_emails string text ro
hs_email_bounce number number ro
hs_sequences_is_enrolled bool booleancheckbox ro
{_OF_SALES}""",
    "companies": f"""
name string text
domain string text
website string text
phone phone_number phonenumber
description string textarea
industry enumeration select {_INDUSTRIES}
numberofemployees number number
annualrevenue number number
city string text
state string text
country string text
lifecyclestage enumeration radio {_LIFECYCLE}
hs_lead_status enumeration radio {_LEAD_STATUS}
hs_ideal_customer_profile enumeration select tier_1 tier_2 tier_3
hs_is_target_account bool booleancheckbox
hs_num_decision_makers number calculation_rollup ro calc
hs_last_sales_activity_timestamp datetime date ro
{_OF_SALES}""",
    "deals": f"""
dealname string text
pipeline enumeration select
dealstage enumeration radio
amount number number
deal_currency_code enumeration select USD EUR GBP
closedate datetime date
dealtype enumeration radio newbusiness existingbusiness
description string textarea
hs_next_step string textarea
hs_manual_forecast_category enumeration select OMIT PIPELINE BEST_CASE COMMIT CLOSED
hs_priority enumeration select low medium high
closed_lost_reason string textarea
closed_won_reason string textarea
hs_deal_stage_probability number number ro
hs_is_closed bool calculation_equation ro calc
hs_is_closed_won bool calculation_equation ro calc
hs_next_meeting_start_time datetime date ro
num_associated_contacts number number ro
{_OF_SALES}""",
    "tickets": """
subject string text
content string textarea
hs_pipeline enumeration select
hs_pipeline_stage enumeration select
hs_ticket_priority enumeration select LOW MEDIUM HIGH
""",
    "tasks": """
hs_timestamp datetime date
hs_task_subject string text
hs_task_body string html
hs_task_status enumeration select NOT_STARTED IN_PROGRESS WAITING COMPLETED DEFERRED
hs_task_priority enumeration select LOW MEDIUM HIGH
hs_task_type enumeration select TODO CALL EMAIL
""",
    "notes": """
hs_timestamp datetime date
hs_note_body string html
""",
    "meetings": """
hs_timestamp datetime date
hs_meeting_title string text
hs_meeting_body string html
hs_internal_meeting_notes string html
hs_meeting_location string text
hs_meeting_start_time datetime date
hs_meeting_end_time datetime date
hs_meeting_outcome enumeration select SCHEDULED COMPLETED RESCHEDULED NO_SHOW CANCELED
""",
    "calls": """
hs_timestamp datetime date
hs_call_title string text
hs_call_body string html
""",
    "emails": """
hs_timestamp datetime date
hs_email_direction enumeration select EMAIL INCOMING_EMAIL FORWARDED_EMAIL
hs_email_status enumeration select BOUNCED FAILED SCHEDULED SENDING SENT
hs_email_subject string text
hs_email_text string textarea
hs_email_html string html
""",
    "leads": """
hs_lead_name string text
hs_lead_type enumeration select NEW_BUSINESS UPSELL RE_ATTEMPTING
""",
}
_CUSTOM = {
    "contacts": "lead_source string text\n",
    "companies": """
lead_source enumeration select inbound_web event outbound partner referral import
territory enumeration select north_america uk_ireland dach western_europe nordics apac rest_of_world
annual_revenue_band enumeration select under_10m 10m_100m 100m_1b 1b_10b over_10b
icp_fit_score number number
intent_score number number
lifecyclestage_suggestion enumeration select subscriber lead marketingqualifiedlead salesqualifiedlead opportunity
""",
    "deals": """
lead_source enumeration select inbound_web event outbound partner referral import
territory enumeration select north_america uk_ireland dach western_europe nordics apac rest_of_world
primary_competitor string text
buying_committee_coverage number number
agent_suggested_next_step string textarea
""",
}
# What Countersign asks a portal to have: a key that no two records share, and the mark of its last write.
_OF_COUNTERSIGN = """
countersign_key string text unique
countersign_operation string text
"""
REQUIRED_TO_CREATE: dict[str, tuple[tuple[str, ...], ...]] = {
    "contacts": (("email", "firstname", "lastname"),),
    "companies": (("name", "domain"),),
    "deals": (("dealname",), ("dealstage",), ("pipeline",)),
    "tickets": (("subject",), ("hs_pipeline",), ("hs_pipeline_stage",)),
    **dict.fromkeys(("tasks", "notes", "meetings", "calls", "emails"), (("hs_timestamp",),)),
}
"""Of each group, one property must have a value."""
DEFAULT_PROPERTIES = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id"),
}
"""What a read without `properties` shows."""


def _deal_stage(stage: str, label: str, probability: str) -> Stage:
    is_closed = "true" if stage.startswith("closed") else "false"
    return Stage(id=stage, label=label, metadata=(("isClosed", is_closed), ("probability", probability)))


DEAL_PIPELINE = Pipeline(
    id="default",
    label="Sales Pipeline",
    stages=(
        _deal_stage("appointmentscheduled", "Appointment Scheduled", "0.2"),
        _deal_stage("qualifiedtobuy", "Qualified To Buy", "0.4"),
        _deal_stage("presentationscheduled", "Presentation Scheduled", "0.6"),
        _deal_stage("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
        _deal_stage("contractsent", "Contract Sent", "0.9"),
        _deal_stage("closedwon", "Closed Won", "1.0"),
        _deal_stage("closedlost", "Closed Lost", "0.0"),
    ),
)
TICKET_PIPELINE = Pipeline(
    id="0",
    label="Support Pipeline",
    stages=(
        Stage(id="1", label="New", metadata=(("ticketState", "OPEN"),)),
        Stage(id="4", label="Closed", metadata=(("ticketState", "CLOSED"),)),
    ),
)
_STAGES = {
    "pipeline": ((DEAL_PIPELINE.id, DEAL_PIPELINE.label),),
    "dealstage": tuple((stage.id, stage.label) for stage in DEAL_PIPELINE.stages),
    "hs_pipeline": ((TICKET_PIPELINE.id, TICKET_PIPELINE.label),),
    "hs_pipeline_stage": tuple((stage.id, stage.label) for stage in TICKET_PIPELINE.stages),
}


def make_definitions() -> dict[str, dict[str, PropertyDefinition]]:
    """Every property of every object type of a new portal, by type and name."""
    return {
        name: {
            **_read_lines(_EVERYWHERE + lines, is_hubspots=True),
            **_read_lines(_CUSTOM.get(name, "") + _OF_COUNTERSIGN, is_hubspots=False),
        }
        for name, lines in _BY_TYPE.items()
    }


def _read_lines(text: str, *, is_hubspots: bool) -> dict[str, PropertyDefinition]:
    definitions = (_read_line(line.split(), is_hubspots) for line in text.splitlines() if line.strip())
    return {definition.name: definition for definition in definitions}


def _read_line(words: list[str], is_hubspots: bool) -> PropertyDefinition:  # noqa: FBT001
    name, kind, field_type, *rest = words
    marks = {"ro", "calc", "unique", "owner"}.intersection(rest)
    options = tuple((word, _label(word)) for word in rest if word not in marks)
    if kind == "bool":
        options = (("true", "Yes"), ("false", "No"))
    return PropertyDefinition(
        name=name,
        label=_label(name.removeprefix("hs_")),
        type=kind,
        field_type=field_type,
        options=_STAGES.get(name, options),
        is_read_only="ro" in marks,
        is_unique="unique" in marks,
        is_calculated="calc" in marks,
        referenced_object="OWNER" if "owner" in marks else "",
        is_hubspots=is_hubspots,
    )


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()
