"""What a person says of fields that are reviewed: what agents may do with them from now on (REG-01)."""

from enum import StrEnum

from governance.domain.vocabulary import PermissionLevel, Writer


class ReviewAnswer(StrEnum):
    """`keep` says nothing of agents: what the matrix says of the field stays."""

    KEEP = "keep"
    NEVER = "never"
    READ = "read"
    SUGGEST = "suggest"
    APPROVAL = "approval"
    WRITE = "write"


ANSWER_WORDS: dict[ReviewAnswer, str] = {
    ReviewAnswer.KEEP: "keep what the matrix says",
    ReviewAnswer.NEVER: "agents never see it",
    ReviewAnswer.READ: "agents may read it",
    ReviewAnswer.SUGGEST: "agents may suggest, people write",
    ReviewAnswer.APPROVAL: "agents may write with approval",
    ReviewAnswer.WRITE: "agents may write",
}
LEVELS: dict[ReviewAnswer, PermissionLevel] = {
    ReviewAnswer.NEVER: PermissionLevel.BLOCKED,
    ReviewAnswer.READ: PermissionLevel.READ_ONLY,
    ReviewAnswer.SUGGEST: PermissionLevel.READ_ONLY,
    ReviewAnswer.APPROVAL: PermissionLevel.APPROVAL,
    ReviewAnswer.WRITE: PermissionLevel.SAFE_WRITE,
}
_OPENNESS = (
    PermissionLevel.BLOCKED,
    PermissionLevel.ADMIN_ONLY,
    PermissionLevel.READ_ONLY,
    PermissionLevel.APPROVAL,
    PermissionLevel.SAFE_WRITE,
)


def is_tighter(wanted: str, held: str) -> bool:
    """Whether the wanted level leaves agents less than the one that is held."""
    return _OPENNESS.index(PermissionLevel(wanted)) < _OPENNESS.index(PermissionLevel(held))


def drafted_cells(answer: ReviewAnswer, cells: dict[str, str]) -> dict[str, str]:
    """The cells of a matrix row that the answer asks for and that are not so yet."""
    if answer is ReviewAnswer.KEEP:
        return {}
    wanted = {"permission_level": LEVELS[answer].value}
    writers = set(cells["allowed_writers"].split("; ")) - {""}
    if answer in (ReviewAnswer.APPROVAL, ReviewAnswer.WRITE):
        wanted["allowed_writers"] = "; ".join(sorted(writers | {Writer.AGENT, Writer.HUMAN}))
    elif not writers and answer is ReviewAnswer.SUGGEST:
        wanted["allowed_writers"] = Writer.HUMAN.value
    return {name: text for name, text in wanted.items() if cells[name] != text}
