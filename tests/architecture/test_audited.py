"""If it cannot be audited, it does not happen: every service that changes state appends to the ledger (AUD-08)."""

import ast
from functools import cache

import pytest

from tests.architecture.source import modules

ROOMS = ("governance", "crm_connectors", "approvals")
EVENTS = {"append_event", "append_events", "append_with", "insert_events", "spool_event"}
WRITES = {"create", "bulk_create", "update", "delete", "get_or_create", "update_or_create", "bulk_update", "save"}
ROWS = {
    "insert", "insert_rows", "insert_together", "bulk_create_with_history", "bulk_update_with_history",
    "change_rows", "write_changes",
}  # fmt: skip


@cache
def services():
    """`room.services.module.function` → (its node, what its module's names stand for)."""
    found = {}
    for path, tree in modules().items():
        if path.parts[0] not in ROOMS or "services" not in path.parts:
            continue
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        names = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        names |= {node.name: f"{module}.{node.name}" for node in tree.body if hasattr(node, "name")}
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[f"{module}.{node.name}"] = (node, names)
    return found


@cache
def reach(name):
    """Every service that `name` may call, itself with it."""
    seen, todo = set(), [name]
    while todo:
        at = todo.pop()
        if at in seen or at not in services():
            continue
        seen.add(at)
        node, names = services()[at]
        todo += [names[item.id] for item in ast.walk(node) if isinstance(item, ast.Name) and item.id in names]
    return frozenset(seen)


def writes_rows(node):
    for item in ast.walk(node):
        if not isinstance(item, ast.Call):
            continue
        if isinstance(item.func, ast.Name) and item.func.id in ROWS:
            return True
        if isinstance(item.func, ast.Attribute) and item.func.attr in WRITES and is_of_a_table(item):
            return True
    return False


def is_of_a_table(call):
    """Told by its own shape, whatever the rows are held in: `rows.update(state=…)`, `row.delete()`, `made.create(…)`,
    `row.save(update_fields=…)`; not a dict's `update({…})`, a hash's `update(b"…")`, a client's `delete(url)`."""
    owner, is_bare = ast.unparse(call.func.value), not call.args
    if call.func.attr in ("save", "update", "create", "delete"):
        return is_bare and not isinstance(call.func.value, ast.Constant)
    return ".objects" in owner or isinstance(call.func.value, ast.Name | ast.Attribute)


def appends(node):
    return any(isinstance(item, ast.Name) and item.id in EVENTS for item in ast.walk(node))


def unaudited():
    public = [name for name in services() if not name.rpartition(".")[2].startswith("_")]
    silent = set()
    for name in public:
        nodes = [services()[item][0] for item in reach(name)]
        if any(map(writes_rows, nodes)) and not any(map(appends, nodes)):
            silent.add(name)
    return silent


BESIDE = "works beside the ledger: a lease, a count, a cache or a projection that decides nothing by itself"
WITH_CALLER = "part of a change whose caller appends the event in the same transaction"
EXCUSED = {
    "approvals.services.erasing.erase_due_values": "each batch appends `ledger.values_erased` through `erase_values`",
    "approvals.services.forgetting.forget_requests": "`ledger.values_erased` is in its transaction",
    "approvals.services.bulk_jobs.release_job": BESIDE,
    "approvals.services.bulk_jobs.save_job": WITH_CALLER,
    "approvals.services.bulk_jobs.take_job": BESIDE,
    "approvals.services.bulk_reverts.plan_bulk_revert": "a draft until its dry run ends: `bulk_revert.planned`",
    "approvals.services.bulk_working.settle_outcomes": "repeats what became of requests, each of which is an event",
    "approvals.services.claim.postpone": BESIDE,
    "approvals.services.contact_attempts.take_for_contacts": BESIDE,
    "approvals.services.delivery_listing.keep_report": WITH_CALLER,
    "approvals.services.ledger_exports.expire_exports": BESIDE,
    "approvals.services.ledger_sending.send_ledger_on": BESIDE,
    "approvals.services.newness.remember_touch": BESIDE,
    "approvals.services.notification_choices.choose_notifications": "which mails a person wants for themselves",
    "approvals.services.notification_mail.gather_mails": BESIDE,
    "approvals.services.notification_mail.send_mail": "news of what is an event already",
    "approvals.services.notification_news.tell": "news of what is an event already",
    "approvals.services.notifications.announce": "news of what is an event already",
    "approvals.services.notifications.notify": "news of what is an event already",
    "approvals.services.notifying.send_due": "news of what is an event already",
    "approvals.services.report_issuing.issue_reports": BESIDE,
    "approvals.services.report_rolling.roll_up_reports": BESIDE,
    "approvals.services.report_tallying.add_counts": BESIDE,
    "approvals.services.report_tallying.rebuild_reports": BESIDE,
    "approvals.services.report_tallying.take_for_reports": BESIDE,
    "approvals.services.reservations.forget_reservations": BESIDE,
    "approvals.services.reservations.leave": BESIDE,
    "approvals.services.reservations.look_at": BESIDE,
    "approvals.services.reservations.mark_look": BESIDE,
    "approvals.services.shadow.run_shadows": BESIDE,
    "approvals.services.snoozing.forget_snoozes": WITH_CALLER,
    "approvals.services.stranding.ask_again": BESIDE,
    "approvals.services.track_record.take_decisions": BESIDE,
    "approvals.services.webhook_delivery.deliver": "news of what is an event already",
    "approvals.services.webhook_endpoints.send_test": "a test message without content",
    "approvals.services.written_fields.note_written": BESIDE,
    "crm_connectors.services.demo_data.load_demo_records": "records of the demo's own CRM, before it is governed",
    "crm_connectors.services.embedded_schema.install_embedded_schema": "the embedded CRM's own tables, at installation",
    "crm_connectors.services.observations.forget_changes": BESIDE,
    "crm_connectors.services.observations.keep_changes": "what the CRM said; what is made of it is an event",
    "crm_connectors.services.observations.tell_of_records": "what the CRM said; what is made of it is an event",
    "crm_connectors.services.sandbox_schema.mirror_object": "a sandbox's own tables; the copy itself is an event",
    "governance.services.backtests.fail_backtest": BESIDE,
    "governance.services.backtests.note_total": BESIDE,
    "governance.services.backtests.release_backtest": BESIDE,
    "governance.services.backtests.save_progress": BESIDE,
    "governance.services.backtests.start_backtest": "changes nothing; its result is `policy.backtested`",
    "governance.services.backtests.take_backtest": BESIDE,
    "governance.services.breakers.note_tallies": BESIDE,
    "governance.services.budgets.begin_volume_anew": WITH_CALLER,
    "governance.services.budgets.give_back": WITH_CALLER,
    "governance.services.budgets.sweep_counters": BESIDE,
    "governance.services.credential_use.note_credential_use": BESIDE,
    "governance.services.dnc_entries.pin_dnc_keys": BESIDE,
    "governance.services.dnc_import.apply_import": "sets the state; each slice appends its entries, the end its event",
    "governance.services.dnc_proofs.keep_dnc_proof": "a file that counts for nothing until an entry's event names it",
    "governance.services.dnc_proofs.keep_reported_proof": "a file that counts for nothing until an event names it",
    "governance.services.ledger_standing.note_ledger_standing": BESIDE,
    "governance.services.policy_file.changing.change_rows": WITH_CALLER,
    "governance.services.policy_file.plan.plan_policy_file": "rolled back: a plan changes nothing",
    "governance.services.rule_hits.count_rule_hits": BESIDE,
    "governance.services.schema_syncs.note_asked": BESIDE,
    "governance.services.schema_syncs.take_sync": BESIDE,
    "governance.services.shadow.release_shadow": BESIDE,
    "governance.services.shadow.save_shadow": BESIDE,
    "governance.services.shadow.take_shadow": BESIDE,
    "governance.services.table_files.apply_import": "each row by its table's own service, with `config.changed`",
    "governance.services.table_files.stage_import": "an upload that changes nothing until it is applied",
    "governance.services.touch_stops.note_reply": WITH_CALLER,
    "governance.services.touches.move_touches": WITH_CALLER,
    "governance.services.touches.note_touched": WITH_CALLER,
    "governance.services.touches.note_untouched": WITH_CALLER,
    "governance.services.touches.reserve_touches": WITH_CALLER,
    "governance.services.touches.return_touches": WITH_CALLER,
    "governance.services.touches.sweep_touches": BESIDE,
    "governance.services.touches.touch_guards": WITH_CALLER,
    "governance.services.touches.undo_touches": WITH_CALLER,
}


def test_every_service_that_changes_state_appends_an_event():
    """AUD-08: whoever writes rows without one says here why nobody has to know."""
    found = unaudited()
    assert len(services()) > 1_000
    assert sorted(found - set(EXCUSED)) == []
    assert sorted(set(EXCUSED) - found) == []


def test_a_service_that_writes_in_silence_would_be_noticed():
    """Guards the rule against looking past what it looks for."""
    silent = ast.parse("def f():\n    Agent.objects.filter(pk=1).update(name='x')").body[0]
    assert writes_rows(silent)
    assert not appends(silent)
    assert appends(ast.parse("def f():\n    append_event(e, now=now)").body[0])
    assert not writes_rows(ast.parse("def f():\n    names.update({})").body[0])


@pytest.mark.parametrize(
    "line",
    [
        "rows.update(state='x')",
        "_ours(mail).update(state='x')",
        "same = rows\n    same.delete()",
        "group.members.create(person=p)",
        "row.save(update_fields=['x'])",
        "manager.bulk_create(rows)",
        "write_changes(change_rows(Agent, keys=k, columns=c, rows=r))",
    ],
)
def test_a_write_is_seen_whatever_its_rows_are_held_in(line):
    """AUD-08: what is written through a variable, a function's answer or by statements of our own."""
    assert writes_rows(ast.parse(f"def f():\n    {line}").body[0])


@pytest.mark.parametrize("line", ["digest.update(b'x')", "client.delete(url)", "names.update(other)"])
def test_what_writes_no_row_is_none(line):
    assert not writes_rows(ast.parse(f"def f():\n    {line}").body[0])
