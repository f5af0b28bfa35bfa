"""The ledger's commands, as an operator meets them."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import LedgerLeaf, PendingEvent
from tests.builders.audit import append, execute, fill_ledger, new_event, owner_rights


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_whole_ledger_verifies_and_nothing_is_sequenced_unasked():
    fill_ledger(3)
    append(new_event())
    assert "4 events, 3 leaves, 1 pending, 1 checkpoints\nthe ledger verifies" in run("verify_ledger")
    assert PendingEvent.objects.count() == 1
    assert "4 events, 4 leaves, 0 pending, 2 checkpoints" in run("verify_ledger", "--sequence")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_tampered_ledger_fails_with_exit_code_1_and_says_where(arguments, capsys):
    (event_id, *_) = fill_ledger(3)
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET actor_id = 'agent.other'")
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify_ledger", *arguments, stdout=out)
    assert caught.value.returncode == 1
    assert "columns_changed" in out.getvalue()
    assert str(event_id) in out.getvalue()
    if arguments:
        assert json.loads(out.getvalue())["problem_count"] == 3


@pytest.mark.django_db(transaction=True)
def test_a_ruined_ledger_is_listed_in_part():
    fill_ledger(120)
    with owner_rights():
        execute("UPDATE audit_ledgerevent SET actor_id = 'agent.other'")
    out = StringIO()
    with pytest.raises(CommandError, match="120 problems"):
        call_command("verify_ledger", stdout=out)
    assert "and 20 more" in out.getvalue()


@pytest.mark.django_db
def test_an_export_says_what_it_wrote(tmp_path):
    fill_ledger(3)
    assert run("export_ledger", str(tmp_path / "out")).startswith("3 events exported")
    with pytest.raises(CommandError, match="not empty"):
        run("export_ledger", str(tmp_path / "out"))
    assert LedgerLeaf.objects.count() == 3
