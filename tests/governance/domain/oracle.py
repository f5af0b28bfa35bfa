"""A naive second engine: no index, no plans, no shared code with the first; slow and plain on purpose."""

import json
import math
import re
from collections import defaultdict
from datetime import date

import msgspec

from governance.domain.budget_defaults import DEFAULT_BUDGETS
from tests.governance.domain.frequency_oracle import judge_frequency
from tests.governance.domain.rule_oracle import TIERS, judge_rules

WRITABLE = {"derived_score", "draft_content", "operational_metadata", "enrichment", "suggestion"}
MENDABLE = {
    "level_blocked", "level_read_only", "level_admin_only", "human_commitment", "class_not_writable",
    "writer_not_allowed", "golden_field", "truth_elsewhere", "field_not_granted",
}  # fmt: skip
SENDS = {"send_email", "enroll_sequence", "create_meeting", "push_to_dialer"}
MAKES = {"create", "create_task", "create_note", "export"} | SENDS
LATER = {"draft", "queue", "create_task", "create_note"}


def judge(document, facts):  # noqa: C901, PLR0912 - plain on purpose
    """(outcome, every finding that is no plain pass as sorted (field, code, outcome), the fields of the patch, whose
    approval is needed as (groups, choices, people), the tier)."""
    request, connection, switches = facts.request, facts.connection, facts.switches
    is_human = facts.actor_type == "human"
    is_revert = is_human and facts.reverses
    agent = None if is_human else facts.agent
    rule = next((row for row in document.actions if row.action == request.action), None)
    fields = {r.field: r for r in document.fields if (r.connection, r.object) == (connection.name, request.object)}
    grants = [g for g in document.grants if agent and g.agent == agent.name and g.connection == connection.name]
    reachable = {g.object for g in grants if g.environment == connection.environment}
    grants = [g for g in grants if g.object == request.object]
    grant = next((g for g in grants if g.action == request.action and g.environment == connection.environment), None)
    found = []

    def say(is_wrong, code, outcome="deny", field=""):
        if is_wrong:
            found.append((field, code, outcome))

    say(not request.correlation_id.strip(), "correlation_missing")
    say(facts.workspace != document.workspace, "wrong_workspace")
    say(not is_human and (facts.actor_type != "agent" or agent is None or not agent.name), "unknown_actor")
    say(not connection.is_active, "connection_inactive")
    say(connection.is_active and connection.environment not in ("sandbox", "production"), "environment_unknown")
    say(switches.is_all_stopped, "stopped_all")
    is_inside = request.action in ("draft", "queue") and not request.changes
    say(switches.is_write_back_off and not is_inside, "write_back_off")
    is_enrolling = request.action == "enroll_sequence"
    say(switches.is_send_off and request.action in SENDS, "send_off")
    say(switches.is_enroll_off and is_enrolling and not switches.is_send_off, "enroll_off")
    say(not fields, "unknown_object")
    is_known = request.action in MAKES | LATER | {"update", "delete"}
    say(not is_known or (rule is None and not is_revert), "unknown_action")
    if is_human:
        groups = rule.approver_groups if rule else ()
        say(not facts.human_roles, "no_role")
        is_other = bool(facts.human_roles and groups and not set(groups) & set(facts.human_roles))
        say(is_other, "role_not_responsible", "require_approval")
    else:
        unseen = {r.field for r in fields.values() if r.is_sensitive or r.permission_level == "blocked"}
        is_elsewhere = request.target_object not in ("", request.object)
        say(agent is not None and is_elsewhere and request.target_object not in reachable, "target_not_granted")
        judge_delegation(facts, say)
        judge_agent(facts, agent, rule, grants, unseen, say)
    if not is_revert and request.action in SENDS:
        judge_recipients(request.action, facts.recipients, say)
        judge_list(request.action, facts.recipients, facts.dnc, say)
        judge_frequency(document, facts, say)
    if not is_human and request.action == "export":
        judge_export(document, facts, rule, say)
    if agent is not None:
        judge_budgets(document, facts, say)
    if not is_human:
        judge_breakers(document, facts, say)
        judge_volume(document, facts, say)
    targets, is_whole, refused = {}, True, set()
    for name in sorted(request.changes):
        value = request.changes[name]
        if name not in fields:
            say(True, "unknown_field", field=name)
            is_whole = False
            continue
        signed = {other for row in signers_of(document, facts) for other in msgspec.structs.astuple(row)[2:8]}
        if not is_human and name in signed:
            say(True, "provenance_field", field=name)
            is_whole = False
            refused.add(name)
            continue
        own = field_findings(fields[name], is_human, is_revert)
        own += [] if is_human or (grant and name in grant.write_fields) else [(name, "field_not_granted", "deny")]
        denials = [item for item in own if item[2] == "deny"]
        other = fields.get(fields[name].suggestion_field)
        is_mendable = not is_human and fields[name].suggestion_field and all(item[1] in MENDABLE for item in denials)
        is_open = other and grant and other.field in grant.write_fields and other.field not in signed
        is_open = is_open and not any(item[2] == "deny" for item in field_findings(other, is_human, is_revert))
        if denials and is_mendable and is_open:
            found += [(name, code, "redirect") for _, code, _ in own]
            say(fields[name].promote_on_approval, "promotes_on_approval", "require_approval", name)
            found += field_findings(other, is_human, is_revert)
            target, is_placed = other, True
        else:
            found += own
            say(bool(denials) and is_mendable, "suggestion_unavailable", field=name)
            target, is_placed = fields[name], not denials
        say(not is_revert and not fits(target, value), "validation_failed", field=target.field)
        is_whole = is_whole and is_placed
        refused |= set() if is_placed else {name}
        if is_placed:
            say(target.field in targets, "redirect_collision", field=target.field)
            targets[target.field] = value
    for item in facts.closed_fields:
        is_touched = item.name in {*request.changes, *targets} and item.name in fields
        if is_touched and fields[item.name].review_state == "reviewed":
            say(item.state == "gone", "field_gone", field=item.name)
            say(item.state == "unreviewed" and not is_human, "field_changed", field=item.name)
    patch = judge_record(document, facts, fields, targets, is_whole, refused, say)
    if not is_human and request.action in ("update", "delete"):
        judge_freshness(facts, [fields[name] for name in sorted(patch)], say)
    is_tier_asked = any(outcome == "require_approval" for _, _, outcome in found)
    asking = {field for field, _, outcome in found if outcome == "require_approval" and field}
    owners = {fields[name].owner for name in asking if fields[name].owner}
    held = facts.record.values if facts.record is not None and request.action in ("update", "delete") else {}
    signature = {} if is_human else signature_of(document, facts)
    steps = {name: (held.get(name), targets[name]) for name in patch}
    known = {
        name: {r.field for r in document.fields if r.object == name} for name in {r.object for r in document.fields}
    }
    known = defaultdict(set, known if connection.name == "crm" else {})
    more, groups, choices, people, tier, asks_tier = judge_rules(document, facts, known, steps)
    found += more
    is_tier_asked = is_tier_asked or asks_tier
    is_answered = bool(rule and rule.approver_groups) if is_tier_asked else bool(groups or choices)
    fix = facts.correction
    say(fix is not None, "corrected_by_person", "require_approval")
    if fix is not None and not is_tier_asked:
        is_answered = is_answered or bool(fix.groups or fix.alternatives)
    if any(outcome == "require_approval" for _, _, outcome in found) and not is_answered:
        say(True, "no_approver_group")
    outcomes = {outcome for _, _, outcome in found}
    outcome = "deny" if "deny" in outcomes else "require_approval" if "require_approval" in outcomes else "allow"
    needs = None
    if outcome == "require_approval":
        groups |= set(rule.approver_groups) | owners if is_tier_asked else set()
        people = max(people, rule.approvals_needed if is_tier_asked else 1, 1)
        if fix is not None:
            groups, choices, people = groups | {*fix.groups}, choices | {*fix.alternatives}, max(people, fix.count)
        choices = {choice for choice in choices if not groups & set(choice)}
        needs = (sorted(groups), sorted(choices), people)
    held = facts.record.values if facts.record is not None and request.record_id else {}
    shut = {item.name for item in facts.closed_fields} - patch
    patch |= {name for name, value in signature.items() if patch and not alike(held.get(name), value)} & set(
        fields
    ) - shut
    own = rule.risk_tier if rule else "blocked"
    tier = max(own, tier, key=TIERS.index) if own in TIERS else own
    return outcome, sorted(found), [] if outcome == "deny" else sorted(patch), needs, tier


def judge_freshness(facts, rules, say):
    """A window that is still open, data that does not say how old it is, data older than what is there."""
    now, observed = facts.now, facts.request.evidence.observed_at
    for rule in rules:
        if rule.refresh_after_days is None:
            continue
        writes = facts.record.last_writes
        if writes is None:
            say(True, "check_failed", field=rule.field)
            continue
        mine = [item for item in writes if item.field == rule.field]
        mine = [item for item in mine if item.is_by_agent] if rule.source_of_truth == "agent" else mine
        last = max([item.at for item in mine], default=None)
        if observed is None:
            say(True, "observed_at_missing", field=rule.field)
        elif (observed - now).total_seconds() > 300:
            say(True, "observed_in_future", field=rule.field)
        elif last and (now - last).total_seconds() < rule.refresh_after_days * 86400:
            say(True, "still_fresh", field=rule.field)
        elif last and observed < last:
            say(True, "older_than_held", field=rule.field)


def signers_of(document, facts):
    place = (facts.connection.name, facts.request.object)
    return [row for row in document.provenance if (row.connection, row.object) == place]


def signature_of(document, facts):
    """Field → what the write is signed with."""
    request = facts.request
    rows = signers_of(document, facts)
    if not rows or facts.provenance is None or request.action not in ("update", "create", *LATER):
        return {}
    row, sources = rows[0], ", ".join(request.evidence.vendors) or request.source_workflow
    values = {
        row.at_field: facts.provenance.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        row.source_field: sources or None,
        row.confidence_field: request.confidence,
        row.reason_field: facts.provenance.reason or request.reason_code,
        row.agent_field: facts.agent.name if facts.agent else None,
        row.request_field: row.trace_address + facts.provenance.request,
    }
    sizes = {r.field: r.max_length for r in document.fields if r.object == request.object}
    values.pop("", None)
    return {name: value[: sizes.get(name)] if isinstance(value, str) else value for name, value in values.items()}


def judge_budgets(document, facts, say):
    """Every unit that the request takes, against every budget that holds for it; the default where there is none."""
    request, usage = facts.request, facts.request.usage
    takes = {"api_calls": 4 if request.action in ("update", "delete") else 2}
    own = {"send_email": "sends", "push_to_dialer": "sends", "enroll_sequence": "enrolments"}
    own |= {"create_meeting": "bookings", "export": "exports"}
    takes[own.get(request.action, "writes")] = 1
    if request.action in ("create", "create_task", "create_note"):
        takes["creates"] = 1
    if usage:
        takes |= {"tokens": usage.tokens, "spend": usage.spend_micros}
    needed, is_full, is_open = 0, False, False
    for unit, amount in takes.items():
        own_rules = [rule for rule in document.budgets if rule.unit == unit]
        spoken = {rule.key for rule in own_rules if budget_values(rule, own_rules, facts)}
        if unit == "spend" and amount and not spoken:
            is_open = True
        if not spoken & {"agent", "workspace", "mailbox"}:
            own_rules += [rule for rule in DEFAULT_BUDGETS if rule.unit == unit and rule.key not in spoken]
        for rule in own_rules if amount else ():
            for value in budget_values(rule, own_rules, facts):
                needed += 1
                same = (rule.key, value, f"spend:{rule.currency}" if rule.currency else unit, rule.window)
                rows = facts.budgets or ()
                used = [row.used for row in rows if (row.key, row.value, row.unit, row.window) == same]
                is_full = is_full or (used[-1] if used else 0) + amount > rule.limit
    say(is_open, "spend_not_budgeted")
    say(not is_open and needed and facts.budgets is None, "check_failed")
    say(not is_open and facts.budgets is not None and is_full, "budget_exhausted")


def judge_breakers(document, facts, say):
    """Open ones stop; half-open ones have so many probes; what cannot be read stops too."""
    opened = facts.switches.breakers
    name, is_stopped, probing = facts.agent.name if facts.agent else "", False, []
    for rule in document.breakers:
        if rule.environment != facts.connection.environment or rule.agent not in ("", name):
            continue
        if rule.actions and facts.request.action not in rule.actions:
            continue
        for state in opened or ():
            if state.name == rule.name:
                is_over = (facts.now - state.opened_at).total_seconds() >= rule.open_seconds
                is_stopped = is_stopped or not is_over
                probing += [rule] if is_over and facts.agent else []
    say(opened is None, "check_failed")
    say(is_stopped, "breaker_open")
    say(bool(probing) and facts.budgets is None, "check_failed")
    rows = facts.budgets or ()
    full = [r for r in probing if sum(x.used for x in rows if (x.key, x.value) == ("probes", r.name)) >= r.probes]
    say(bool(full) and facts.budgets is not None, "breaker_open")


def judge_volume(document, facts, say):
    """At most what is usual of each window: the agent's own rule, or the one for all."""
    if facts.agent is None or facts.is_second_look:
        return
    rules = [rule for rule in document.anomalies if rule.signal == "volume"]
    own = [rule for rule in rules if rule.scope == facts.agent.name]
    own += [rule for rule in rules if not rule.scope and rule.window not in {other.window for other in own}]
    usual, hours = facts.switches.usual or 0, {"minute": 1 / 60, "hour": 1, "day": 24}
    is_over = False
    for rule in own:
        same = ("volume", facts.agent.name, "volume", rule.window)
        used = sum(row.used for row in facts.budgets or () if (row.key, row.value, row.unit, row.window) == same)
        is_over = is_over or used + 1 > max(rule.floor, math.ceil(rule.factor * usual * hours[rule.window]))
    say(bool(own) and facts.budgets is None, "check_failed")
    say(facts.budgets is not None and is_over, "anomaly_volume")


def budget_values(rule, rules, facts):
    """The values of a budget's key in this request, as far as this rule speaks for them."""
    request, held = facts.request, facts.record.values if facts.record is not None else {}
    sender = request.message.sender.strip().casefold() if request.message else ""
    same = [other for other in rules if (other.key, other.window) == (rule.key, rule.window)]
    named = {other.scope for other in same}
    values = {
        "agent": [facts.agent.name],
        "workspace": [facts.workspace],
        "record": [f"{facts.connection.name}/{request.object}/{request.record_id}"] if request.record_id else [],
        "mailbox": [sender]
        if sender and sender in named
        else sorted({name for name in (sender, facts.agent.name) if name}),
        "segment": [] if held.get(rule.segment_field) in (None, "", [], {}) else [segment_of(rule, held)],
        "recipient_domain": sorted(
            {r.address.split("@")[-1].strip().casefold() for r in facts.recipients or () if r.kind == "email"}
        ),
    }[rule.key]
    if rule.currency and (request.usage is None or request.usage.currency != rule.currency):
        return []
    if rule.scope:
        return [value for value in values if value == rule.scope]
    return [value for value in values if value not in named]


def segment_of(rule, held):
    return f"{rule.segment_field}={held[rule.segment_field]}"


def judge_agent(facts, agent, rule, grants, unseen, say):  # noqa: PLR0917 - plain on purpose
    request = facts.request
    level = agent.autonomy_level if agent else ""
    say(agent is None or agent.lifecycle != "active", "agent_not_active")
    say(agent is None or not agent.is_credential_active, "credential_inactive")
    say(level == "manual", "autonomy_manual")
    say(level == "draft_only" and request.action not in LATER, "autonomy_draft_only")
    say(level == "with_approval" and request.action not in LATER, "autonomy_approval", "require_approval")
    say(level not in ("manual", "draft_only", "with_approval", "autonomous"), "autonomy_unknown")
    say(facts.switches.is_agent_stopped, "stopped_agent")
    say(facts.switches.is_read_only, "read_only_mode")
    here = facts.connection.environment
    grant = next((g for g in grants if g.action == request.action and g.environment == here), None)
    is_elsewhere = any(g.action == request.action for g in grants)
    say(grant is not None and facts.is_grant_withdrawn, "grant_withdrawn")
    if grant is None:
        say(True, "environment_not_granted" if is_elsewhere else "not_granted")
    knows = {*grant.read_fields, *grant.write_fields} if grant else set()
    for row in grants:
        if row.action in ("read", "search") and row.environment == here:
            knows |= set(row.read_fields)
    hidden = sorted(set(request.expected) - (knows - unseen))
    say(bool(hidden), "expected_not_granted", field=hidden[0] if hidden else "")
    tier = rule.risk_tier if rule else "blocked"
    glass = facts.break_glass
    is_broken = bool(rule and glass and glass.id and glass.expires_at and glass.expires_at > facts.now)
    say(tier == "blocked", "break_glass" if is_broken else "tier_blocked", "require_approval" if is_broken else "deny")
    say(tier == "approval", "tier_approval", "require_approval")
    entries = request.evidence.sources + request.evidence.facts + request.evidence.signals
    say(bool(rule) and entries < rule.min_evidence, "evidence_missing")
    is_number = request.confidence == request.confidence and 0 <= request.confidence <= 1
    say(not is_number, "confidence_invalid")
    is_low = is_number and bool(rule) and request.confidence < rule.min_confidence
    say(is_low, "confidence_too_low", "require_approval" if tier == "gated" else "deny")
    say(tier == "gated" and bool(request.risk_flags), "risk_flagged", "require_approval")
    say(request.action in ("delete", "send_email"), "irreversible", "require_approval")


def judge_delegation(facts, say):
    request, held = facts.request, facts.delegation
    if not request.on_behalf_of:
        return
    live = [item for item in held or () if item.expires_at > facts.now]
    touched = {request.object, request.target_object}
    covering = [item for item in live if request.action in item.actions and touched & set(item.objects)]
    covering = [item for item in covering if item.connection in ("", facts.connection.name)]
    say(held is None, "check_failed")
    say(held == (), "delegation_missing")
    say(bool(held) and not live, "delegation_expired")
    say(bool(live) and not covering, "delegation_scope")


def judge_export(document, facts, rule, say):
    request, connection = facts.request, facts.connection
    names = [*str(request.changes.get("fields") or "").split(", "), *json.loads(request.changes.get("filters") or "{}")]
    names = [name for name in names if name]
    seen = {
        name
        for row in document.grants
        if facts.agent and (row.agent, row.object) == (facts.agent.name, request.target_object)
        if (row.connection, row.environment) == (connection.name, connection.environment)
        if row.action in ("read", "search") and request.changes.get("object") == request.target_object
        for name in row.read_fields
    }
    for row in document.fields:
        if row.field in seen and row.object == request.target_object:
            seen -= {row.field} if row.is_sensitive or row.permission_level == "blocked" else set()
    known = {row.field for row in document.fields if row.object == request.target_object}
    hidden = [name for name in names if name not in seen & known]
    say(not names, "export_not_granted")
    say(bool(hidden), "export_not_granted", field=hidden[0] if hidden else "")
    limit = request.changes.get("row_limit")
    is_fine = type(limit) is int and rule is not None and 1 <= limit <= rule.max_rows
    say(bool(names) and not hidden and not is_fine, "export_too_large")


def judge_recipients(action, recipients, say):
    if recipients is None:
        say(True, "check_failed")
        return
    wanted = "phone" if action == "push_to_dialer" else "email"
    used = [item.address for item in recipients if item.kind == wanted]
    say(not used, "recipient_missing")
    plain = {"email": r"[a-z]+@[a-z]+\.[a-z]+", "phone": r"\+[0-9]{11}"}
    say(any(not re.fullmatch(plain[wanted], address) for address in used), "recipient_invalid")


def field_findings(rule, is_human, is_revert):
    codes = []
    if rule.review_state == "gone":
        codes.append(("field_gone", "deny"))
    elif rule.review_state != "reviewed" and not (is_human and rule.review_state == "unreviewed"):
        codes.append(("field_unreviewed", "deny"))
    if rule.is_read_only:
        codes.append(("field_read_only", "deny"))
    writers = rule.allowed_writers
    if not is_revert and not ("human" in writers or not writers if is_human else "agent" in writers):
        codes.append(("writer_not_allowed", "deny"))
    if not is_human:
        is_commitment = rule.classification == "human_commitment" or rule.field == "amount"
        is_commitment = is_commitment or rule.revenue_field in ("Amount", "Close date", "Forecast category")
        level = rule.permission_level
        if level == "safe_write" and (rule.field == "stage" or rule.revenue_field == "Lifecycle Stage"):
            level = "approval"
        outcome = {"approval": ("level_approval", "require_approval"), "safe_write": None}
        codes.append(outcome.get(level, (f"level_{level}", "deny")))
        codes.append(("human_commitment", "deny") if is_commitment else None)
        if rule.classification == "compliance":
            codes.append(("compliance_field", "deny"))
        elif rule.classification not in WRITABLE:
            codes.append(("class_not_writable", "deny"))
        codes.append(("golden_field", "deny") if rule.is_golden else None)
        codes.append(("review_required", "require_approval") if rule.review_required else None)
        codes.append(("truth_elsewhere", "deny") if rule.source_of_truth == "ERP" else None)
        method = {"none": "irreversible", "by_hand": "rollback_by_hand"}.get(rule.rollback_method)
        codes.append((method, "require_approval") if method else None)
    return [(rule.field, *code) for code in codes if code]


def judge_moves(document, facts, fields, held, after, patch, say):  # noqa: PLR0917 - plain on purpose
    ours = [row for row in document.transitions if fields and row.object == facts.request.object]
    ours = ours if facts.connection.name == "crm" else []
    for name in patch:
        ways = [(row.from_stage, to) for row in ours if row.stage_field == name for to in row.to_stages]
        is_ruled = any(row.stage_field == name for row in ours)
        before = held.get(name) if facts.request.action in ("update", "delete") else ""
        move = tuple("" if value is None else str(value) for value in (before, after[name]))
        if is_ruled and move not in ways:
            say(True, "transition_not_allowed", field=name)
            return


def judge_record(document, facts, fields, targets, is_whole, refused, say):  # noqa: PLR0917 - plain on purpose
    request, record = facts.request, facts.record
    needs_one = request.action in ("update", "delete")
    is_there = record is not None and record.exists
    held = record.values if needs_one and record is not None else {}
    if needs_one:
        say(not request.record_id, "record_id_missing")
        say(bool(request.record_id) and record is None, "check_failed")
        say(bool(request.record_id) and record is not None and not record.exists, "record_not_found")
    patch = {name for name, value in targets.items() if not alike(held.get(name), value)}
    if needs_one and not is_there:
        patch = set()
    is_unsaid = request.changes and (not is_whole or (needs_one and not is_there))
    say(not patch and not is_unsaid and request.action in MAKES | {"update"}, "empty_diff")
    if facts.actor_type == "human" and facts.reverses:
        return patch
    if request.action in MAKES:
        needed = sorted(f for f, r in fields.items() if r.is_required and not r.is_read_only)
        given = {**{name: request.changes.get(name) for name in refused}, **targets}
        absent = [name for name in needed if given.get(name) in (None, "")]
        say(bool(absent), "validation_failed", field=absent[0] if absent else "")
    after = {**held, **{name: targets[name] for name in patch}}
    judge_moves(document, facts, fields, held, after, sorted(patch), say)
    for name in sorted(patch) if facts.actor_type != "human" else ():
        companions = filter(None, (fields[name].components_field, fields[name].version_field))
        if targets[name] not in (None, "") and any(targets.get(other) in (None, "") for other in companions):
            say(True, "score_unexplained", field=name)
            break
    for stage in document.stages:
        is_ours = (stage.connection, stage.object) == (facts.connection.name, request.object) and fields and patch
        if not is_ours or after.get(stage.stage_field) != stage.stage:
            continue
        touched = [f for f in stage.required_fields if stage.stage_field in patch or f in patch]
        absent = [name for name in touched if after.get(name) in (None, "")]
        if absent:
            say(True, "validation_failed", field=absent[0])
            break
    return patch


def alike(left, right):
    if left in (None, "") and right in (None, ""):
        return True
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def fits(rule, value):  # noqa: C901, PLR0911 - plain on purpose
    if value is None or value == "":
        return not rule.is_required
    if rule.type == "integer":
        return type(value) is int and abs(value) < 2**53
    if rule.type == "number":
        return (type(value) is int and abs(value) < 2**53) or (type(value) is float and math.isfinite(value))
    if rule.type == "boolean":
        return type(value) is bool
    if type(value) is not str:
        return False
    if rule.type != "picklist" and rule.max_length is not None and len(value) > rule.max_length:
        return False
    if rule.type == "picklist":
        return value in list(rule.options)
    if rule.type == "string":
        return value.strip() != "" and not any(ord(c) < 32 for c in value)
    if rule.type == "date" and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return 1900 <= date.fromisoformat(value).year <= 2100
        except ValueError:
            return False
    return False


def judge_list(action, recipients, dnc, say):
    if dnc is None or recipients is None or dnc.asked != len(recipients):
        say(True, "check_failed")
        return
    wanted, other = ("phone", "email") if action == "push_to_dialer" else ("email", "phone")
    is_listed = any(hit.kind != other for hit in dnc.hits)
    say(is_listed, "dnc_blocked")
    say(not is_listed and any(recipients[at].kind == wanted for at in dnc.unreadable), "invalid_recipient")
