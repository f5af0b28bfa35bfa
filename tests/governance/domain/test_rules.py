"""Rules that RevOps writes: what matches, what follows, and what happens when a fact is missing (POL-04)."""

import msgspec
import pytest

from governance.domain.decision import Requirement
from governance.domain.document import ActionRule
from governance.domain.engine import decide, decide_without_record
from governance.domain.facts import EvidenceFacts, MessageFacts, NewnessFacts, RecipientFacts, RecordFacts
from governance.domain.rule import BasisRule, Condition, NamedList, RiskRule
from governance.domain.rule_checks import stricter
from tests.builders.policy import ACTIONS, RECORD, make_facts, make_human_facts, make_index, make_request

EASY = tuple(msgspec.structs.replace(action, risk_tier="autonomous", approvals_needed=1) for action in ACTIONS)


def rule(*conditions, key="r", **changes):
    values = {
        "name": key.title(),
        "owner": "",
        "reason": "told to reviewers",
        "conditions": conditions,
        "effect": "deny",
    }
    return RiskRule(key=key, **{**values, **changes})


def when(subject, operator, *values, field=""):
    return Condition(subject=subject, operator=operator, values=values, field=field)


def judged(*rules, request=None, lists=(), bases=(), actions=EASY, **facts):
    index = make_index(rules=rules, lists=lists, bases=bases, actions=actions)
    return decide(index, make_facts(request, **facts))


def says(decision):
    return {check.check: check.code for check in decision.checks if check.check.startswith("rule")}


def matches(condition, *, request=None, lists=(), bases=(), **facts):
    return says(judged(rule(condition), request=request, lists=lists, bases=bases, **facts)) == {
        "rule:r": "rule_denied"
    }


def test_without_rules_nothing_objects():
    assert says(judged()) == {"rules": "ok"}


def test_a_rule_tells_its_reason_to_agent_and_reviewer():
    check = next(c for c in judged(rule()).checks if c.check == "rule:r")
    assert check.message == "rule “R”: told to reviewers"


@pytest.mark.parametrize(
    ("condition", "is_match"),
    [
        (when("new_value", "is", "software", field="industry"), True),
        (when("new_value", "is", "ＳＯＦＴＷＡＲＥ", field="industry"), True),
        (when("new_value", "is", "IT", field="industry"), False),
        (when("new_value", "is_not", "IT", field="industry"), True),
        (when("new_value", "one_of", "IT", "Software", field="industry"), True),
        (when("new_value", "none_of", "IT", "Retail", field="industry"), True),
        (when("new_value", "none_of", "IT", "Software", field="industry"), False),
        (when("new_value", "is", "x", field="website"), False),
        (when("new_value", "is_empty", field="website"), False),
        (when("old_value", "is", "it", field="industry"), True),
        (when("old_value", "is_empty", field="numberofemployees"), True),
        (when("old_value", "not_empty", field="numberofemployees"), False),
        (when("change", "from_to", "IT", "Software", field="industry"), True),
        (when("change", "from_to", "Software", "IT", field="industry"), False),
        (when("change", "increases_by", "219", field="numberofemployees"), True),
        (when("change", "increases_by", "220", field="numberofemployees"), False),
        (when("change", "decreases_by", "1", field="numberofemployees"), False),
        (when("new_value", "greater", "200", field="numberofemployees"), True),
        (when("new_value", "less", "220", field="numberofemployees"), False),
        (when("new_value", "between", "100", "220", field="numberofemployees"), True),
        (when("record_value", "is", "acme", field="name"), True),
        (when("record_value", "contains", "acme", field="name"), True),
        (when("confidence", "less", "0.95"), True),
        (when("confidence", "less", "0.91"), False),
        (when("field_count", "greater", "2"), True),
        (when("agent", "is", "agent.enrichment"), True),
        (when("agent", "none_of", "agent.enrichment"), False),
        (when("environment", "is", "production"), False),
        (when("reason_code", "is", "enrich.inbound"), True),
        (when("workflow", "is_empty"), True),
        (when("risk_flag", "is_empty"), True),
    ],
)
def test_each_operator(condition, is_match):
    assert matches(condition) is is_match


@pytest.mark.parametrize(
    ("condition", "held", "wanted", "is_match"),
    [
        (when("new_value", "contains", "big deal", field="country"), "x", "a Big  Deal today", True),
        (when("new_value", "contains", "big deal", field="country"), "x", "a big old deal", False),
        (when("new_value", "between", "5", "9", field="numberofemployees"), 1, 5, True),
        (when("new_value", "between", "5", "9", field="numberofemployees"), 1, 10, False),
        (when("change", "decreases_by", "5", field="numberofemployees"), 10, 4, True),
        (when("change", "decreases_by", "5", field="numberofemployees"), 10, 5, False),
        (when("change", "increases_by", "5", field="numberofemployees"), 10, 15, False),
        (when("change", "increases_by", "5", field="numberofemployees"), 10, 16, True),
        (when("change", "from_to", "", "Norway", field="country"), None, "Norway", True),
        (when("change", "from_to", "", "Norway", field="country"), "Sweden", "Norway", False),
        (when("change", "from_to", "Sweden", "", field="country"), "Sweden", None, True),
        (when("change", "from_to", "Sweden", "Norway", field="country"), None, "Norway", False),
        (when("old_value", "older", "10", field="country"), "2031-05-07T09:30:00Z", "x", False),
        (when("old_value", "older", "10", field="country"), "2031-05-07T09:29:59Z", "x", True),
        (when("old_value", "newer", "10", field="country"), "2031-05-07T09:30:00Z", "x", False),
        (when("old_value", "newer", "10", field="country"), "2031-05-07T09:30:01Z", "x", True),
        (when("old_value", "newer", "10", field="country"), "2031-06-01", "x", True),
    ],
)
def test_where_an_operator_ends(condition, held, wanted, is_match):
    record = RecordFacts(exists=True, version="7", values={**RECORD.values, condition.field: held})
    assert matches(condition, request=make_request(changes={condition.field: wanted}), record=record) is is_match


def test_dates_are_compared_with_now():
    record = RecordFacts(exists=True, version="7", values={**RECORD.values, "country": "2031-05-01"})
    old = when("old_value", "older", "10", field="country")
    assert matches(old, record=record)
    assert not matches(when("old_value", "newer", "10", field="country"), record=record)
    assert matches(when("old_value", "newer", "30", field="country"), record=record)


def test_a_rule_on_fields_looks_at_what_would_be_written():
    on_country = rule(fields=("country",))
    assert says(judged(on_country))["rule:r"] == "rule_denied"
    unchanged = make_request(changes={"country": "Norge", "industry": "Software"})
    assert says(judged(on_country, request=unchanged)) == {"rules": "ok"}


def test_actions_objects_and_actors_narrow_a_rule():
    assert says(judged(rule(actions=("create",)))) == {"rules": "ok"}
    assert says(judged(rule(objects=("deals",)))) == {"rules": "ok"}
    assert says(judged(rule(applies_to="people"))) == {"rules": "ok"}
    people = rule(applies_to="people")
    decision = decide(make_index(rules=(people,)), make_human_facts())
    assert says(decision) == {"rule:r": "rule_denied"}
    assert says(decide(make_index(rules=(rule(),)), make_human_facts())) == {"rules": "ok"}


class TestWhatFollows:
    def test_deny_outweighs_every_other_rule(self):
        decision = judged(rule(key="a"), rule(key="b", effect="approval", groups=("revops",)))
        assert decision.outcome == "deny"
        assert says(decision) == {"rule:a": "rule_denied", "rule:b": "rule_approval"}

    def test_a_rule_asks_its_own_group_and_not_the_tier(self):
        decision = judged(rule(effect="approval", groups=("legal",)))
        assert decision.outcome == "require_approval"
        assert decision.requirement == Requirement(("legal",), 1)

    def test_requirements_of_all_matching_rules_add_up(self):
        """APR-05: groups of several rules are all asked, choices stay choices, the largest number of people holds."""
        decision = judged(
            rule(key="a", effect="approval", groups=("legal",)),
            rule(key="b", effect="approval", any_groups=("sales", "success"), count=3),
            rule(key="c", effect="approval"),
        )
        assert decision.requirement == Requirement(("legal", "revops"), 3, (("sales", "success"),))

    def test_a_choice_is_met_by_a_group_that_is_asked_anyway(self):
        decision = judged(
            rule(key="a", effect="approval", groups=("sales",)),
            rule(key="b", effect="approval", any_groups=("sales", "success")),
        )
        assert decision.requirement == Requirement(("sales",), 1)

    def test_tier_and_rule_are_both_asked(self):
        request = make_request(changes={"annualrevenue": 5.0})
        decision = judged(rule(effect="approval", groups=("legal",)), request=request)
        assert decision.requirement == Requirement(("legal", "revops"), 1)

    def test_without_anyone_to_ask_it_is_denied(self):
        actions = (ActionRule(action="update", risk_tier="autonomous"),)
        assert judged(rule(effect="approval"), actions=actions).outcome == "deny"

    def test_a_raised_tier_is_told_and_never_lowered(self):
        assert judged(rule(effect="raise_tier", tier="approval")).risk_tier == "approval"
        assert judged(rule(effect="raise_tier", tier="approval")).outcome == "require_approval"
        assert judged(rule(effect="raise_tier", tier="blocked")).outcome == "deny"
        gated = judged(rule(effect="raise_tier", tier="gated"))
        assert (gated.outcome, gated.risk_tier) == ("allow", "gated")
        strict = (ActionRule(action="update", risk_tier="approval", approver_groups=("revops",)),)
        assert judged(rule(effect="raise_tier", tier="gated"), actions=strict).risk_tier == "approval"

    def test_what_a_rule_gates_goes_to_a_person_when_the_agent_flags_a_risk(self):
        request = make_request(risk_flags=("persona_ambiguous",))
        decision = judged(rule(effect="raise_tier", tier="gated"), request=request)
        assert decision.outcome == "require_approval"

    def test_a_tier_that_nobody_knows_is_the_strictest(self):
        assert stricter("blocked", "strange") == stricter("strange", "autonomous") == "strange"
        assert stricter("gated", "approval") == "approval"


class TestFailClosed:
    def test_a_number_that_is_none_denies(self):
        condition = when("old_value", "greater", "5", field="country")
        assert says(judged(rule(condition, effect="approval"))) == {"rule:r": "check_failed"}

    def test_a_field_that_was_not_read_denies(self):
        values = {name: value for name, value in RECORD.values.items() if name != "website"}
        decision = judged(
            rule(when("record_value", "is_empty", field="website"), effect="approval"),
            record=RecordFacts(exists=True, version="7", values=values),
        )
        assert says(decision) == {"rule:r": "check_failed"}

    @pytest.mark.parametrize("subject", ["newness", "duplicate"])
    def test_a_look_up_that_failed_denies(self, subject):
        operator = ("one_of", "person") if subject == "newness" else ("not_empty",)
        assert says(judged(rule(when(subject, *operator), effect="approval"))) == {"rule:r": "check_failed"}

    def test_recipients_that_could_not_be_resolved_deny(self):
        condition = when("recipient", "is", "a@b.example")
        assert says(judged(rule(condition), recipients=None)) == {"rule:r": "check_failed"}

    def test_a_text_too_long_to_look_through_denies(self):
        message = MessageFacts(body="x" * 70_000)
        decision = judged(rule(when("finding", "one_of", "pricing")), request=make_request(message=message))
        assert says(decision) == {"rule:r": "text_too_long"}

    def test_nobody_reads_the_crm_for_what_a_rule_denies_anyway(self):
        always = rule(when("agent", "is", "agent.enrichment"))
        early = decide_without_record(make_index(rules=(always,), actions=EASY), make_facts(record=None))
        assert early is not None
        assert says(early) == {"rule:r": "rule_denied", "rules": "not_asked"}
        later = rule(when("record_value", "is", "Acme", field="name"))
        assert decide_without_record(make_index(rules=(later,), actions=EASY), make_facts(record=None)) is None


ACCOUNTS = NamedList(name="vip", kind="domains", entries=("acme.com",))
VENDORS = NamedList(name="vendors", kind="domains", entries=("clearbit.com",))


class TestLists:
    """CNT-03, CNT-04: allowed vendors and mailboxes, high-value accounts, restricted segments."""

    def on(self, website):
        record = RecordFacts(exists=True, version="7", values={**RECORD.values, "website": website})
        return matches(when("account", "on_list", "vip"), lists=(ACCOUNTS,), record=record)

    @pytest.mark.parametrize("website", ["https://acme.com", "http://www.ACME.com/about", "https://mail.acme.com:443"])
    def test_an_account_is_known_by_the_domains_it_holds(self, website):
        assert self.on(website)

    @pytest.mark.parametrize(
        "website", ["https://notacme.com", "https://acme.com.evil.example", "https://evil.example/?q=acme.com", None]
    )
    def test_another_domain_is_another_account(self, website):
        assert not self.on(website)

    def test_an_account_off_the_list_has_none_of_its_keys_on_it(self):
        off = when("account", "not_on_list", "vip")
        for website, is_off in (("https://acme.com", False), ("https://rival.com", True), (None, True)):
            record = RecordFacts(exists=True, version="7", values={**RECORD.values, "website": website})
            assert matches(off, lists=(ACCOUNTS,), record=record) is is_off

    def test_an_account_is_known_by_its_record(self):
        listed = NamedList(name="vip", kind="records", entries=("companies:101",))
        assert matches(when("account", "on_list", "vip"), lists=(listed,))

    def test_lists_include_lists(self):
        outer = NamedList(name="all", kind="domains", includes=("vip",))
        record = RecordFacts(exists=True, version="7", values={**RECORD.values, "website": "https://acme.com"})
        assert matches(when("account", "on_list", "all"), lists=(outer, ACCOUNTS), record=record)

    @pytest.mark.parametrize(
        ("vendor", "is_off"),
        [
            ("https://clearbit.com/x", False),
            ("https://api.clearbit.com/x", False),
            ("https://clearbit.com.evil.example/", True),
            ("https://clearbit.com@evil.example/", True),
            ("https://evil.example/@clearbit.com", True),
            ("https://clеarbit.com/", True),
            ("https://CLEARBIT.com\\@evil.example/", False),
        ],
    )
    def test_a_source_off_the_list_of_vendors_is_found_out(self, vendor, is_off):
        request = make_request(evidence=EvidenceFacts(sources=1, vendors=(vendor,)))
        assert matches(when("vendor", "not_on_list", "vendors"), request=request, lists=(VENDORS,)) is is_off

    def test_a_message_from_nowhere_is_from_no_allowed_mailbox(self):
        boxes = NamedList(name="boxes", kind="addresses", entries=("sales@acme.com",))
        condition = when("mailbox", "not_on_list", "boxes")
        for sender, is_off in (("sales@acme.com", False), ("Sales@ACME.com", False), ("x@acme.com", True), ("", True)):
            request = make_request(message=MessageFacts(sender=sender))
            assert matches(condition, request=request, lists=(boxes,)) is is_off
        assert not matches(condition, lists=(boxes,))

    def test_a_recipient_is_found_by_its_domain(self):
        to = RecipientFacts(kind="email", address="Ceo@Mail.Acme.com")
        assert matches(when("recipient", "on_list", "vip"), lists=(ACCOUNTS,), recipients=(to,))


class TestWhoIsTouched:
    def test_first_touch(self):
        """APR-08."""
        condition = when("newness", "one_of", "domain")
        assert matches(condition, newness=NewnessFacts(is_new_person=True, is_new_domain=True))
        assert not matches(condition, newness=NewnessFacts(is_new_person=True, is_new_domain=False))

    def test_duplicates(self):
        """CNT-05."""
        assert matches(when("duplicate", "not_empty"), duplicates=("leads:4",))
        assert not matches(when("duplicate", "not_empty"), duplicates=())

    def test_lawful_basis_by_region(self):
        """CNT-06: none recorded, or `none` recorded, is no basis."""
        bases = (
            BasisRule(object="companies", field="country", value="Norge", basis="legitimate_interest"),
            BasisRule(object="companies", field="country", value="Germany", basis="none"),
        )
        missing = when("lawful_basis", "is_empty")
        assert not matches(missing, bases=bases)
        assert matches(when("lawful_basis", "is", "legitimate_interest"), bases=bases)
        for country in ("Germany", "France", None):
            record = RecordFacts(exists=True, version="7", values={**RECORD.values, "country": country})
            assert matches(missing, bases=bases, record=record)
