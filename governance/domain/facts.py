"""All that the engine may see of the world: frozen values gathered by `approvals` before a decision.

What must bite at once (switches, lifecycle, revocations) is a fact, never policy. A fact that could not be
read is `None` where the type allows it, and the check that needs it denies.
"""

from datetime import datetime
from typing import Any

import msgspec

JsonValue = Any  # what strict JSON parsing yields; the engine judges its type against the field's


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    lifecycle: str
    autonomy_level: str
    is_credential_active: bool
    version: str


class ConnectionFacts(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    environment: str
    is_active: bool


class BreakerFacts(msgspec.Struct, frozen=True):
    """A circuit breaker of the workspace that is not closed, and when it opened; policy says whom it stops."""

    name: str
    opened_at: datetime


class ClosedField(msgspec.Struct, frozen=True):
    """REG-01: a field that was reviewed and has changed or gone at the CRM since. `state` is its review state now."""

    name: str
    state: str


class SwitchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Kill switches in force at this moment, as far as they touch this request.

    `breakers` are the circuit breakers that opened and did not close again, None when they could not be read.
    `usual` is what the agent does in an hour, None as long as nobody knows.
    """

    is_all_stopped: bool = False
    is_agent_stopped: bool = False
    is_write_back_off: bool = False
    is_send_off: bool = False
    is_enroll_off: bool = False
    is_read_only: bool = False
    breakers: tuple[BreakerFacts, ...] | None = ()
    usual: int | None = None


class EvidenceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent brought along: how many entries of each kind, and where its sources come from.

    `vendors` are the sources' addresses, without repetition; `observed_at` is when the oldest of the sources was true,
    None unless all of them say so."""

    sources: int = 0
    facts: int = 0
    signals: int = 0
    vendors: tuple[str, ...] = ()
    observed_at: datetime | None = None


class NewnessFacts(msgspec.Struct, frozen=True, kw_only=True):
    """APR-08: whether we touch this person, or anyone of this domain, for the first time."""

    is_new_person: bool
    is_new_domain: bool


class RecipientFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One address that the action would touch, as given or as held. `kind` is `email` or `phone`; `object` and
    `record_id` name the record that holds it, empty for an address that the agent gave. `companies` are the records
    (`companies/7`) that the CRM names on it as its company."""

    kind: str
    address: str
    object: str = ""
    record_id: str = ""
    companies: tuple[str, ...] = ()


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The text that a person would read. `links` are the addresses in it, `attachments` names of files, and
    `attached_text` what those of them say that are plain text; rules cannot look into the others."""

    sender: str = ""
    subject: str = ""
    body: str = ""
    links: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    attached_text: str = ""


class UsageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the proposal cost to make, as the agent says. `spend_micros` in millionths of `currency`."""

    tokens: int = 0
    spend_micros: int = 0
    currency: str = "USD"


class BudgetFacts(msgspec.Struct, frozen=True):
    """What others have taken from one budget in the window of this moment."""

    key: str
    value: str
    unit: str
    window: str
    used: int


class RequestFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The proposal itself. `changes` are the raw values asked for, by field; nothing is coerced.

    `object` is the object that would be written (`tasks` for a task), `changes` its fields; `target_object` and
    `target_id` are what the agent pointed at, another record for whatever is prepared about one.
    """

    action: str
    object: str
    target_object: str = ""
    target_id: str = ""
    record_id: str | None
    changes: dict[str, JsonValue]
    expected: dict[str, JsonValue] = {}
    reason_code: str
    confidence: float
    evidence: EvidenceFacts
    correlation_id: str
    source_workflow: str = ""
    risk_flags: tuple[str, ...] = ()
    on_behalf_of: str = ""
    message: MessageFacts | None = None
    usage: UsageFacts | None = None


class LastWrite(msgspec.Struct, frozen=True, kw_only=True):
    """REG-09: when a field was last written, and whether an agent did it through us."""

    field: str
    at: datetime
    is_by_agent: bool = False


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The record as the CRM holds it now. `version` is the connector's concurrency stamp; `last_writes` are looked up
    for fields with a window, and None when the CRM could not say."""

    exists: bool
    version: str = ""
    values: dict[str, JsonValue] = {}
    last_writes: tuple[LastWrite, ...] | None = ()


class DelegationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """IDN-04: one delegation of the named person to the agent that nobody revoked. `connection` empty: every one."""

    id: str
    person: str
    connection: str = ""
    actions: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    expires_at: datetime


class ProvenanceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """REG-07: what a write is signed by, fixed when the request arrived. `request` is its id, `reason` in words."""

    at: datetime
    request: str
    reason: str = ""


class BreakGlassFacts(msgspec.Struct, frozen=True, kw_only=True):
    """PRM-10: the opening that covers this very action on this very record, none with an empty id."""

    id: str = ""
    expires_at: datetime | None = None


class DncHit(msgspec.Struct, frozen=True, kw_only=True):
    """One entry in force about one recipient: its id and kind, and the position in `Facts.recipients`."""

    entry: str
    kind: str
    recipient: int


class DncFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the do-not-contact list said: of how many recipients it was asked, and whom it could not be asked about."""

    asked: int
    hits: tuple[DncHit, ...] = ()
    unreadable: tuple[int, ...] = ()


class TouchFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One earlier touch of a person by another request. `at` is when it left, or was reserved while `is_pending`.

    `is_live`: a meeting that was not taken back, an enrolment that still runs.
    """

    request: str
    action: str
    agent: str
    at: datetime
    is_pending: bool = False
    is_live: bool = True


class PersonFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One person whom the action would touch: the keys of all their addresses and records, how often each was reserved
    so far (`versions`, in the same order), and what the touch ledger holds under any of them.

    `is_stopped`: somebody said that nobody may touch them. `replied_at`: when a reply was last reported. What happened
    before `resumed_at` stops no more.
    """

    keys: tuple[str, ...]
    versions: tuple[int, ...]
    touches: tuple[TouchFacts, ...] = ()
    is_stopped: bool = False
    resumed_at: datetime | None = None
    replied_at: datetime | None = None


class FrequencyFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the touch ledger said: of how many recipients it was asked, and the people behind them.

    `is_contended`: others reached for the same people again and again while this was judged.
    """

    asked: int
    people: tuple[PersonFacts, ...] = ()
    is_contended: bool = False


class CorrectionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """APR-12: a person changed proposed values before agreeing. `fields` hold other values now, `left_out` are proposed
    no more. `groups`, `alternatives` and `count` are what was asked for before: correcting never makes it less."""

    person: str
    at: datetime
    fields: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    count: int = 1


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal and the world around it.

    `actor_type` is `agent` or `human` (a revert or a person's correction); `human_roles` are the person's
    approver groups when it is a human. `record` is None while the CRM has not been read. `is_grant_withdrawn` bites
    before the next publishing. `reverses` marks a human's undoing of an earlier request. `recipients` are all addresses
    of everyone whom the action would touch, None when they could not be read; `dnc` is what the
    do-not-contact list said of them, None when it was not or could not be asked.
    `target` (the record that a preparation or a send is about), `newness` and `duplicates` (other Leads and Contacts
    with the same address or domain, as `object:id`) are looked up only when a rule for the action asks for them, and
    None when they were not.
    `delegation` is asked for when the request names a person to act for, `break_glass` when the action's tier is
    `blocked`.
    `provenance` is there for agents' writes to objects whose policy maps such fields.
    `budgets` are the counters that the request would draw on, None when they could not be read; one that is not there
    counts nothing yet, and the reservation has the last word.
    `closed_fields` are those of the written object that changed or went at the CRM and that nobody reviewed since: they
    deny at once, whatever the published policy still says of them.
    `frequency` is what the touch ledger says of the recipients, None when it was not or could not be asked.
    `is_second_look`: judged again at its claim, when what the agent asked for was counted already.
    `correction`: a person corrected what the agent had proposed, which `request.changes` holds then.
    """

    now: datetime
    workspace: str
    actor_type: str
    agent: AgentFacts | None
    human_roles: tuple[str, ...] = ()
    connection: ConnectionFacts
    switches: SwitchFacts
    request: RequestFacts
    record: RecordFacts | None
    reverses: bool = False
    is_grant_withdrawn: bool = False
    recipients: tuple[RecipientFacts, ...] | None = ()
    dnc: DncFacts | None = None
    target: RecordFacts | None = None
    newness: NewnessFacts | None = None
    duplicates: tuple[str, ...] | None = None
    delegation: tuple[DelegationFacts, ...] | None = None
    break_glass: BreakGlassFacts | None = None
    budgets: tuple[BudgetFacts, ...] | None = ()
    closed_fields: tuple[ClosedField, ...] = ()
    provenance: ProvenanceFacts | None = None
    frequency: FrequencyFacts | None = None
    is_second_look: bool = False
    correction: CorrectionFacts | None = None
