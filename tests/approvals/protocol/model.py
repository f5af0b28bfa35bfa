"""Claim, kill, send, reap and reconcile as a state machine small enough to be walked whole (EXE-02, EXE-03, KIL-01).

One request, two workers, a person who stops everything, a person who edits the record at the CRM, a reaper and a
reconciler, in every order, with crashes and lost database sessions anywhere between two steps. Steps have the names of
the code's functions. A `Design` leaves a guard out; the walk then has to find what the guard is there for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Design:
    """What protects the one write. `guarantee` is the connector's class; the rest are ours, all on in the product."""

    guarantee: str = "A"
    has_kill_lock: bool = True
    has_second_gate: bool = True
    has_fence: bool = True
    has_session_lock: bool = True
    looks_before_again: bool = True


class Worker(NamedTuple):
    """`at`: idle, claiming, claimed, read, gating, gated, answered. `has_lock`: of the switches, shared."""

    at: str = "idle"
    epoch: int = 0
    has_session: bool = True
    has_lock: bool = False


class State(NamedTuple):
    """`effects` counts what a person at the CRM would see happen; `faults` is what may still go wrong."""

    status: str = "approved"
    epoch: int = 0
    point: str = ""
    kill: str = "off"
    workers: tuple[Worker, ...] = (Worker(), Worker())
    effects: int = 0
    edits: int = 0
    faults: int = 2
    broken: frozenset[str] = frozenset()


Step = tuple[str, State]
TRIES = 3
SETTLED = frozenset({"executed", "cancelled", "conflict", "failed", "person"})


def steps(design: Design, state: State) -> Iterator[Step]:
    """Everything that may happen next."""
    for index, worker in enumerate(state.workers):
        for name, after in _work(design, state, worker):
            yield name, _put(after[0], index, after[1])
        if state.faults and worker.at != "idle":
            yield "crash", _put(state._replace(faults=state.faults - 1), index, Worker())
            if worker.has_session:
                lost = worker._replace(has_session=False, has_lock=False)
                yield "lose_session", _put(state._replace(faults=state.faults - 1), index, lost)
    yield from _stop(design, state)
    yield from _rescue(design, state)
    if not state.edits and state.status not in SETTLED:
        yield "edit_as_human", state._replace(edits=1)


Moves = Iterator[tuple[str, tuple[State, Worker]]]


def _work(design: Design, state: State, worker: Worker) -> Moves:
    """One worker's next step. Without its database session it can only do what needs none: the call it was about to
    make."""
    if worker.at == "gated":
        yield "send", _send(design, state, worker)
    if not worker.has_session:
        yield "connection_error", (state, Worker())
    elif worker.at in {"idle", "claiming"}:
        yield from _claim(design, state, worker)
    elif state.status == "executing" and (not design.has_fence or state.epoch == worker.epoch):
        yield from _go_on(design, state, worker)
    elif worker.at != "gated":
        yield "fenced", (state, Worker())


def _claim(design: Design, state: State, worker: Worker) -> Moves:
    if worker.at == "claiming" and state.status != "approved":
        yield "claim_refused", (state, Worker())
    elif worker.at == "claiming":
        claimed = _note(state, "late claim", is_so=state.kill == "on")
        claimed = claimed._replace(status="executing", epoch=state.epoch + 1, point="CLAIMED")
        yield "claim_commits", (claimed, Worker("claimed", claimed.epoch))
    elif state.status == "approved" and state.kill != "on" and state.epoch < TRIES:
        yield "claim_begins", (state, Worker("claiming", has_lock=design.has_kill_lock))


def _go_on(design: Design, state: State, worker: Worker) -> Moves:
    is_stopped = state.kill == "on"
    passed = _note(state, "late send", is_so=is_stopped)._replace(point="SENT")
    match worker.at:
        case "claimed" if state.edits:
            yield "settle_conflict", (state._replace(status="conflict"), Worker())
        case "claimed":
            yield "commit_before_read", (state._replace(point="BEFORE_READ"), worker._replace(at="read"))
        case "read" if not design.has_second_gate:
            yield "gate_passed", (passed, worker._replace(at="gated"))
        case "read" if is_stopped:
            yield "gate_closed", (state._replace(status="cancelled"), Worker())
        case "read":
            yield "gate_begins", (state, worker._replace(at="gating", has_lock=design.has_kill_lock))
        case "gating":
            yield "gate_passed", (passed, worker._replace(at="gated", has_lock=False))
        case "answered":
            yield "settle_executed", (state._replace(status="executed", point="RECORDED"), Worker())


def _send(design: Design, state: State, worker: Worker) -> tuple[State, Worker]:
    """Class A: a key absorbs the repeat, and a condition refuses the record that moved since it was read. B and C have
    neither."""
    answered = worker._replace(at="answered")
    if design.guarantee == "A" and state.effects:
        return state, answered
    if design.guarantee == "A" and state.edits:
        is_ours = worker.has_session and state.status == "executing" and state.epoch == worker.epoch
        return (state._replace(status="conflict") if is_ours else state), Worker()
    state = _note(state, "written twice", is_so=state.effects > 0)
    state = _note(state, "overwrote a person", is_so=state.edits > 0 and design.guarantee == "B")
    return state._replace(effects=state.effects + 1), answered


def _stop(design: Design, state: State) -> Iterator[Step]:
    """The switch commits once nobody holds the lock; then the person reads that everything is stopped."""
    is_free = not any(worker.has_lock for worker in state.workers)
    if state.kill == "off" and (is_free or not design.has_kill_lock):
        yield "kill_returns", state._replace(kill="on")


def _rescue(design: Design, state: State) -> Iterator[Step]:
    held = any(worker.at != "idle" and worker.has_session and worker.epoch == state.epoch for worker in state.workers)
    if state.status == "executing" and not (held and design.has_session_lock):
        yield "reap", state._replace(status="unknown")
    if state.status != "unknown":
        return
    again = "approved" if state.epoch < TRIES else "failed"
    if state.point in {"CLAIMED", "BEFORE_READ"} or not design.looks_before_again:
        yield "reconcile_unsent", state._replace(status=again)
    elif state.effects:
        yield "reconcile_applied", state._replace(status="executed")
    else:
        yield "reconcile_not_applied", state._replace(status="person" if design.guarantee == "C" else again)


def _note(state: State, what: str, *, is_so: bool) -> State:
    return state._replace(broken=state.broken | {what}) if is_so else state


def _put(state: State, index: int, worker: Worker) -> State:
    workers = list(state.workers)
    workers[index] = worker
    return state._replace(workers=tuple(workers))


@dataclass(frozen=True)
class Walk:
    """All that can be reached: `broken` are the promises that some order breaks, `stuck` what nothing leads out of."""

    count: int
    broken: frozenset[str]
    stuck: frozenset[str]
    ways: dict[str, tuple[str, ...]]


def walk(design: Design) -> Walk:
    """Every reachable state, breadth first, so that the way to what is broken is a shortest one."""
    start = State()
    came: dict[State, tuple[State, str] | None] = {start: None}
    queue, ways, stuck = [start], {}, set()
    for state in queue:
        moves = list(steps(design, state))
        for promise in state.broken - ways.keys():
            ways[promise] = _way(came, state)
        if state.status not in SETTLED and state.kill == "off" and not _goes_on(moves):
            stuck.add(state.status)
        if state.status == "executed" and not state.effects:
            ways.setdefault("executed without an effect", _way(came, state))
        for name, after in moves:
            if after not in came:
                came[after] = (state, name)
                queue.append(after)
    return Walk(len(came), frozenset(ways), frozenset(stuck), ways)


def _goes_on(moves: list[Step]) -> bool:
    return any(name not in {"crash", "lose_session", "kill_returns", "edit_as_human"} for name, _ in moves)


def _way(came: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    names: list[str] = []
    while (step := came[state]) is not None:
        state, name = step
        names.append(name)
    return tuple(reversed(names))
