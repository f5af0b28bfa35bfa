"""Backtest: what a draft would have decided on requests that were really made (POL-06). Pure; counts, keeps no clock.

Both policies judge the same stored facts: the one in force and the draft. So the difference is the draft's alone.
"""

from collections.abc import Mapping

import msgspec

from governance.domain.decision import Decision, Outcome
from governance.domain.engine import decide_without_record
from governance.domain.facts import Facts, JsonValue
from governance.domain.golden import decide_stored
from governance.domain.index import PolicyIndex

KEPT_CHANGES = 500

DENIED, GATED, AUTOMATIC, OTHERWISE = "denied", "gated", "automatic", "otherwise"
_CHANGE_OF = {Outcome.DENY: DENIED, Outcome.REQUIRE_APPROVAL: GATED, Outcome.ALLOW: AUTOMATIC}


class PastRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it is on record. `about` names action and record; `was_reverted`: people took it back later."""

    id: str
    agent: str
    about: str
    facts: Facts
    was_reverted: bool = False


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Two decisions on the same facts. `change` is empty where they agree; `reasons` are `check/code` new in the draft.

    `is_undecidable`: the draft would look at something that nobody read at the time.
    """

    before: str = ""
    after: str = ""
    change: str = ""
    reasons: tuple[str, ...] = ()
    is_undecidable: bool = False


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One request that the draft decides otherwise."""

    id: str
    agent: str
    about: str
    before: str
    after: str
    change: str
    reasons: tuple[str, ...]
    was_reverted: bool


class Tally(msgspec.Struct, kw_only=True):
    """What was counted so far. `by_agent` and `by_reason` hold one count for each kind of change."""

    replayed: int = 0
    undecidable: int = 0
    denied: int = 0
    gated: int = 0
    automatic: int = 0
    otherwise: int = 0
    approvals_before: int = 0
    approvals_after: int = 0
    reverted: int = 0
    by_agent: dict[str, dict[str, int]] = {}
    by_reason: dict[str, dict[str, int]] = {}
    changed: list[Changed] = []


def compare_decisions(draft: PolicyIndex, live: PolicyIndex | None, facts: Facts) -> Compared:
    """What both policies say of the same facts; without a policy in force everything was denied."""
    old = decide_stored(live, facts) if live is not None else None
    new = decide_stored(draft, facts)
    before = old.outcome if old is not None else Outcome.DENY.value
    if new is None or _is_unread(old, new) or _stopped_looking(draft, live, facts):
        return Compared(before=before, is_undecidable=True)
    if old is not None and new.outcome == old.outcome:
        change = OTHERWISE if _differs(old, new) else ""
    else:
        change = _CHANGE_OF[Outcome(new.outcome)] if new.outcome != before else ""
    reasons = _new_reasons(old, new) if change else ()
    return Compared(before=before, after=new.outcome, change=change, reasons=reasons)


def count_request(
    tally: Tally, request: PastRequest, *, draft: PolicyIndex, bases: Mapping[str, PolicyIndex]
) -> Compared:
    """Replay one request and count it. `bases` is environment → what is in force there."""
    compared = compare_decisions(draft, bases.get(request.facts.connection.environment), request.facts)
    tally.replayed += 1
    if compared.is_undecidable:
        tally.undecidable += 1
        return compared
    tally.approvals_before += compared.before == Outcome.REQUIRE_APPROVAL
    tally.approvals_after += compared.after == Outcome.REQUIRE_APPROVAL
    if compared.change:
        _count_change(tally, request, compared)
    return compared


def summarize(tally: Tally, *, days: int) -> dict[str, JsonValue]:
    """The result as it is kept, hashed and shown: counts, approvals a day, changed requests with what they were."""
    result: dict[str, JsonValue] = msgspec.to_builtins(tally)
    result["days"] = days
    result["approvals_a_day_before"] = round(tally.approvals_before / days, 2)
    result["approvals_a_day_after"] = round(tally.approvals_after / days, 2)
    return result


def _count_change(tally: Tally, request: PastRequest, compared: Compared) -> None:
    change = compared.change
    setattr(tally, change, getattr(tally, change) + 1)
    tally.reverted += request.was_reverted
    _add(tally.by_agent, request.agent, change)
    for reason in compared.reasons:
        _add(tally.by_reason, reason, change)
    if len(tally.changed) < KEPT_CHANGES:
        tally.changed.append(
            Changed(
                id=request.id,
                agent=request.agent,
                about=request.about,
                before=compared.before,
                after=compared.after,
                change=change,
                reasons=compared.reasons,
                was_reverted=request.was_reverted,
            )
        )


def _add(counts: dict[str, dict[str, int]], key: str, change: str) -> None:
    found = counts.setdefault(key, {})
    found[change] = found.get(change, 0) + 1


def _is_unread(old: Decision | None, new: Decision) -> bool:
    """The draft denies because it could not check something, and the live policy did not need that."""
    if new.outcome != Outcome.DENY:
        return False
    failed = {check.check for check in new.checks if check.code == "check_failed"}
    return bool(failed) and not (old is not None and any(check.code == "check_failed" for check in old.checks))


def _stopped_looking(draft: PolicyIndex, live: PolicyIndex | None, facts: Facts) -> bool:
    """The live policy denied before it looked anything up, and the draft would have looked."""
    if facts.record is not None or live is None:
        return False
    return decide_without_record(live, facts) is not None and decide_without_record(draft, facts) is None


def _differs(old: Decision, new: Decision) -> bool:
    """Same outcome, but another patch, other approvers, or another field that takes the write."""
    if new.outcome == Outcome.DENY:
        return False
    return (old.patch, old.requirement, old.redirects) != (new.patch, new.requirement, new.redirects)


def _new_reasons(old: Decision | None, new: Decision) -> tuple[str, ...]:
    """What shaped the draft's decision and not the live one; where checks only fell away, those that did."""
    now = {f"{check.check}/{check.code}" for check in new.reasons}
    then = {f"{check.check}/{check.code}" for check in old.reasons} if old is not None else set()
    return tuple(sorted(now - then or then - now))
