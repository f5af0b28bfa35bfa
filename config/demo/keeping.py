"""What RevOps and compliance keep up: tables as files, a draft that is asked, an entry that takes two to come off."""

import json
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.core.management import call_command

from approvals.models import AgentActionRequest
from approvals.services.trying import try_proposal
from audit.domain.event import Actor
from audit.selectors.clock import get_now
from config.demo.story import COMPLIANCE, MANAGER, REVOPS, who
from governance.models import Connection, DncEntry
from governance.selectors.access import NotAllowedError
from governance.services.change_proposals import countersign_change
from governance.services.dnc_entries import NewDncEntry, add_dnc_entry
from governance.services.dnc_removal import propose_dnc_removal
from governance.services.inventory_files import INVENTORY
from governance.services.matrix_files import MATRIX
from governance.services.table_files import FileTable, export_table, preview_import, stage_import

Say = Callable[[str], None]
WRONG_NUMBER = "+1 202 555 0142"


def keep_up(say: Say) -> None:
    """The chapter as a whole."""
    bring_tables(say)
    plan_as_file(say)
    propose_to_take_off(say)


def bring_tables(say: Say) -> None:
    """The matrix and the inventory go out as workbooks and are looked at again: not one change."""
    workspace_id, user_id, now = _workspace(), who(REVOPS)["user_id"], get_now()
    told = [_round_trip(table, workspace_id, user_id, now) for table in (MATRIX, INVENTORY)]
    say(f"RevOps took {' and '.join(told)}.")


def try_on_draft(say: Say) -> None:
    """A proposal that nobody made is asked of the policy in force and of the edited rows."""
    asked = AgentActionRequest.objects.filter(agent__isnull=False, action="create_task").order_by("-id").first()
    if asked is None or asked.agent_id is None:
        return
    body = json.dumps(asked.body | {"confidence": 0.7}).encode()
    trial = try_proposal(workspace_id=asked.workspace_id, agent_id=asked.agent_id, body=body, now=get_now())
    draft = trial.draft.status if trial.draft is not None else "not asked: rows contradict each other"
    say(f"Typed by hand, a less certain task would be {trial.live.status} today and {draft} under the draft.")


def propose_to_take_off(say: Say) -> None:
    """Compliance wants a wrong number off the list: nobody but another one of compliance can agree."""
    person, now = who(COMPLIANCE), get_now()
    entry = NewDncEntry(kind="phone", value=WRONG_NUMBER, reason="Asked not to be called.", source="console")
    actor = Actor("human", str(person["person_id"]))
    if DncEntry.objects.filter(workspace=_workspace(), value=WRONG_NUMBER, removed_at__isnull=True).exists():
        say("A wrong number is on the do-not-contact list already, and waits for another one of compliance.")
        return
    entry_id = add_dnc_entry(workspace_id=_workspace(), entry=entry, actor=actor, user_id=person["user_id"], now=now)
    proposal = propose_dnc_removal(entry_id=entry_id, reason="A digit was wrong.", now=now, **person)
    try:
        countersign_change(proposal_id=proposal, now=get_now(), **who(MANAGER))
        word = "agreed"
    except NotAllowedError:
        word = "may not agree: it waits for another one of compliance, and holds until then"
    say(f"Compliance proposed to take a wrong number off the do-not-contact list; the manager {word}.")


def plan_as_file(say: Say) -> None:
    """The whole policy goes out as one file; planned again it changes nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        call_command("governance_export", str(path), stderr=StringIO())
        lines = len(path.read_text().splitlines())
        call_command("governance_plan", str(path), stdout=StringIO())
    say(f"The whole policy went out as one file of {lines:,} lines; planned again, it changes nothing.")


def _round_trip(table: FileTable, workspace_id: UUID, user_id: int, now: datetime) -> str:
    content = export_table(table=table, workspace_id=workspace_id, kind="xlsx")
    staged = stage_import(
        table=table,
        workspace_id=workspace_id,
        file_name=f"{table.name}.xlsx",
        content=content,
        user_id=user_id,
        now=now,
    )
    preview = preview_import(table=table, import_id=staged)
    return f"{table.words} out as a workbook ({preview.changed_rows} of its rows would change)"


def _workspace() -> UUID:
    return Connection.objects.get(name="embedded").workspace_id
