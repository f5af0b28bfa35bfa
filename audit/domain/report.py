"""What a verification found."""

from dataclasses import dataclass, field

MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `code` is stable; `message` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of `verify_ledger`: what was looked at, and up to 100 of the problems (all are counted).

    `notes` are no proof of anything wrong, but what a person must be able to explain.
    """

    events: int
    leaves: int
    pending: int
    checkpoints: int
    problem_count: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        return self.problem_count == 0


@dataclass(slots=True)
class Findings:
    """Problems as they are found; keeps the first 100 so that a ruined ledger does not fill the memory."""

    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, code: str, message: str) -> None:
        self.count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(code, message))
