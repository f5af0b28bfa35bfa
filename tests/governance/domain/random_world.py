"""Random policies and proposals in a world small enough that they often meet. The same seed gives the same pair."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from governance.domain.budget_defaults import DEFAULT_BUDGETS
from governance.domain.document import (
    ActionRule,
    AnomalyRule,
    BreakerRule,
    BudgetRule,
    FieldRule,
    GrantRule,
    PolicyDocument,
    ProvenanceRule,
    StageRule,
    TransitionRule,
)
from governance.domain.facts import (
    AgentFacts,
    BreakerFacts,
    BreakGlassFacts,
    BudgetFacts,
    ClosedField,
    ConnectionFacts,
    CorrectionFacts,
    DelegationFacts,
    DncFacts,
    DncHit,
    EvidenceFacts,
    Facts,
    LastWrite,
    MessageFacts,
    NewnessFacts,
    ProvenanceFacts,
    RecipientFacts,
    RecordFacts,
    RequestFacts,
    SwitchFacts,
    UsageFacts,
)
from governance.domain.rule import Condition, NamedList, RiskRule
from governance.domain.rule_terms import SUBJECTS, VALUE_COUNTS
from governance.domain.vocabulary import Action, AutonomyLevel, Classification, Lifecycle, PermissionLevel, RiskTier
from tests.builders.policy import NOW
from tests.governance.domain.frequency_world import CAPS, Touches

Value = TypeVar("Value")
NAMES = ("amount", "city", "note", "stage", "twin")
OBJECTS = ("companies", "deals")
KNOWN = NewnessFacts(is_new_person=False, is_new_domain=False)
CLOSED = [(ClosedField("city", "unreviewed"),), (ClosedField("twin", "gone"), ClosedField("note", "unreviewed"))]
STAGES = ("open", "lost")
SIGNED = ProvenanceRule(
    connection="crm", object="companies", reason_field="note", request_field="city", trace_address="t/"
)
ACTIONS = tuple(action.value for action in Action)
TEXTS = (
    "Oslo",
    "open",
    "lost",
    "a discount",
    "",
    "  ",
    "a\nb",
    "x" * 9,
    "7",
    "٧",
    "2031-02-28",
    "2031-02-30",
    "0000-00-00",
)
VALUES = (*TEXTS, "Oslo", "Bergen", None, 7, 2.0, 2, -0.0, 2**53, True, False, float("nan"), float("inf"), [], {})
LISTS = (
    NamedList(name="words", kind="terms", entries=("Oslo", "lost"), includes=("more",)),
    NamedList(name="more", kind="terms", entries=("discount",), includes=("words",)),
    NamedList(name="records", kind="records", entries=("companies:1", "deals:2")),
)
_WORDS = ("Oslo", "lost", "discount")
_NUMBERS = ("0", "2", "7")
CONDITIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    *(
        (subject, ("is", "is_not", "one_of", "none_of", "contains", "is_empty", "not_empty", "on_list"), _WORDS)
        for subject in ("new_value", "old_value", "record_value")
    ),
    ("new_value", ("not_on_list",), _WORDS),
    ("new_value", ("greater", "less"), _NUMBERS),
    ("change", ("increases_by", "decreases_by"), _NUMBERS),
    ("change", ("from_to",), _WORDS),
    ("confidence", ("less", "greater"), ("0.5", "0.95")),
    ("field_count", ("less", "greater"), ("1", "2")),
    ("agent", ("is", "none_of"), ("agent.a", "agent.b")),
    ("environment", ("is", "is_not"), ("sandbox", "production")),
    ("workflow", ("is", "is_empty", "contains"), ("nightly", "inbound")),
    ("risk_flag", ("is", "is_empty", "not_empty"), ("persona_ambiguous", "other")),
    ("account", ("on_list", "not_on_list"), ()),
    ("newness", ("one_of", "none_of"), ("person", "domain")),
    ("duplicate", ("is_empty", "not_empty"), ()),
    ("finding", ("one_of", "none_of"), ("pricing", "links", "attachments")),
    ("text", ("contains", "on_list", "not_on_list"), _WORDS),
)
SWITCHES = (
    SwitchFacts(is_all_stopped=True),
    SwitchFacts(is_agent_stopped=True),
    SwitchFacts(is_write_back_off=True),
    SwitchFacts(is_read_only=True),
    SwitchFacts(is_send_off=True),
    SwitchFacts(is_enroll_off=True),
    SwitchFacts(is_send_off=True, is_enroll_off=True),
)


BREAKERS = tuple(
    BreakerRule(
        name=name,
        signal="errors",
        environment=environment,
        agent=agent,
        actions=actions,
        window_seconds=600,
        min_calls=10,
        ratio=0.5,
        open_seconds=120,
        probes=2,
    )
    for name, environment, agent, actions in (
        ("all", "sandbox", "", ()),
        ("updates", "sandbox", "agent.a", ("update", "create")),
        ("others", "sandbox", "agent.b", ()),
        ("production", "production", "", ()),
    )
)
OPENED = tuple(
    SwitchFacts(breakers=tuple(BreakerFacts(name, NOW - timedelta(seconds=age)) for name in names))
    for names in (("all",), ("updates", "all"), ("others", "production"), ("gone",))
    for age in (5, 120, 600)
)
USUAL = (SwitchFacts(usual=0), SwitchFacts(usual=5), SwitchFacts(usual=600))
PROBED = (tuple(BudgetFacts("probes", name, "probes", "probes", 2) for name in ("all", "updates")),)

ANOMALIES = (
    AnomalyRule(signal="volume", window="minute", floor=5, factor=2.0),
    AnomalyRule(signal="volume", window="minute", floor=9, scope="agent.a"),
    AnomalyRule(signal="volume", window="hour", floor=7, factor=3.0),
    AnomalyRule(signal="volume", window="hour", floor=2, scope="agent.b"),
)
VOLUMES = tuple(
    tuple(BudgetFacts("volume", "agent.a", "volume", window, used) for window in ("minute", "hour"))
    for used in (4, 6, 8, 11, 30)
)

KINDS = ("email", "phone", "domain", "person", "company")
JANE = (
    RecipientFacts(kind="email", address="jane@acme.example"),
    RecipientFacts(kind="phone", address="+12025550123"),
)
OTHERS = (
    None,
    (),
    JANE[:1],
    JANE[1:],
    (*JANE, RecipientFacts(kind="email", address="jane")),
    (*JANE, RecipientFacts(kind="phone", address="911")),
)


SOON, PAST = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)
WRITTEN = tuple(NOW - timedelta(days=days) for days in (0, 1, 20, 30, 40))
OBSERVED = (None, NOW, NOW + timedelta(hours=1), NOW - timedelta(days=25), NOW - timedelta(days=60))
GLASSES = tuple(BreakGlassFacts(id="g", expires_at=moment) for moment in (SOON, PAST, NOW))


BUDGETS = (
    BudgetRule(key="agent", unit="writes", window="hour", limit=5),
    BudgetRule(key="agent", unit="writes", window="hour", limit=3, scope="agent.a"),
    BudgetRule(key="record", unit="writes", window="day", limit=2),
    BudgetRule(key="segment", unit="writes", window="day", limit=1, segment_field="city"),
    BudgetRule(key="workspace", unit="api_calls", window="minute", limit=6),
    BudgetRule(key="workspace", unit="creates", window="day", limit=0, scope="other"),
    BudgetRule(key="mailbox", unit="sends", window="day", limit=4, scope="ann@acme.example"),
    BudgetRule(key="recipient_domain", unit="sends", window="day", limit=1),
    BudgetRule(key="agent", unit="spend", window="day", limit=9, currency="EUR"),
    BudgetRule(key="agent", unit="tokens", window="hour", limit=100),
)
COUNTED = tuple(
    tuple(
        BudgetFacts(rule.key, value, rule.unit + (":EUR" if rule.currency else ""), rule.window, rule.limit)
        for rule in (*BUDGETS, *DEFAULT_BUDGETS)
    )
    for value in ("agent.a", "crm/companies/1", "city=Oslo", "acme", "x.example", "example.com")
)


class Lists:
    """What the do-not-contact list may say of so many recipients."""

    def dnc(self, asked):
        if asked == 0:
            return self.mostly(DncFacts(asked=0), (None, DncFacts(asked=1)))
        last = asked - 1
        others = (
            None,
            DncFacts(asked=asked + 1),
            *(DncFacts(asked=asked, hits=(DncHit(entry="e", kind=kind, recipient=last),)) for kind in KINDS),
            DncFacts(asked=asked, hits=tuple(DncHit(entry=kind, kind=kind, recipient=0) for kind in KINDS)),
            DncFacts(asked=asked, unreadable=(0,)),
            DncFacts(asked=asked, unreadable=(last,)),
        )
        return self.mostly(DncFacts(asked=asked), others)


class World(Lists, Touches):
    """One source of chance. `odds` is how many times in a hundred something unusual is taken."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - chance, not secrecy
        self.odds = self.random.choice((1, 3, 10, 30))
        self.files = random.Random(~seed)  # noqa: S311 - of its own, so that the other worlds stay as they were
        self.hands = random.Random(seed ^ 0xC0)  # noqa: S311 - likewise, for what people corrected

    def mostly(self, usual: Value, others: Sequence[Value]) -> Value:
        return self.random.choice(others) if self.random.randrange(100) < self.odds else usual

    def some(self, values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(value for value in values if self.random.randrange(3))

    def document(self) -> PolicyDocument:
        fields = tuple(self.field(object_type, name) for object_type in OBJECTS for name in self.some(NAMES))
        keys = {
            (self.mostly("sandbox", ["production"]), self.random.choice(OBJECTS), self.random.choice(ACTIONS))
            for _ in range(4)
        }
        keys |= (
            {("sandbox", "companies", "update"), ("sandbox", "companies", "create")}
            if self.random.randrange(9)
            else set()
        )
        return PolicyDocument(
            workspace="acme",
            grants=tuple(self.grant(key) for key in sorted(keys)),
            fields=fields,
            actions=tuple(self.action(action) for action in self.mostly(ACTIONS, [(), ("create",)])),
            budgets=self.some(BUDGETS),
            breakers=self.some(BREAKERS),
            frequency=tuple(cap for cap in CAPS if not self.random.randrange(4)),
            anomalies=self.some(ANOMALIES),
            transitions=self.mostly((), [self.transitions()]),
            provenance=self.mostly((), [(SIGNED,), (msgspec.structs.replace(SIGNED, agent_field="twin"),)]),
            stages=tuple(
                StageRule(
                    connection="crm", object=object_type, stage_field="stage", stage=stage, required_fields=("city",)
                )
                for object_type in OBJECTS
                for stage in self.some(STAGES)
            ),
            rules=tuple(self.rule(number) for number in range(self.random.choice((0, 0, 1, 3, 8)))),
            lists=LISTS,
        )

    def rule(self, number: int) -> RiskRule:
        effect = self.random.choice(("approval", "approval", "raise_tier", "deny"))
        return RiskRule(
            key=f"rule-{number}",
            name=f"Rule {number}",
            owner="",
            reason="because",
            applies_to=self.random.choice(("agents", "agents", "people", "everyone")),
            actions=self.mostly((), [("update",), ("create", "draft")]),
            objects=self.mostly((), [("companies",), ("deals",)]),
            fields=self.random.choice(((), ("city",), ("note", "stage"), ("twin",))),
            conditions=tuple(self.condition() for _ in range(self.random.randrange(3))),
            effect=effect,
            groups=self.random.choice(((), ("legal",), ("legal", "revops"))) if effect == "approval" else (),
            any_groups=self.random.choice(((), ("sales", "success"))) if effect == "approval" else (),
            count=self.random.choice((1, 1, 2)) if effect == "approval" else 1,
            tier=self.random.choice(("gated", "approval", "blocked")) if effect == "raise_tier" else "",
        )

    def condition(self) -> Condition:
        subject, operators, values = self.random.choice(CONDITIONS)
        operator = self.random.choice(operators)
        least, _ = VALUE_COUNTS[operator]
        chosen = self.random.choices(values, k=least) if values else []
        if operator in ("one_of", "none_of"):
            chosen = self.random.sample(values, min(2, len(values)))
        if operator in ("on_list", "not_on_list"):
            chosen = ["records" if subject == "account" else "words"]
        field = self.random.choice(NAMES) if SUBJECTS[subject].has_field else ""
        return Condition(subject=subject, operator=operator, field=field, values=tuple(chosen))

    def transitions(self) -> tuple[TransitionRule, ...]:
        return tuple(
            TransitionRule(
                connection="crm", object="companies", stage_field="stage", from_stage=stage, to_stages=self.some(STAGES)
            )
            for stage in self.some(("", *STAGES))
        )

    def field(self, object_type: str, name: str) -> FieldRule:
        return FieldRule(
            connection="crm",
            object=object_type,
            field=name,
            label=name,
            type=self.mostly("string", ["integer", "number", "boolean", "picklist", "date", "matrix"]),
            is_read_only=self.mostly(False, [True]),
            is_required=self.mostly(False, [True]),
            max_length=self.random.choice((None, 8)),
            options=STAGES,
            review_state=self.mostly("reviewed", ["unreviewed", "gone", "odd"]),
            classification=self.mostly("enrichment", [item.value for item in Classification]),
            permission_level=self.mostly("safe_write", [item.value for item in PermissionLevel]),
            allowed_writers=self.mostly(("agent", "human"), [(), ("human",), ("agent",)]),
            is_golden=self.mostly(False, [True]),
            review_required=self.mostly(False, [True]),
            suggestion_field=self.random.choice(("", "twin", "note", "missing")),
            promote_on_approval=self.mostly(False, [True]),
            refresh_after_days=self.mostly(None, [0.5, 30.0]),
            owner=self.mostly("", ["revops", "legal"]),
            source_of_truth=self.mostly("CRM", ["", "agent", "ERP"]),
            components_field=self.mostly("", ["note", "twin"]),
            version_field=self.mostly("", ["city"]),
            rollback_method=self.mostly("revert", ["by_hand", "none"]),
            revenue_field=self.mostly("", ["Amount", "Close date", "Lifecycle Stage"]),
        )

    def grant(self, key: tuple[str, str, str]) -> GrantRule:
        return GrantRule(
            agent="agent.a",
            connection="crm",
            environment=key[0],
            object=key[1],
            action=key[2],
            read_fields=self.some(NAMES),
            write_fields=self.mostly(NAMES, [(), ("twin",), ("city", "stage"), ("note", "twin")]),
        )

    def action(self, action: str) -> ActionRule:
        return ActionRule(
            action=action,
            risk_tier=self.mostly("gated", [item.value for item in RiskTier]),
            approver_groups=self.mostly(("revops",), [(), ("legal", "revops")]),
            approvals_needed=self.random.randrange(3),
            min_confidence=self.random.choice((0.0, 0.5)),
            min_evidence=self.random.randrange(2),
        )

    def changes(self) -> dict[str, object]:
        names = self.random.sample(NAMES, self.random.randrange(4))
        return {name: self.value() for name in self.mostly(names, [[*names, "unknown"]])}

    def export(self) -> dict[str, object]:
        return {
            "object": self.mostly("companies", ["deals", None]),
            "fields": self.mostly(", ".join(self.some(NAMES)), [None, "city", "unknown"]),
            "filters": self.mostly(None, ['{"city": "Oslo"}', '{"unknown": 1}']),
            "row_limit": self.mostly(10, [0, 2_000, "7", True]),
        }

    def value(self) -> object:
        return self.mostly(self.random.choice(("Oslo", "Bergen", "open", "lost", "", None)), VALUES)

    def agent(self) -> AgentFacts:
        return AgentFacts(
            name="agent.a",
            lifecycle=self.mostly("active", [item.value for item in Lifecycle]),
            autonomy_level=self.mostly("autonomous", [*(item.value for item in AutonomyLevel), "odd"]),
            is_credential_active=self.mostly(True, [False]),
            version="v",
        )

    def request(self) -> RequestFacts:
        action = self.mostly("update", ACTIONS)
        return RequestFacts(
            action=action,
            object=self.mostly("companies", ["deals", "ghosts"]),
            target_object=self.mostly("companies" if action == "export" else "", ["companies", "deals", "ghosts"]),
            target_id=self.mostly("2", [""]),
            record_id=self.mostly("1", [None, ""]),
            changes=self.changes() | (self.export() if action == "export" else {}),
            expected=self.mostly({}, [{"city": "Oslo"}, {"unknown": 1}]),
            reason_code="r",
            confidence=self.mostly(0.9, [0.1, float("nan"), 1.5, -1.0]),
            evidence=EvidenceFacts(sources=self.mostly(1, [0]), observed_at=self.random.choice(OBSERVED)),
            correlation_id=self.mostly("c", ["", "  "]),
            risk_flags=self.mostly((), [("persona_ambiguous",)]),
            source_workflow=self.mostly("", ["nightly", "inbound sync"]),
            on_behalf_of=self.random.choice(("", "", "", "rep@example.com")),
            message=self.message(),
            usage=self.mostly(None, [UsageFacts(tokens=101), UsageFacts(spend_micros=9, currency="EUR"), UsageFacts()]),
        )

    def message(self) -> MessageFacts | None:
        """With or without a file, that says something or nothing."""
        if self.files.randrange(3):
            return None
        names = self.files.choice(((), ("a.pdf",), ("a.pdf", "b.csv")))
        return MessageFacts(attachments=names, attached_text=self.files.choice(("", "discount")) if names else "")

    def last_write(self) -> LastWrite:
        return LastWrite(
            field=self.random.choice(NAMES), at=self.random.choice(WRITTEN), is_by_agent=bool(self.random.randrange(2))
        )

    def delegation(self) -> DelegationFacts:
        return DelegationFacts(
            id="d",
            person="p",
            connection=self.mostly("", ["crm", "other"]),
            actions=self.mostly(ACTIONS, [(), ("create",), ("update",)]),
            objects=self.mostly(OBJECTS, [(), ("deals",), ("companies",)]),
            expires_at=self.mostly(SOON, [PAST, NOW]),
        )

    def facts(self) -> Facts:
        record = RecordFacts(
            exists=self.mostly(True, [False]),
            values={name: self.value() for name in NAMES},
            last_writes=self.mostly(tuple(self.last_write() for _ in range(self.random.randrange(4))), [None]),
        )
        return Facts(
            now=NOW,
            workspace=self.mostly("acme", ["other"]),
            actor_type=self.random.choice(("agent", "agent", "agent", "human", self.mostly("agent", ["system"]))),
            agent=self.mostly(self.agent(), [None]),
            human_roles=self.mostly(("revops",), [(), ("sales",)]),
            connection=ConnectionFacts(
                name="crm",
                environment=self.mostly("sandbox", ["production", "odd"]),
                is_active=self.mostly(True, [False]),
            ),
            switches=self.mostly(SwitchFacts(), [*SWITCHES, SwitchFacts(breakers=None), *USUAL, *OPENED]),
            request=self.request(),
            record=self.mostly(record, [None]),
            reverses=bool(self.random.randrange(2)),
            is_grant_withdrawn=self.mostly(False, [True]),
            recipients=(recipients := self.mostly(JANE, OTHERS)),
            dnc=self.dnc(len(recipients or ())),
            frequency=self.frequency(len(recipients or ())),
            target=self.mostly(record, [None, RecordFacts(exists=False)]),
            newness=self.mostly(NewnessFacts(is_new_person=True, is_new_domain=False), [None, KNOWN]),
            duplicates=self.mostly((), [None, ("leads:4",)]),
            delegation=self.mostly((self.delegation(),), [None, (), (self.delegation(), self.delegation())]),
            break_glass=self.mostly(BreakGlassFacts(), [None, BreakGlassFacts(id="g"), *GLASSES]),
            closed_fields=self.mostly((), CLOSED),
            provenance=self.mostly(ProvenanceFacts(at=NOW, request="r-1", reason="why"), [None]),
            is_second_look=self.mostly(False, [True]),
            budgets=self.mostly((), [None, *COUNTED, *PROBED, *VOLUMES]),
            correction=self.correction(),
        )

    def correction(self) -> CorrectionFacts | None:
        """A person changed what was proposed, after these were asked: nobody, groups, a choice of groups, several."""
        if self.hands.randrange(4):
            return None
        return CorrectionFacts(
            person="p",
            at=NOW,
            fields=("city",),
            groups=self.hands.choice(((), ("revops",), ("legal", "sales"))),
            alternatives=self.hands.choice(((), (), (("sales", "success"),), (("legal", "ops"), ("ops", "success")))),
            count=self.hands.choice((0, 1, 2, 3)),
        )
