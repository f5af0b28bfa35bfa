"""The background's turn: every duty by itself."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from approvals.services import study as studying
from approvals.services.study import study
from audit.selectors.clock import get_now
from governance.models import PolicyBacktest
from governance.services.backtests import start_backtest
from tests.builders.api import make_site

pytestmark = pytest.mark.django_db
FIRST = (
    "work_on_address_changes",
    "work_on_opt_outs",
    "work_on_syncs",
    "work_on_copies",
    "run_shadows",
    "work_on_imports",
)


def start():
    world = make_site().world
    start_backtest(workspace_id=world.workspace.pk, person_id=world.owner.pk, days=7, now=get_now())


def breaking(error):
    def fail(**_):
        raise error

    return fail


@pytest.mark.parametrize("duty", FIRST)
def test_a_duty_that_breaks_keeps_no_other_waiting(duty, monkeypatch):
    """POL-06, DNC-04: a broken schema sync is no reason that opt-outs wait, nor the other way round."""
    start()
    monkeypatch.setattr(studying, duty, breaking(DatabaseError("gone")))
    assert study(seconds=5)
    assert PolicyBacktest.objects.get().state == "done"


def test_the_last_one_that_breaks_ends_the_turn_quietly(monkeypatch):
    start()
    monkeypatch.setattr(studying, "run_backtest", breaking(DatabaseError("gone")))
    assert not study(seconds=5)


def test_a_worker_whose_time_is_up_ends(monkeypatch):
    monkeypatch.setattr(studying, "work_on_syncs", breaking(SoftTimeLimitExceeded()))
    with pytest.raises(SoftTimeLimitExceeded):
        study(seconds=5)
