"""The governance document: how agents are governed here, written from the policy and settings themselves (REP-03)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from approvals.adapters.report_pdf import Section, write_pdf
from approvals.domain.visible_text import reveal_as_text
from approvals.selectors.living_governance import as_of, write_changing, write_contacts, write_exceptions, write_log
from governance.domain.catalog import list_action_lines, list_never
from governance.domain.change_words import tell_changes
from governance.domain.chapters import Chapter, Table, to_markdown
from governance.domain.document import PolicyDocument
from governance.domain.index import PolicyIndex
from governance.domain.policy_chapters import chapter_of_changes, write_actions, write_policy_chapters
from governance.domain.vocabulary import Environment
from governance.models import Agent, PolicyRelease, PolicyVersion, Workspace
from governance.selectors.compilation import decode_document
from governance.selectors.policy import get_policy_index_by_digest

FILE_TYPES = {"md": "Markdown", "pdf": "PDF"}
_WIDE = 45
"""Letters of a column that is wide enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GovernanceDocument:
    """`number` is the policy version that it tells, `since` the earlier one that it is compared with; 0 for none."""

    title: str
    note: str
    number: int
    since: int
    chapters: tuple[Chapter, ...]


def make_governance_document(
    *, workspace: Workspace, number: int = 0, since: int = 0, now: datetime
) -> GovernanceDocument | None:
    """The document of a policy version, 0 for that in force in production, else in the sandbox; with `since` it begins
    with what changed. None when there is no such version. Raises PolicyCorruptError."""
    version = _find(workspace, number) if number else _in_force(workspace)
    earlier = _find(workspace, since) if since else None
    if version is None or (since and earlier is None):
        return None
    index = get_policy_index_by_digest(version.digest)
    document = decode_document(bytes(version.document))
    source = f"Read from policy version {version.number}."
    chapters = [*write_policy_chapters(document), _actions(workspace, index)] if index is not None else []
    told = [replace(chapter, source=source) for chapter in chapters]
    changed = [_changes(earlier, document)] if earlier is not None else []
    living = (
        write_exceptions(workspace.pk),
        write_log(workspace.pk),
        write_contacts(workspace),
        write_changing(workspace.pk),
    )
    return GovernanceDocument(
        title=f"How agents are governed at {workspace.name}",
        note=f"Policy version {version.number}, {version.digest}, published {version.created_at:%Y-%m-%d %H:%M} UTC.",
        number=version.number,
        since=since,
        chapters=tuple(map(_seen, (*changed, *told, *(replace(chapter, source=as_of(now)) for chapter in living)))),
    )


def list_versions(workspace: Workspace, most: int = 50) -> list[tuple[int, str]]:
    """The newest versions to choose among: number, and when and why it was published. One query."""
    rows = PolicyVersion.objects.filter(workspace=workspace).order_by("-number")
    shown = rows.values_list("number", "created_at", "reason")[:most]
    return [(number, f"v{number}, {at:%Y-%m-%d}: {reason}") for number, at, reason in shown]


def write_file(document: GovernanceDocument, *, kind: str, now: datetime) -> bytes:
    """The document as one of FILE_TYPES: the same chapters in each."""
    if kind == "md":
        return to_markdown(title=document.title, note=document.note, chapters=document.chapters).encode()
    sections = [
        section for number, chapter in enumerate(document.chapters, 1) for section in _sections(number, chapter)
    ]
    return write_pdf(title=document.title, note=document.note, sections=sections, made_at=now)


def _sections(number: int, chapter: Chapter) -> list[Section]:
    """The PDF's tables; the chapter's words stand over the first."""
    tables = chapter.tables or (Table((), ()),)
    return [
        Section(
            title=f"{number}. {chapter.title}" if place == 0 else table.about,
            about=table.about if place == 0 else "",
            lead=(*chapter.words, chapter.source) if place == 0 else (),
            head=table.head,
            rows=table.rows,
            widths=_widths(table),
            words=range(len(table.head)),
        )
        for place, table in enumerate(tables)
    ]


def _widths(table: Table) -> Sequence[float]:
    """By the longest word of a column, so that none is broken, and by the mean length of its cells."""
    columns = zip(table.head, *table.rows, strict=True)
    return [max(_longest_word(cells), min(sum(map(len, cells)) / len(cells), _WIDE)) for cells in columns]


def _longest_word(cells: Sequence[str]) -> int:
    return min(max(len(word) for cell in cells for word in cell.split() or [""]) + 3, _WIDE // 2)


def _actions(workspace: Workspace, index: PolicyIndex) -> Chapter:
    agents = Agent.objects.filter(workspace=workspace).exclude(lifecycle="retired").order_by("name")
    tables = []
    for agent in agents:
        for environment in sorted({key[2] for key in index.grants if key[0] == agent.name}):
            lines = list_action_lines(
                index,
                environment=environment,
                agent=agent.name,
                lifecycle=agent.lifecycle,
                autonomy_level=agent.autonomy_level,
            )
            never = list_never(index, environment=environment, agent=agent.name)
            tables.append(write_actions(agent.name, environment, lines, never))
    words = "Evidence, rules, limits and stops can still hold a single request back."
    return Chapter("Safe actions and blocked list", (words,), tuple(tables))


def _changes(earlier: PolicyVersion, document: PolicyDocument) -> Chapter:
    changes = tell_changes(decode_document(bytes(earlier.document)), document)
    return chapter_of_changes(f"version {earlier.number}", changes)


def _find(workspace: Workspace, number: int) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(workspace=workspace, number=number).first()


def _in_force(workspace: Workspace) -> PolicyVersion | None:
    for environment in (Environment.PRODUCTION, Environment.SANDBOX):
        rows = PolicyRelease.objects.filter(workspace=workspace, environment=environment)
        release = rows.select_related("version").order_by("-number").first()
        if release is not None:
            return release.version
    return None


def _seen(chapter: Chapter) -> Chapter:
    """With every character that cannot be seen spelled out."""
    tables = tuple(
        replace(
            table,
            rows=tuple(tuple(map(reveal_as_text, row)) for row in table.rows),
            about=reveal_as_text(table.about),
        )
        for table in chapter.tables
    )
    return replace(chapter, words=tuple(map(reveal_as_text, chapter.words)), tables=tables)
