"""Checks on where and whether at all: connection, kill switches, object, grant (PRM-01/02/06, KIL-01)."""

from governance.domain.action_class import INTERNAL, SENDS
from governance.domain.case import Case
from governance.domain.check_result import denied, passed
from governance.domain.decision import CheckResult
from governance.domain.vocabulary import Action, Environment, PermissionLevel

_CONNECTED = passed("connection", "the connection is active")
_NOT_CONNECTED = denied("connection", "connection_inactive", "the connection is switched off")
_NO_ENVIRONMENT = denied("connection", "environment_unknown", "the connection's environment is not known")
_ALL_RUNS = passed("switch_all", "nothing stops everything")
_ALL_STOPPED = denied("switch_all", "stopped_all", "everything is stopped by a kill switch")
_AGENT_RUNS = passed("switch_agent", "nothing stops this agent")
_AGENT_STOPPED = denied("switch_agent", "stopped_agent", "this agent is stopped by a kill switch")
_WRITE_BACK_ON = passed("switch_write_back", "write-back is on")
_WRITE_BACK_OFF = denied("switch_write_back", "write_back_off", "write-back to the CRM is switched off")
_SENDS_ON = passed("switch_send", "nothing stops what reaches people")
_SENDS_OFF = denied("switch_send", "send_off", "everything that reaches people is switched off")
_ENROLL_OFF = denied("switch_send", "enroll_off", "enrolments are switched off")
_WRITES_ON = passed("switch_read_only", "agents may propose writes")
_READ_ONLY = denied("switch_read_only", "read_only_mode", "agents are in read-only mode")
_KNOWN_OBJECT = passed("object", "the object is registered")
_GRANTED = passed("grant", "a grant covers the action on this object")
_WITHDRAWN = denied("grant", "grant_withdrawn", "the grant was withdrawn")
_TARGET_GRANTED = passed("target", "the agent works on what it points at")
_EXPECTED_GRANTED = passed("expected", "the agent may know what it expects")

_ENVIRONMENTS = frozenset(Environment)


def check_connection(case: Case) -> CheckResult:
    if not case.facts.connection.is_active:
        return _NOT_CONNECTED
    return _CONNECTED if case.facts.connection.environment in _ENVIRONMENTS else _NO_ENVIRONMENT


def check_switch_all(case: Case) -> CheckResult:
    return _ALL_STOPPED if case.switches.is_all_stopped else _ALL_RUNS


def check_switch_agent(case: Case) -> CheckResult:
    return _AGENT_STOPPED if case.switches.is_agent_stopped else _AGENT_RUNS


def check_switch_write_back(case: Case) -> CheckResult:
    """Drafts and queue entries without fields of a record reach no CRM, so write-back does not hold them."""
    if not case.switches.is_write_back_off:
        return _WRITE_BACK_ON
    return _WRITE_BACK_ON if case.request.action in INTERNAL and not case.request.changes else _WRITE_BACK_OFF


def check_switch_send(case: Case) -> CheckResult:
    """KIL-01: `send` stops whatever touches a person, enrolments too, because they send later; `enroll` only these."""
    switches, action = case.switches, case.request.action
    if switches.is_send_off and action in SENDS:
        return _SENDS_OFF
    return _ENROLL_OFF if switches.is_enroll_off and action == Action.ENROLL_SEQUENCE else _SENDS_ON


def check_switch_read_only(case: Case) -> CheckResult:
    return _READ_ONLY if case.switches.is_read_only else _WRITES_ON


def check_object(case: Case) -> CheckResult:
    if case.object_entry is not None:
        return _KNOWN_OBJECT
    return denied("object", "unknown_object", f"`{case.request.object}` is not registered for this connection")


def check_grant(case: Case) -> CheckResult:
    """PRM-02/06: agent × connection × environment × object × action, or nothing."""
    if case.grant is not None:
        return _WITHDRAWN if case.facts.is_grant_withdrawn else _GRANTED
    request, connection = case.request, case.facts.connection
    what = f"`{request.action}` on `{request.object}` of `{connection.name}`"
    if case.agent is not None:
        for environment in Environment:
            if (case.agent.name, connection.name, environment, request.object, request.action) in case.index.grants:
                message = f"{what} is granted for {environment}, not for `{connection.environment}`"
                return denied("grant", "environment_not_granted", message)
    return denied("grant", "not_granted", f"no grant covers {what}")


def check_target(case: Case) -> CheckResult:
    """PRM-01: nothing is hung on records of an object that no grant of the agent names."""
    target, connection = case.request.target_object, case.facts.connection
    if not target or target == case.request.object or case.agent is None:
        return _TARGET_GRANTED
    if (case.agent.name, connection.name, connection.environment, target) in case.index.reachable:
        return _TARGET_GRANTED
    return denied("target", "target_not_granted", f"no grant lets the agent work on `{target}`")


def check_expected(case: Case) -> CheckResult:
    """Stating what a field holds is asking what it holds: only for fields that the agent may read in clear or write."""
    if not case.request.expected:
        return _EXPECTED_GRANTED
    unknowable = sorted(field for field in case.request.expected if not _may_know(case, field))
    if not unknowable:
        return _EXPECTED_GRANTED
    return denied("expected", "expected_not_granted", f"no grant lets the agent read `{unknowable[0]}`", unknowable[0])


def _may_know(case: Case, field: str) -> bool:
    """What a governed read would not show, a guess must not find out either: blocked and sensitive fields."""
    rule = case.object_entry.fields.get(field) if case.object_entry is not None else None
    if rule is not None and (rule.is_sensitive or rule.permission_level == PermissionLevel.BLOCKED):
        return False
    if case.grant is not None and (field in case.grant.read_fields or field in case.grant.write_fields):
        return True
    if case.agent is None:
        return False
    connection = case.facts.connection
    for action in (Action.READ, Action.SEARCH):
        key = (case.agent.name, connection.name, connection.environment, case.request.object, action.value)
        grant = case.index.grants.get(key)
        if grant is not None and field in grant.read_fields:
            return True
    return False
