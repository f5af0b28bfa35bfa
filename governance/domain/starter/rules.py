"""The starter's rules, lists and lawful bases: what most teams want on the first day (CNT-01…06, APR-08).

Rules that would refuse everything until a list is filled come switched off, and say so.
"""

import msgspec

from governance.domain.rule import BasisRule, Condition
from governance.domain.rule_terms import Basis, Effect, Finding, ListKind, Operator
from governance.domain.vocabulary import Action

_MESSAGES = (Action.CREATE_MEETING, Action.SEND_EMAIL)
_SENDS = (Action.CREATE_MEETING, Action.ENROLL_SEQUENCE, Action.PUSH_TO_DIALER, Action.SEND_EMAIL)
_ENRICHING = (Action.CREATE, Action.UPDATE)
_O = Operator


class StarterRule(msgspec.Struct, frozen=True, kw_only=True):
    """`owner` by e-mail, groups by slug; `is_active` false where a list must be filled first."""

    key: str
    name: str
    reason: str
    owner: str = "revops@example.com"
    actions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    effect: str = Effect.APPROVAL
    groups: tuple[str, ...] = ()
    any_groups: tuple[str, ...] = ()
    count: int = 1
    tier: str = ""
    is_active: bool = True


class StarterList(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    title: str
    kind: str
    entries: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


def _when(subject: str, operator: str, *values: str, field: str = "") -> Condition:
    return Condition(subject=subject, operator=operator, field=field, values=values)


def _found(*findings: Finding) -> Condition:
    return _when("finding", _O.ONE_OF, *findings)


_EU = (
    "Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Czechia", "Denmark", "Estonia", "Finland", "France",
    "Germany", "Greece", "Hungary", "Ireland", "Italy", "Latvia", "Lithuania", "Luxembourg", "Malta", "Netherlands",
    "Poland", "Portugal", "Romania", "Slovakia", "Slovenia", "Spain", "Sweden",
)  # fmt: skip

STARTER_LISTS: tuple[StarterList, ...] = (
    StarterList(slug="high-value-accounts", title="High-value accounts", kind=ListKind.DOMAINS),
    StarterList(
        slug="restricted-segments",
        title="Restricted segments",
        kind=ListKind.VALUES,
        entries=("Gambling", "Gambling & Casinos", "Tobacco", "Weapons"),
    ),
    StarterList(
        slug="restricted-terms",
        title="Terms that never leave the house",
        kind=ListKind.TERMS,
        entries=("guaranteed return", "insider information", "no risk", "risk free", "strictly confidential"),
    ),
    StarterList(slug="competitors", title="Competitors", kind=ListKind.TERMS),
    StarterList(slug="enrichment-vendors", title="Enrichment vendors that we trust", kind=ListKind.DOMAINS),
    StarterList(slug="sending-mailboxes", title="Mailboxes that agents may send from", kind=ListKind.ADDRESSES),
    StarterList(slug="eu-countries", title="Countries of the European Union", kind=ListKind.VALUES, entries=_EU),
    StarterList(
        slug="consent-countries",
        title="Countries where a message needs a lawful basis",
        kind=ListKind.VALUES,
        entries=("Iceland", "Liechtenstein", "Norway", "Switzerland", "United Kingdom"),
        includes=("eu-countries",),
    ),
)

STARTER_BASES: tuple[BasisRule, ...] = (
    BasisRule(object="contacts", field="country", value="United Kingdom", basis=Basis.LEGITIMATE_INTEREST),
    BasisRule(object="leads", field="country", value="United Kingdom", basis=Basis.LEGITIMATE_INTEREST),
)

STARTER_RULES: tuple[StarterRule, ...] = (
    StarterRule(
        key="prices-in-messages",
        name="Prices and discounts in messages",
        reason="Prices are promises; a sales manager agrees before one is made.",
        actions=_MESSAGES,
        conditions=(_found(Finding.PRICING),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="legal-claims",
        name="Legal promises in messages",
        reason="Guarantees, contracts and service levels are worded by compliance.",
        owner="compliance@example.com",
        actions=_MESSAGES,
        conditions=(_found(Finding.LEGAL),),
        groups=("compliance",),
    ),
    StarterRule(
        key="security-claims",
        name="Security claims in messages",
        reason="Certificates and security statements must be true today; compliance checks.",
        owner="compliance@example.com",
        actions=_MESSAGES,
        conditions=(_found(Finding.SECURITY),),
        groups=("compliance",),
    ),
    StarterRule(
        key="personal-data",
        name="Personal data in messages, drafts and notes",
        reason="The text seems to hold personal data that does not belong there.",
        owner="compliance@example.com",
        actions=(*_MESSAGES, Action.CREATE_NOTE, Action.DRAFT),
        conditions=(_found(Finding.PII),),
        groups=("compliance",),
    ),
    StarterRule(
        key="sensitive-values",
        name="Sensitive values in messages",
        reason="The text repeats the value of a field marked sensitive.",
        owner="compliance@example.com",
        actions=_MESSAGES,
        conditions=(_found(Finding.CONFIDENTIAL),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="restricted-terms",
        name="Restricted terms",
        reason="The text holds a term that never leaves the house.",
        owner="compliance@example.com",
        actions=(*_MESSAGES, Action.ENROLL_SEQUENCE),
        conditions=(_when("text", _O.ON_LIST, "restricted-terms"),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="competitors",
        name="Competitors by name",
        reason="What we say about a competitor is looked at first.",
        actions=_MESSAGES,
        conditions=(_when("text", _O.ON_LIST, "competitors"),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="links",
        name="Links in messages",
        reason="A person looks where a link leads before it goes out.",
        actions=(Action.SEND_EMAIL,),
        conditions=(_found(Finding.LINKS),),
        any_groups=("sales-managers", "sales-ops"),
    ),
    StarterRule(
        key="attachments",
        name="Attachments",
        reason="A person opens an attachment before it goes out.",
        actions=_MESSAGES,
        conditions=(_found(Finding.ATTACHMENTS),),
        any_groups=("sales-managers", "sales-ops"),
    ),
    StarterRule(
        key="opt-out",
        name="A way to opt out",
        reason="A commercial message says how to opt out, or it is not sent.",
        owner="compliance@example.com",
        actions=(Action.SEND_EMAIL,),
        conditions=(_found(Finding.NO_OPT_OUT),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="postal-address",
        name="A postal address",
        reason="A commercial message names our postal address, or it is not sent.",
        owner="compliance@example.com",
        actions=(Action.SEND_EMAIL,),
        conditions=(_found(Finding.NO_POSTAL_ADDRESS),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="honest-subject",
        name="An honest subject",
        reason="A first message does not pretend to be a reply.",
        owner="compliance@example.com",
        actions=(Action.SEND_EMAIL,),
        conditions=(_found(Finding.DISHONEST_SUBJECT),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="first-touch",
        name="First touch of a person or company",
        reason="The first message to somebody new is read by a sales manager.",
        actions=_SENDS,
        conditions=(_when("newness", _O.ONE_OF, "domain", "person"),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="unverified-address",
        name="Unverified address",
        reason="The agent could not verify the address; a person decides whether to use it.",
        actions=_SENDS,
        conditions=(_when("risk_flag", _O.ONE_OF, "address_unverified", "unverified_address"),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="many-recipients",
        name="Many recipients at once",
        reason="A message to many people at once is a campaign; a sales manager agrees.",
        actions=_SENDS,
        conditions=(_when("recipient_count", _O.GREATER, "5"),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="high-value-accounts",
        name="High-value accounts",
        reason="This account is too valuable for anything unseen.",
        actions=(*_ENRICHING, *_SENDS),
        conditions=(_when("account", _O.ON_LIST, "high-value-accounts"),),
        groups=("sales-managers",),
    ),
    StarterRule(
        key="restricted-segments",
        name="Restricted segments",
        reason="We do not approach companies of this industry.",
        owner="compliance@example.com",
        actions=_SENDS,
        conditions=(_when("record_value", _O.ON_LIST, "restricted-segments", field="industry"),),
        effect=Effect.DENY,
    ),
    StarterRule(
        key="duplicates",
        name="Somebody we know already",
        reason="Another Lead or Contact has this e-mail or domain: make sure it is not the same one.",
        actions=(Action.CREATE, Action.ENROLL_SEQUENCE, Action.SEND_EMAIL),
        objects=("contacts", "leads"),
        conditions=(_when("duplicate", _O.NOT_EMPTY),),
        groups=("sales-ops",),
    ),
    StarterRule(
        key="lawful-basis",
        name="Lawful basis before a message",
        reason="No lawful basis is recorded for this country; compliance decides.",
        owner="compliance@example.com",
        actions=_SENDS,
        conditions=(
            _when("record_value", _O.ON_LIST, "consent-countries", field="country"),
            _when("lawful_basis", _O.IS_EMPTY),
        ),
        groups=("compliance",),
    ),
    StarterRule(
        key="trusted-vendors",
        name="Only vendors that we trust",
        reason="A source of the evidence is not on our list of vendors.",
        actions=_ENRICHING,
        conditions=(_when("vendor", _O.NOT_ON_LIST, "enrichment-vendors"),),
        groups=("revops",),
        is_active=False,
    ),
    StarterRule(
        key="sending-mailboxes",
        name="Only mailboxes that we allow",
        reason="Agents send from mailboxes on the list alone.",
        actions=(Action.SEND_EMAIL,),
        conditions=(_when("mailbox", _O.NOT_ON_LIST, "sending-mailboxes"),),
        effect=Effect.DENY,
        is_active=False,
    ),
    StarterRule(
        key="many-fields",
        name="Many fields at once",
        reason="So many changes at once are read by a person.",
        actions=(Action.UPDATE,),
        conditions=(_when("field_count", _O.GREATER, "12"),),
        effect=Effect.RAISE_TIER,
        tier="approval",
    ),
)
