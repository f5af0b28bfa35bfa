"""A simulated org as a demonstration finds it: the users, and the demo's companies as a neglected CRM holds them."""

from datetime import UTC, datetime

from crm_connectors.domain.record import JsonValue
from crm_connectors.embedded import picklists
from crm_connectors.embedded.demo_records import DemoRecords
from crm_connectors.services.company_facts import list_sources
from crm_connectors.simulators.salesforce.org import Org, Row, User, stamp
from crm_connectors.simulators.salesforce.saving import Save, SaveOptions
from crm_connectors.simulators.salesforce.schema import OBJECTS

RUN_AS = "countersign@example.com"
PERSON = "maya.lindqvist@example.com"
_LIFECYCLE: dict[str | None, str] = {
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified",
    "opportunity": "Opportunity",
    "customer": "Customer",
}
_SOURCES: dict[str | None, str] = {
    "inbound_web": "Web",
    "event": "Event",
    "outbound": "Outbound",
    "partner": "Partner",
    "referral": "Referral",
}
_TERRITORIES: dict[str | None, str] = dict(picklists.TERRITORY)
_REASONS: dict[str | None, str] = dict(picklists.LOSS_REASON)
STAGE_NAMES = {
    "appointmentscheduled": "Prospecting",
    "qualifiedtobuy": "Qualification",
    "presentationscheduled": "Needs Analysis",
    "decisionmakerboughtin": "Proposal/Price Quote",
    "contractsent": "Negotiation/Review",
    "closedwon": "Closed Won",
    "closedlost": "Closed Lost",
}
_QUIET = SaveOptions(assigns=False, allows_duplicates=True)
_Values = dict[str, JsonValue]


def new_org() -> Org:
    """An org with its users and no other record."""
    org = Org()
    owners = [(email, label.partition(" · ")[0]) for email, label in picklists.OWNER]
    for username, name in ((RUN_AS, "Countersign"), (PERSON, "Maya Lindqvist"), *owners):
        _add_user(org, username, name)
    return org


def fill(org: Org, *, companies: int, seed: int) -> None:
    """Accounts with their contacts and opportunities, and leads. The same seed, number and day give the same records.

    They were there before anybody looked: the journal tells nothing of them.
    """
    generator = DemoRecords(seed, org.now().date())
    sources = list_sources()
    for source in generator.choose(sources, companies):
        company = generator.make_company(source)
        account = _add(org, generator, "Account", _account(org, company), company)
        for contact in generator.make_contacts(company, account):
            _add(org, generator, "Contact", {**_person(org, contact), "AccountId": account}, contact)
        for deal in generator.make_deals(company, account):
            _add(org, generator, "Opportunity", {**_opportunity(org, deal), "AccountId": account}, deal)
    for source in generator.choose(sources, companies // 6):
        lead = generator.make_lead(source)
        more = {"Company": lead["company_name"], "Country": lead["country"], "Description": lead["message"]}
        _add(org, generator, "Lead", {**_person(org, lead), **more}, lead)
    org.journal.clear()


def _add_user(org: Org, username: str, name: str) -> None:
    user = User(id=org.next_id("User"), username=username, name=name)
    org.users[username] = user
    now = stamp(org.now())
    values: dict[str, str | int | float | bool | None] = {field.name: field.default for field in OBJECTS["User"].fields}
    values.update(Id=user.id, Username=username, Name=name, Email=username, IsActive=True, IsDeleted=False)
    values.update(CreatedDate=now, LastModifiedDate=now, SystemModstamp=now)
    org.rows["User"][user.id] = Row(object="User", id=user.id, values=values, modified_at=datetime.now(UTC))


def _add(org: Org, generator: DemoRecords, name: str, values: _Values, made: _Values) -> str:
    age, shift = generator.created_on(), org.shift
    org.shift = shift - age
    user = org.users.get(str(made.get("owner")), org.users[PERSON])
    try:
        record_id = Save(org, user, OBJECTS[name], _QUIET).create(values)
    finally:
        org.shift = shift
    if made.get("last_activity_date"):
        row = org.rows[name][record_id]
        derived = {**row.values, "LastActivityDate": made["last_activity_date"]}
        org.rows[name][record_id] = Row(object=name, id=record_id, values=derived, modified_at=row.modified_at)
    return record_id


def _shared(org: Org, made: _Values) -> _Values:
    owner = org.users.get(str(made.get("owner")))
    return {
        "Lifecycle_Stage__c": _LIFECYCLE.get(made.get("lifecyclestage")),
        "Territory__c": _TERRITORIES.get(made.get("territory")),
        "OwnerId": owner.id if owner else None,
    }


def _account(org: Org, made: _Values) -> _Values:
    employees = made["numberofemployees"]
    return {
        **_shared(org, made),
        "Name": made["name"],
        "Website": made["website"],
        "Industry": made["industry"],
        "NumberOfEmployees": employees if employees is None or employees < 10**8 else None,
        "BillingCountry": made["country"],
        "BillingCity": made["city"] and made["city"][:40],
        "AccountSource": _SOURCES.get(made["lead_source"]),
        "ICP_Fit_Score__c": made["icp_fit_score"],
    }


def _person(org: Org, made: _Values) -> _Values:
    email = made["email"]
    return {
        **_shared(org, made),
        "FirstName": made["firstname"],
        "LastName": made["lastname"],
        "Email": email if len(email) <= 80 else None,
        "Phone": made["phone"],
        "Title": made["jobtitle"],
        "LeadSource": _SOURCES.get(made.get("lead_source")),
    }


def _opportunity(org: Org, made: _Values) -> _Values:
    shared = _shared(org, made)
    del shared["Lifecycle_Stage__c"]
    return {
        **shared,
        "Name": made["dealname"][:120],
        "StageName": STAGE_NAMES[made["dealstage"]],
        "Amount": made["amount"],
        "CloseDate": made["closedate"],
        "NextStep": made["next_step"],
        "LeadSource": _SOURCES.get(made["lead_source"]),
        "Loss_Reason__c": _REASONS.get(made["loss_reason"]),
        "Primary_Competitor__c": made["primary_competitor"],
    }
