"""The ownership matrix as a sheet of text: its columns, how a cell is read, and how a row becomes a rule (REG-03).

One wording for the grid in the console, a block pasted from a spreadsheet, and a CSV or XLSX file: every cell is text,
and the text of a value is always the same, so that what was exported comes back as "no changes".
"""

import hashlib
import math
import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from governance.domain.document import FieldRule
from governance.domain.vocabulary import Classification, PermissionLevel, RollbackMethod, ValueFormat, Writer

KEYS = ("connection", "object", "field")
INFORMATION = ("label", "type", "review_state")
YES, NO = "yes", "no"
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_WORDS = {"yes": YES, "true": YES, "1": YES, "x": YES, "no": NO, "false": NO, "0": NO, "": NO}


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One editable column. `kind` is `choice`, `flag`, `words` (several of `options`), `text`, or a look-up: `group`,
    `person` (by e-mail address), `field` (of the same object). `member` is the rule's member that it sets."""

    name: str
    title: str
    kind: str
    member: str
    options: tuple[str, ...] = ()
    max_length: int = 120
    help: str = ""


COLUMNS: tuple[Column, ...] = (
    Column(
        name="classification",
        title="Class",
        kind="choice",
        member="classification",
        options=tuple(Classification),
        help="What kind of truth the field holds. Agents write only the writable classes.",
    ),
    Column(
        name="permission_level",
        title="Agents may",
        kind="choice",
        member="permission_level",
        options=tuple(PermissionLevel),
        help="What agents may do with it, whatever they are granted.",
    ),
    Column(
        name="allowed_writers",
        title="Writers",
        kind="words",
        member="allowed_writers",
        options=tuple(sorted(Writer)),
        help="Who may write it at all.",
    ),
    Column(
        name="owner_group",
        title="Owner group",
        kind="group",
        member="owner",
        help="Reviews changes of this field when a review is needed.",
    ),
    Column(
        name="owner_person",
        title="Owning person",
        kind="person",
        member="owner_person",
        help="The e-mail address of the group's member who answers for it.",
    ),
    Column(
        name="source_of_truth",
        title="Source of truth",
        kind="text",
        member="source_of_truth",
        max_length=80,
        help="CRM or agent; the name of any other system keeps agents from writing it here.",
    ),
    Column(
        name="is_golden",
        title="Golden",
        kind="flag",
        member="is_golden",
        help="Changes by its one named path only; agents suggest.",
    ),
    Column(
        name="review_required",
        title="Always review",
        kind="flag",
        member="review_required",
        help="A person looks at every change.",
    ),
    Column(
        name="suggestion_field",
        title="Suggestion field",
        kind="field",
        member="suggestion_field",
        help="Where an agent's value goes when it may not write the field itself.",
    ),
    Column(
        name="promote_on_approval",
        title="Approval promotes",
        kind="flag",
        member="promote_on_approval",
        help="An agent's suggestion asks for approval, and approving it writes the field itself too.",
    ),
    Column(
        name="refresh_after_days",
        title="Fresh for days",
        kind="number",
        member="refresh_after_days",
        help="So long after its last write agents leave it alone; then only newer data may refresh it.",
    ),
    Column(
        name="rollback_method",
        title="Rollback",
        kind="choice",
        member="rollback_method",
        options=tuple(RollbackMethod),
        help="Anything but revert takes a person's approval each time.",
    ),
    Column(
        name="value_format",
        title="Format",
        kind="choice",
        member="value_format",
        options=tuple(ValueFormat),
        help="What a text must look like beyond its type.",
    ),
    Column(name="min_value", title="Least", kind="number", member="min_value", help="The least value of a number."),
    Column(name="max_value", title="Greatest", kind="number", member="max_value", help="The greatest."),
    Column(
        name="components_field",
        title="Score made of",
        kind="field",
        member="components_field",
        help="For a score: the field that an agent must fill with what it is made of.",
    ),
    Column(
        name="version_field",
        title="Score computed by",
        kind="field",
        member="version_field",
        help="For a score: the field that an agent must fill with what computed it.",
    ),
    Column(
        name="is_sensitive", title="Sensitive", kind="flag", member="is_sensitive", help="Masked in governed reads."
    ),
)
BY_NAME = {column.name: column for column in COLUMNS}

COLUMN_OF_CODE = {
    "commitment_writable": "permission_level",
    "golden_writable": "permission_level",
    "guarded_safe_write": "permission_level",
    "format_without_text": "value_format",
    "owner_person_outside": "owner_person",
    "range_empty": "max_value",
    "range_without_number": "min_value",
    "owner_unknown": "owner_group",
    "promotion_without_suggestion": "promote_on_approval",
    "freshness_out_of_range": "refresh_after_days",
    "suggestion_cycle": "suggestion_field",
    "suggestion_itself": "suggestion_field",
    "suggestion_shared": "suggestion_field",
    "suggestion_unknown": "suggestion_field",
    "unknown_writer": "allowed_writers",
}
"""Where a contradiction between cells is shown; the others belong to the row as a whole."""


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the look-ups know. `people` is e-mail address → id, `fields` is (connection, object) → names."""

    groups: frozenset[str]
    people: Mapping[str, str]
    fields: Mapping[tuple[str, str], frozenset[str]]


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """One registered field. `cells` is column → text; `ownership_id` is empty while the matrix has no row for it."""

    id: str
    ownership_id: str
    connection: str
    object: str
    field: str
    label: str
    type: str
    review_state: str
    cells: dict[str, str]

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.connection, self.object, self.field)

    @property
    def version(self) -> str:
        """Changes with any cell: a fingerprint of the whole row."""
        text = "\x1f".join(self.cells[column.name] for column in COLUMNS)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class CellError(ValueError):
    """The text cannot stand in that column. The message says what can."""

    code = "cell_invalid"


def show_cell(value: object) -> str:
    """The one text of a value."""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list | tuple):
        return "; ".join(sorted(str(item) for item in value))
    return "" if value is None else str(value)


def read_plain(text: str) -> str:
    """What was typed, without white space around it. Raises CellError for what nobody could see."""
    text = text.strip()
    if _UNSEEN.search(text) is not None:
        raise CellError("control characters do not belong into a cell")
    return text


def read_cell(column: Column, text: str, row: SheetRow, choices: Choices) -> str:
    """The canonical text of what was typed, pasted or imported. Raises CellError."""
    text = read_plain(text)
    match column.kind:
        case "flag":
            found = read_flag(text)
        case "words":
            found = _words(column, text)
        case "choice":
            found = _choice(column, text)
        case "number":
            found = _number(text)
        case "group":
            complaint = "no approver group is called `{}`: name one, or leave the cell empty"
            found = _known(text, choices.groups, complaint)
        case "person":
            found = _known(text, choices.people, "nobody active in an approver group has the address `{}`")
        case "field":
            names = choices.fields.get((row.connection, row.object), frozenset())
            found = _known(text, names, f"`{row.object}` has no field `{{}}`: see the field registry")
        case _:
            found = _text(column, text)
    return found


def with_cells(rule: FieldRule, cells: Mapping[str, str], choices: Choices) -> FieldRule:
    """The rule as it would be compiled once the cells (canonical text) are saved."""
    return msgspec.structs.replace(
        rule, **{BY_NAME[name].member: value_of(name, cells[name], choices) for name in cells}
    )


def value_of(name: str, text: str, choices: Choices) -> Any:
    """The value that canonical text stands for; a person's is the id."""
    match BY_NAME[name].kind:
        case "flag":
            return text == YES
        case "words":
            return tuple(text.split("; ")) if text else ()
        case "number":
            return float(text) if text else None
        case "person":
            return choices.people[text] if text else ""
        case _:
            return text


def read_flag(text: str) -> str:
    """The word `yes` or `no`. Raises CellError."""
    if (word := _WORDS.get(text.casefold())) is None:
        raise CellError(f"`{text}` is neither yes nor no")
    return word


def _words(column: Column, text: str) -> str:
    words = {word.strip().casefold() for word in re.split(r"[;,\n]", text) if word.strip()}
    unknown = sorted(words - set(column.options))
    if unknown:
        raise CellError(f"`{unknown[0]}` is none of {_listed(column.options)}")
    return show_cell(tuple(words))


def _choice(column: Column, text: str) -> str:
    word = re.sub(r"[\s-]+", "_", text.casefold())
    if word not in column.options:
        raise CellError(f"`{text}` is none of {_listed(column.options)}")
    return word


def _number(text: str) -> str:
    try:
        value = float(text.replace(" ", "")) if text else None
    except ValueError:
        value = math.inf
    if value is not None and not abs(value) < 2**53:
        raise CellError(f"`{text}` is no number")
    return show_cell(value)


def _known(text: str, known: Collection[str], complaint: str) -> str:
    if text and text not in known:
        raise CellError(complaint.format(text))
    return text


def _text(column: Column, text: str) -> str:
    if len(text) > column.max_length:
        raise CellError(f"at most {column.max_length} characters fit")
    return text


def _listed(options: tuple[str, ...]) -> str:
    return ", ".join(options)
