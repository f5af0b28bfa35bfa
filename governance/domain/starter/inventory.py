"""The starter's inventory for the embedded CRM: an example of each kind of write path, to be replaced (REG-10)."""

import msgspec

from governance.domain.vocabulary import WritePathKind


class StarterSystem(msgspec.Struct, frozen=True, kw_only=True):
    """Places are `object.field`, or an object for its records."""

    name: str
    purpose: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


class StarterPath(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: WritePathKind
    system: str = ""
    triggers: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


STARTER_SYSTEMS: tuple[StarterSystem, ...] = (
    StarterSystem(
        name="Web forms",
        purpose="Example of the starter pack: people who ask for us",
        writes=("leads", "leads.lead_source"),
    ),
    StarterSystem(
        name="Routing",
        purpose="Example of the starter pack: who works which account",
        reads=("companies.country", "companies.numberofemployees", "leads.country"),
        writes=("companies.territory", "companies.owner", "leads.owner"),
    ),
    StarterSystem(
        name="Data vendor",
        purpose="Example of the starter pack: facts about companies, by night",
        reads=("companies.domain",),
        writes=("companies.industry", "companies.numberofemployees"),
    ),
    StarterSystem(
        name="Signatures",
        purpose="Example of the starter pack: a signed contract closes the deal",
        writes=("deals.dealstage",),
    ),
    StarterSystem(
        name="Forecast",
        purpose="Example of the starter pack: what the board is told",
        reads=("deals.amount", "deals.closedate", "deals.dealstage"),
        writes=("deals.forecast_category",),
    ),
)
STARTER_PATHS: tuple[StarterPath, ...] = (
    StarterPath(
        name="Lifecycle follows lead status",
        kind=WritePathKind.WORKFLOW,
        triggers=("leads.lead_status",),
        changes=("leads.lifecyclestage",),
    ),
    StarterPath(
        name="Opportunity for an accepted lead",
        kind=WritePathKind.WORKFLOW,
        triggers=("leads.lifecyclestage",),
        changes=("deals",),
    ),
    StarterPath(
        name="Lost deals name their reason", kind=WritePathKind.VALIDATION, triggers=("deals.dealstage",), changes=()
    ),
    StarterPath(
        name="Owner by territory",
        kind=WritePathKind.ASSIGNMENT,
        system="Routing",
        triggers=("companies.territory",),
        changes=("companies.owner",),
    ),
    StarterPath(
        name="Twins by e-mail are merged",
        kind=WritePathKind.DUPLICATE,
        triggers=("contacts.email",),
        changes=("contacts.phone", "contacts.owner"),
    ),
    StarterPath(
        name="Territory by country and size",
        kind=WritePathKind.ROUTING,
        system="Routing",
        triggers=("companies.country", "companies.numberofemployees"),
        changes=("companies.territory",),
    ),
    StarterPath(
        name="Company facts by domain",
        kind=WritePathKind.ENRICHMENT,
        system="Data vendor",
        triggers=("companies.domain",),
        changes=("companies.industry", "companies.numberofemployees"),
    ),
    StarterPath(
        name="Won on signature",
        kind=WritePathKind.STAGE_AUTOMATION,
        system="Signatures",
        changes=("deals.dealstage",),
    ),
    StarterPath(
        name="Forecast follows stage",
        kind=WritePathKind.FORECAST,
        system="Forecast",
        triggers=("deals.dealstage", "deals.amount", "deals.closedate"),
        changes=("deals.forecast_category",),
    ),
)
