"""Make a workspace's policy rows what a file wants, and tell what that changed. Runs in the caller's transaction."""

import uuid
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import ProtectedError

from governance.domain.yaml_reading import Place, PolicyFileError
from governance.models import Membership, User
from governance.selectors.policy_rows import Values, key_of, list_rows, reference_text, values_of
from governance.selectors.policy_sections import REFERENCES, SECTIONS, Section
from governance.services.policy_file.wanted import Wanted, WantedRow


@dataclass(frozen=True, slots=True)
class RowChange:
    """`operation` is created, updated or deleted; `before` and `after` hold the columns that differ."""

    section: str
    key: tuple[str, ...]
    operation: str
    row: models.Model
    before: Values
    after: Values


class _Names:
    """Names in the file → rows of the workspace, each model read once."""

    def __init__(self, workspace_id: uuid.UUID) -> None:
        self._workspace_id = workspace_id
        self._known: dict[type[models.Model], dict[str, models.Model]] = {}

    def find(self, model: type[models.Model], text: str, place: Place) -> models.Model:
        known = self._of(model)
        if text not in known:
            raise PolicyFileError(f"there is no {model._meta.verbose_name} `{text}`", place)
        return known[text]

    def forget(self, row: models.Model) -> None:
        """A row that goes with this file: nothing may name it."""
        if type(row) in REFERENCES:
            self._of(type(row)).pop(reference_text(row), None)

    def learn(self, row: models.Model) -> None:
        if type(row) in REFERENCES:
            self._of(type(row))[reference_text(row)] = row

    def _of(self, model: type[models.Model]) -> dict[str, models.Model]:
        if model not in self._known:
            reference = REFERENCES[model]
            joins = [path.rsplit("__", 1)[0] for path in reference.names if "__" in path]
            rows = model._default_manager.select_related(*joins)
            if reference.workspace:
                rows = rows.filter(**{reference.workspace: self._workspace_id})
            self._known[model] = {reference_text(row): row for row in rows}
        return self._known[model]


def change_rows(wanted: Wanted, *, workspace_id: uuid.UUID, user: User | None) -> list[RowChange]:
    """Create and update section by section, then delete in the opposite order; every row is validated as in a form.

    `user` is whom the rows' history names. Raises PolicyFileError with the place of what cannot be.
    """
    names = _Names(workspace_id)
    named = [section for section in SECTIONS if section.name in wanted.sections]
    rows = {section.name: {_key(section, row): row for row in list_rows(section, workspace_id)} for section in named}
    gone = {section.name: _gone(section, rows[section.name], wanted.sections[section.name]) for section in named}
    for section in named:
        for key in gone[section.name]:
            names.forget(rows[section.name][key])
    changes: list[RowChange] = []
    for section in named:
        writer = _Writer(section, workspace_id, names, user)
        changes += writer.write(rows[section.name], wanted.sections[section.name])
    for section in reversed(named):
        changes += [_delete(section, key, rows[section.name][key], user) for key in gone[section.name]]
    return changes


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the rows of one section."""

    section: Section
    workspace_id: uuid.UUID
    names: _Names
    user: User | None

    def write(
        self, rows: dict[tuple[str, ...], models.Model], wanted: dict[tuple[str, ...], WantedRow]
    ) -> Iterator[RowChange]:
        changes = []
        for key, want in wanted.items():
            row = rows.get(key)
            if row is None and self.section.is_given:
                raise PolicyFileError(f"`{' '.join(key)}` is not in the schema that the CRM reported", want.place)
            change = self._create(key, want) if row is None else self._update(key, row, want)
            if change is not None:
                changes.append((change, want))
        for want in wanted.values():
            self._resolve(want)
        for change, want in changes:  # rows may name their like, and all of those exist only now
            self._relate(change.row, want, change.after)
            yield change

    def _resolve(self, want: WantedRow) -> None:
        """Every name in the row is one of ours, also where nothing changes."""
        for name, value in want.values.items():
            item = self.section.column(name)
            for text in value if item.many_to_many else [value] if item.is_relation and value is not None else []:
                self.names.find(item.related_model, text, want.places[name])

    def _create(self, key: tuple[str, ...], want: WantedRow) -> RowChange:
        row = self.section.model()
        if self.section.workspace == "workspace":
            row.workspace_id = self.workspace_id  # type: ignore[attr-defined]  # the section says that it has one
        self._fill(row, want, want.values)
        self._save(row, want)
        self.names.learn(row)
        return RowChange(self.section.name, key, "created", row, {}, want.values)

    def _update(self, key: tuple[str, ...], row: models.Model, want: WantedRow) -> RowChange | None:
        before = values_of(self.section, row)
        changed = {name: value for name, value in want.values.items() if before[name] != value}
        if not changed:
            return None
        self._fill(row, want, changed)
        self._save(row, want)
        return RowChange(self.section.name, key, "updated", row, {name: before[name] for name in changed}, changed)

    def _fill(self, row: models.Model, want: WantedRow, values: Values) -> None:
        for name, value in values.items():
            item = self.section.column(name)
            if item.many_to_many:
                continue
            if item.is_relation and value is not None:
                setattr(row, name, self.names.find(item.related_model, value, want.places[name]))
            elif isinstance(item, models.DurationField) and value is not None:
                setattr(row, name, timedelta(seconds=value))
            else:
                setattr(row, name, value)

    def _save(self, row: models.Model, want: WantedRow) -> None:
        row._history_user = self.user  # type: ignore[attr-defined]  # noqa: SLF001  # the history's own seam
        try:
            row.full_clean()
            row.save()
        except ValidationError as error:
            raise self._error(error, want) from None
        except IntegrityError:
            raise PolicyFileError("the row contradicts another one", want.place) from None

    def _relate(self, row: models.Model, want: WantedRow, values: Values) -> None:
        for name, value in values.items():
            item = self.section.column(name)
            if item.many_to_many:
                others = [self.names.find(item.related_model, text, want.places[name]) for text in value]
                _relate(row, name, others)

    def _error(self, error: ValidationError, want: WantedRow) -> PolicyFileError:
        """The first complaint, at the place of its column."""
        if not hasattr(error, "error_dict"):
            return PolicyFileError("; ".join(error.messages), want.place)
        name, found = next(iter(error.message_dict.items()))
        return PolicyFileError(
            f"`{name}`: {'; '.join(found)}" if name != "__all__" else "; ".join(found),
            want.places.get(name, want.place),
        )


def _relate(row: models.Model, name: str, others: list[models.Model]) -> None:
    """Set a many-to-many. Memberships are rows of their own with a history, and are written one by one."""
    manager = getattr(row, name)
    if manager.through is not Membership:
        manager.set(others)
        return
    kept = {item.person_id: item for item in Membership.objects.filter(group_id=row.pk)}
    wanted = {item.pk for item in others}
    for person_id, item in kept.items():
        if person_id not in wanted:
            item.delete()
    for person_id in wanted - kept.keys():
        Membership.objects.create(group_id=row.pk, person_id=person_id)


def _delete(section: Section, key: tuple[str, ...], row: models.Model, user: User | None) -> RowChange:
    change = RowChange(section.name, key, "deleted", row, values_of(section, row), {})
    row._history_user = user  # type: ignore[attr-defined]  # noqa: SLF001  # the history's own seam
    pk = row.pk
    try:
        row.delete()
    except ProtectedError as error:
        used = sorted({str(item._meta.verbose_name) for item in error.protected_objects})
        message = f"`{' '.join(key)}` of `{section.name}` is not in the file, and cannot go: {', '.join(used)} needs it"
        raise PolicyFileError(message) from None
    row.pk = pk  # its ledger event names it
    return change


def _gone(
    section: Section, rows: Iterable[tuple[str, ...]], wanted: Container[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    return [] if section.is_given else sorted(key for key in rows if key not in wanted)


def _key(section: Section, row: models.Model) -> tuple[str, ...]:
    return key_of(section, values_of(section, row))
