"""The table of docs/guides/people.md says what each role may do, as the code has it (IDN-07)."""

from pathlib import Path

from governance.domain.agent_rights import AGENT_RIGHTS, RIGHT_WORDS
from governance.domain.roles import PERMISSIONS, ROLE_PERMISSIONS, Role
from governance.models import Workspace

GUIDE = Path("docs/guides/people.md")
COLUMNS = (Role.REVOPS_ADMIN, Role.SALES_OPS, Role.COMPLIANCE, Role.SALES_MANAGER, Role.AUDITOR, Role.REP)


def make_table() -> list[str]:
    heads = ("may", *(role.value.replace("_", " ") for role in COLUMNS), "for one agent")
    lines = [f"| {' | '.join(heads)} |", f"|---|{':-:|' * (len(heads) - 1)}"]
    for codename, label in Workspace._meta.permissions:
        marks = ["●" if codename in ROLE_PERMISSIONS[role] else "" for role in COLUMNS]
        words = f"{label.removeprefix('Can ')} `{codename}`"
        lines.append(f"| {' | '.join((words, *marks, '●' if codename in AGENT_RIGHTS else ''))} |")
    return lines


def test_the_guide_holds_the_table_as_the_code_has_it():
    told = [line for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("|")]
    assert told[: len(make_table())] == make_table(), "\n".join(make_table())
    assert {codename for codename, _ in Workspace._meta.permissions} == PERMISSIONS


def test_the_guide_names_every_right_for_one_agent_in_its_words():
    text = GUIDE.read_text("utf-8")
    assert [words for words in RIGHT_WORDS.values() if words not in text] == []
