"""The option lists of the embedded CRM's starter schema: `(stored value, label)` in the order people see them."""

from crm_connectors.embedded.countries import COUNTRIES

Options = tuple[tuple[str, str], ...]


def _same(*values: str) -> Options:
    """Options whose stored value is what people read."""
    return tuple((value, value) for value in values)


COUNTRY = _same(*COUNTRIES)
INDUSTRY = _same(
    "Aerospace & Defense",
    "Agriculture",
    "Automotive",
    "Banking",
    "Beverages",
    "Biotechnology",
    "Business Services",
    "Chemicals",
    "Conglomerate",
    "Construction",
    "Consumer Goods",
    "Electronics",
    "Energy",
    "Engineering",
    "Financial Services",
    "Food",
    "Health Care",
    "Hospitality",
    "Industrial Machinery",
    "Insurance",
    "IT Services",
    "Logistics",
    "Media",
    "Medical Devices",
    "Metals & Mining",
    "Oil & Gas",
    "Packaging",
    "Pharmaceuticals",
    "Real Estate",
    "Retail",
    "Semiconductors",
    "Software",
    "Telecommunications",
    "Textiles & Apparel",
    "Transportation",
    "Travel",
    "Utilities",
)
REVENUE_BAND = _same("Under $10M", "$10M–$100M", "$100M–$1B", "$1B–$10B", "Over $10B")
LIFECYCLE_STAGE: Options = (
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing qualified lead"),
    ("salesqualifiedlead", "Sales qualified lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
)
LEAD_STATUS: Options = (
    ("NEW", "New"),
    ("OPEN", "Open"),
    ("IN_PROGRESS", "In progress"),
    ("OPEN_DEAL", "Open deal"),
    ("UNQUALIFIED", "Unqualified"),
    ("ATTEMPTED_TO_CONTACT", "Attempted to contact"),
    ("CONNECTED", "Connected"),
    ("BAD_TIMING", "Bad timing"),
)
LEAD_SOURCE: Options = (
    ("inbound_web", "Inbound, website"),
    ("event", "Event"),
    ("outbound", "Outbound"),
    ("partner", "Partner"),
    ("referral", "Referral"),
    ("import", "List import"),
)
TERRITORY: Options = (
    ("north_america", "North America"),
    ("uk_ireland", "UK & Ireland"),
    ("dach", "Germany, Austria, Switzerland"),
    ("western_europe", "Western Europe"),
    ("nordics", "Nordics"),
    ("apac", "Asia-Pacific"),
    ("rest_of_world", "Rest of world"),
)
OWNER: Options = (
    ("ana.duarte@example.com", "Ana Duarte · Western Europe"),
    ("ben.okafor@example.com", "Ben Okafor · UK & Ireland"),
    ("chloe.fischer@example.com", "Chloe Fischer · Germany, Austria, Switzerland"),
    ("dev.raman@example.com", "Dev Raman · Asia-Pacific"),
    ("elin.strand@example.com", "Elin Strand · Nordics"),
    ("frank.moreno@example.com", "Frank Moreno · North America"),
    ("grace.liu@example.com", "Grace Liu · North America"),
    ("hugo.silva@example.com", "Hugo Silva · Rest of world"),
)
PIPELINE: Options = (("default", "Sales pipeline"), ("expansion", "Expansion"))
DEAL_STAGE: Options = (
    ("appointmentscheduled", "Appointment scheduled"),
    ("qualifiedtobuy", "Qualified to buy"),
    ("presentationscheduled", "Presentation scheduled"),
    ("decisionmakerboughtin", "Decision maker bought in"),
    ("contractsent", "Contract sent"),
    ("closedwon", "Closed won"),
    ("closedlost", "Closed lost"),
)
FORECAST_CATEGORY: Options = (
    ("omitted", "Omitted"),
    ("pipeline", "Pipeline"),
    ("best_case", "Best case"),
    ("commit", "Commit"),
    ("closed", "Closed"),
)
LOSS_REASON: Options = (
    ("price", "Price"),
    ("competitor", "Lost to a competitor"),
    ("no_decision", "No decision"),
    ("timing", "Timing"),
    ("missing_feature", "Missing feature"),
    ("other", "Other"),
)
TASK_STATUS: Options = (("open", "Open"), ("in_progress", "In progress"), ("done", "Done"), ("cancelled", "Cancelled"))
PRIORITY: Options = (("low", "Low"), ("medium", "Medium"), ("high", "High"))
TASK_TYPE: Options = (("todo", "To do"), ("call", "Call"), ("email", "Email"), ("review", "Review"))
CHANNEL: Options = (("email", "Email"), ("call_script", "Call script"), ("social", "Social message"))
DRAFT_STATUS: Options = (("draft", "Draft"), ("used", "Used"), ("discarded", "Discarded"))
DELIVERY: Options = (("queued", "Queued"), ("delivered", "Delivered"))
SEQUENCE_STATUS: Options = (("active", "Active"), ("paused", "Paused"))
ENROLMENT_STATUS: Options = (("active", "Active"), ("paused", "Paused"), ("finished", "Finished"))
DIALER_QUEUE: Options = (("inbound", "Inbound"), ("outbound", "Outbound"), ("renewals", "Renewals"))
QUEUE: Options = (
    ("data_steward", "Data steward"),
    ("inbound_triage", "Inbound triage"),
    ("pipeline_review", "Pipeline review"),
    ("revops", "Revenue operations"),
)
QUEUE_STATUS: Options = (("waiting", "Waiting"), ("taken", "Taken"), ("done", "Done"))
