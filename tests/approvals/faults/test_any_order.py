"""Whatever happens in whatever order, the invariants hold: a machine tries orders nobody thought of."""

import dataclasses
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from approvals.models import AgentActionRequest, Attempt
from approvals.services.revert import RevertError
from approvals.services.review import ReviewError
from approvals.services.sweep import run_due
from audit.models import LedgerEvent
from audit.selectors.clock import get_now
from crm_connectors.port import ConnectorError
from crm_connectors.services.connectors import CONNECTOR_KINDS
from crm_connectors.services.embedded_edit import edit_record
from governance.models import KillSwitch
from tests.approvals.services.test_revert import revert
from tests.builders.api import make_site
from tests.builders.approvals import count_writes, execute, get, submit, vote
from tests.builders.governance import make_switch
from tests.doubles.faulty_connector import Fault, FaultySwitchboard, SimulatedCrash

pytestmark = pytest.mark.django_db

REAL = CONNECTOR_KINDS["embedded"]
PICK = st.integers(0, 50)


class Lives(RuleBasedStateMachine):
    """Several requests on one record, with everyone interfering."""

    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.board = FaultySwitchboard()
        CONNECTOR_KINDS["embedded"] = dataclasses.replace(REAL, make=lambda wiring: self.board.wrap(REAL.make(wiring)))
        self.site = make_site()
        self.ids = []

    def teardown(self):
        CONNECTOR_KINDS["embedded"] = REAL
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def pick(self, number):
        return self.ids[number % len(self.ids)]

    @rule(value=st.integers(101, 103), is_named=st.booleans())
    def propose(self, value, is_named):
        changes = {"numberofemployees": value, **({"name": f"Firm {value}"} if is_named else {})}
        self.ids.append(submit(self.site, changes=changes, expected=None).request_id)

    @precondition(lambda self: self.ids)
    @rule(number=PICK, verdict=st.sampled_from(["approve", "approve", "deny"]), is_stale=st.booleans())
    def cast(self, number, verdict, is_stale):
        request = get(self.pick(number))
        try:
            vote(self.site, request, verdict=verdict, digest="sha256:stale" if is_stale else "")
        except ReviewError:
            return
        assert not is_stale

    @precondition(lambda self: self.ids)
    @rule(number=PICK, fault=st.sampled_from([None, None, None, *Fault]))
    def run(self, number, fault):
        if fault not in (None, Fault.SLOW):
            self.board.plan("send", fault, retry_after_seconds=0)
        try:
            execute(self.pick(number))
        except SimulatedCrash:
            pass
        finally:
            self.board._plans.clear()

    @rule()
    def work(self):
        AgentActionRequest.objects.filter(pk__in=self.ids).update(not_before=None)
        run_due(worker="machine")

    @rule(value=st.integers(101, 104))
    def a_person_edits(self, value):
        try:
            edit_record(
                connection_id=self.site.connection_id,
                object_type="companies",
                record_id=self.site.company,
                values={"numberofemployees": value},
                actor="human:petra",
                now=get_now(),
            )
        except ConnectorError:
            return

    @precondition(lambda self: self.ids)
    @rule(number=PICK)
    def time_runs_out(self, number):
        AgentActionRequest.objects.filter(pk=self.pick(number)).update(expires_at=get_now() - timedelta(seconds=1))

    @rule()
    def switch(self):
        if not KillSwitch.objects.all().delete()[0]:
            make_switch(self.site.world.workspace, "all")

    @precondition(lambda self: self.ids)
    @rule(number=PICK)
    def take_back(self, number):
        try:
            self.ids.append(revert(self.site, get(self.pick(number))).request_id)
        except RevertError:
            return

    @invariant()
    def every_effect_is_single_and_answered_for(self):
        for request in AgentActionRequest.objects.filter(pk__in=getattr(self, "ids", [])):
            fields = len(request.patch)
            writes = count_writes(request.pk)
            told = list(
                LedgerEvent.objects.filter(subject_id=str(request.pk)).order_by("id").values_list("type", flat=True)
            )
            assert writes <= fields, (request.status, writes)
            if writes:
                assert "request.sent" in told, "an effect without an intent on record"
                if request.outcome == "require_approval":
                    assert "request.approved" in told, "an effect without its votes"
            if request.status == "executed":
                assert "request.verified" in told or "request.outcome_unknown" in told
                assert writes >= 1
            if request.status in ("denied", "cancelled", "expired"):
                assert "request.sent" not in told or "request.released" in told
            assert Attempt.objects.filter(request=request).count() == request.attempts_count


def test_the_invariants_hold_in_any_order():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
