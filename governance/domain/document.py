"""The published policy as the engine sees it: one frozen, content-hashed document per workspace.

RevOps edit rows; `governance.services.publish_policy` compiles them into a `PolicyDocument` (POL-03). Its
canonical JSON is what is hashed, stored, compared and replayed. Look-ups are indexed once by
`governance.domain.index`, so that a decision costs the same with ten grants and with ten thousand.
"""

import msgspec

from governance.domain.rule import BasisRule, NamedList, RiskRule


class GrantRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PRM-02/03: one agent may do one action on one object of one connection, with exactly these fields.

    `read_fields` are what it may see, `write_fields` what it may propose to change: never "all".
    """

    agent: str
    connection: str
    environment: str
    object: str
    action: str
    read_fields: tuple[str, ...] = ()
    write_fields: tuple[str, ...] = ()


class FieldRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of one object of one connection: registry entry (REG-01) and matrix row (REG-03) in one."""

    connection: str
    object: str
    field: str
    label: str
    type: str
    is_read_only: bool = False
    is_required: bool = False
    max_length: int | None = None
    options: tuple[str, ...] = ()
    review_state: str = "unreviewed"
    classification: str = "unclassified"
    permission_level: str = "blocked"
    allowed_writers: tuple[str, ...] = ()
    is_golden: bool = False
    review_required: bool = False
    suggestion_field: str = ""
    promote_on_approval: bool = False
    refresh_after_days: float | None = None
    is_sensitive: bool = False
    owner: str = ""
    owner_person: str = ""
    source_of_truth: str = ""
    rollback_method: str = "revert"
    value_format: str = ""
    min_value: float | None = None
    max_value: float | None = None
    components_field: str = ""
    version_field: str = ""
    revenue_field: str = ""


class ActionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PRM-05: how one action class is treated, and what it needs.

    `hold_seconds` is its send window (APR-14): so long it waits once approved, and can be cancelled. `max_rows` caps an
    export.
    """

    action: str
    risk_tier: str
    approver_groups: tuple[str, ...] = ()
    approvals_needed: int = 1
    min_confidence: float = 0.0
    min_evidence: int = 0
    expires_after_seconds: int = 86_400
    hold_seconds: int = 0
    max_rows: int = 1_000


class StageRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """REG-08: a record may hold this stage only with these fields filled."""

    connection: str
    object: str
    stage_field: str
    stage: str
    required_fields: tuple[str, ...]


class BudgetRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """LIM-01: at most `limit` of a unit in one window, for each value of the key.

    `scope` names one value of the key (one agent, one mailbox): for it the rule stands in the place of the one without
    a scope. `segment_field` is the field of the written record whose value is its segment. `limit` is in millionths of
    `currency` for `spend`.
    """

    key: str
    unit: str
    window: str
    limit: int
    scope: str = ""
    segment_field: str = ""
    currency: str = ""


class BreakerRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """LIM-04: when a signal turns bad, a class of action stops by itself, and is tried out again after a while.

    `agent` empty watches and stops all agents together, `actions` empty every action. It trips when at least
    `min_calls` within `window_seconds` turned bad to a share of `ratio`, or spent more than `amount` millionths of
    `currency`. After `open_seconds` so many `probes` go through: all good, it closes; one bad, it opens again.
    """

    name: str
    signal: str
    environment: str
    window_seconds: int
    min_calls: int
    open_seconds: int
    probes: int
    agent: str = ""
    actions: tuple[str, ...] = ()
    ratio: float = 0.0
    amount: int = 0
    currency: str = ""
    reason: str = ""
    owner: str = ""


class FrequencyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """LIM-06: how often one person may be touched, over Lead, Contact and address.

    At most `max_touches` in any `window_hours` (None: not counted), `min_gap_hours` between two, and none after one of
    `stops_after` until a person resumes. `agent`, `environment` and `channels` (actions, empty: all) say whose touches
    are counted and kept back; `segment_field` and `segment_value` say of which people.
    """

    key: str
    name: str
    owner: str
    reason: str
    agent: str = ""
    environment: str = ""
    channels: tuple[str, ...] = ()
    segment_field: str = ""
    segment_value: str = ""
    max_touches: int | None = None
    window_hours: int = 0
    min_gap_hours: int = 0
    stops_after: tuple[str, ...] = ()


class AnomalyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """LIM-05: an agent that does more of this in a window than it ever should is stopped until people let it go on.

    Up to `floor` is never unusual; above it, for `volume`, `factor` times what the agent usually does. For the agent
    that `scope` names it stands in the place of the one for all.
    """

    signal: str
    window: str
    floor: int
    factor: float = 1.0
    scope: str = ""


class TransitionRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """REG-08: from this stage a record may go to these. A stage field with any such rule moves by them alone; an empty
    `from_stage` is a record that holds none yet."""

    connection: str
    object: str
    stage_field: str
    from_stage: str
    to_stages: tuple[str, ...]


class ProvenanceRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """REG-07: the fields of an object that say what an agent last did to a record; an empty name is not written.

    `trace_address` stands before the request's id."""

    connection: str
    object: str
    at_field: str = ""
    source_field: str = ""
    confidence_field: str = ""
    reason_field: str = ""
    agent_field: str = ""
    request_field: str = ""
    trace_address: str = ""


class PolicyDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that policy says in one workspace; what it does not name is denied (PRM-01)."""

    format: int = 1
    workspace: str
    grants: tuple[GrantRule, ...] = ()
    fields: tuple[FieldRule, ...] = ()
    actions: tuple[ActionRule, ...] = ()
    stages: tuple[StageRule, ...] = ()
    transitions: tuple[TransitionRule, ...] = ()
    provenance: tuple[ProvenanceRule, ...] = ()
    rules: tuple[RiskRule, ...] = ()
    lists: tuple[NamedList, ...] = ()
    bases: tuple[BasisRule, ...] = ()
    budgets: tuple[BudgetRule, ...] = ()
    breakers: tuple[BreakerRule, ...] = ()
    frequency: tuple[FrequencyRule, ...] = ()
    anomalies: tuple[AnomalyRule, ...] = ()
