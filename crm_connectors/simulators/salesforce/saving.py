"""Saving: one record created, changed or deleted, with everything an org does on the way. Callers hold the lock."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_connectors.simulators.salesforce.definition import FieldDefinition, ObjectDefinition, Value
from crm_connectors.simulators.salesforce.duplicates import refuse_duplicates
from crm_connectors.simulators.salesforce.errors import AmbiguousKeyError, ApiError, is_deleted, not_found
from crm_connectors.simulators.salesforce.history import add_history
from crm_connectors.simulators.salesforce.org import Applied, Org, Row, User, field_for, stamp
from crm_connectors.simulators.salesforce.side_effects import settle
from crm_connectors.simulators.salesforce.value_rules import store

Values = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveOptions:
    """What a call's headers ask: run the assignment rules, save although an alerting duplicate rule matches."""

    assigns: bool = True
    allows_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Save:
    """Who saves what kind of record where, and how."""

    org: Org
    user: User
    definition: ObjectDefinition
    options: SaveOptions = SaveOptions()

    def create(self, given: Mapping[str, object]) -> str:
        """The new record's id. Raises ApiError."""
        if any(name.casefold() == "id" for name in given):
            raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.")
        written = _read(self, given, is_new=True)
        after: Values = {field.name: field.default for field in self.definition.fields} | written
        after["OwnerId"] = after.get("OwnerId") or self.user.id
        self._assign(after)
        _judge(self, None, after)
        settle(self.definition.name, {}, after)
        record_id = self.org.next_id(self.definition.name)
        now = stamp(self.org.now())
        after.update(Id=record_id, IsDeleted=False, CreatedDate=now, CreatedById=self.user.id)
        self._keep(record_id, after)
        self._note("create", record_id, written)
        add_history(self.org, self.user, self.definition, record_id, {"created": (None, None)})
        _mark_products(self.org, self.definition, after)
        return record_id

    def update(self, row: Row, given: Mapping[str, object]) -> None:
        """Change an existing record. Raises ApiError."""
        if row.is_deleted:
            raise is_deleted()
        written = _read(self, given, is_new=False)
        after = {**row.values, **written}
        self._assign(after)
        _judge(self, row, after)
        settle(self.definition.name, row.values, after)
        changed = {
            name: (row.values.get(name), value) for name, value in after.items() if value != row.values.get(name)
        }
        self._keep(row.id, after)
        self._note("update", row.id, written)
        add_history(self.org, self.user, self.definition, row.id, changed)

    def delete(self, row: Row) -> None:
        """To the recycle bin, from where this API brings nothing back. Raises ApiError."""
        if row.is_deleted:
            raise is_deleted()
        self._keep(row.id, {**row.values, "IsDeleted": True})
        self._note("delete", row.id, {})

    def _assign(self, after: Values) -> None:
        """The active assignment rule's owner, where the caller did not switch the rules off."""
        if self.options.assigns and self.definition.name in self.org.assigns:
            after["OwnerId"] = self.org.assigns[self.definition.name]

    def _keep(self, record_id: str, values: Values) -> None:
        now = self.org.now()
        values.update(LastModifiedDate=stamp(now), LastModifiedById=self.user.id, SystemModstamp=stamp(now))
        name = self.definition.name
        self.org.rows[name][record_id] = Row(
            object=name, id=record_id, values=values, modified_at=now.replace(microsecond=0)
        )

    def _note(self, verb: str, record_id: str, values: Values) -> None:
        name, user = self.definition.name, self.user.username
        self.org.journal.append(
            Applied(verb=verb, object=name, id=record_id, values=values, user=user, at=self.org.now())
        )


def find_by_key(org: Org, user: User, definition: ObjectDefinition, field_name: str, value: str) -> Row | None:
    """The live record with this external id. Raises ApiError, AmbiguousKeyError."""
    field = field_for(user, definition, field_name)
    if not field.is_external_id and field.name != "Id":
        raise not_found()
    wanted = value.casefold()
    rows = [
        row
        for row in org.rows[definition.name].values()
        if not row.is_deleted and str(row.values.get(field.name) or "").casefold() == wanted
    ]
    if len(rows) > 1:
        raise AmbiguousKeyError(definition.name, [row.id for row in rows])
    return rows[0] if rows else None


def _read(save: Save, given: Mapping[str, object], *, is_new: bool) -> Values:
    """Known, permitted fields with the values they will hold."""
    user, definition = save.user, save.definition
    named = {name: field_for(user, definition, name) for name in given if name != "attributes"}
    refused = [field.name for field in named.values() if not _is_writable(user, definition, field, is_new=is_new)]
    if refused:
        message = (
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(refused))
    return {field.name: store(field, given[name]) for name, field in named.items()}


def _is_writable(user: User, definition: ObjectDefinition, field: FieldDefinition, *, is_new: bool) -> bool:
    if f"{definition.name}.{field.name}" in user.read_only:
        return False
    return field.is_createable if is_new else field.is_updateable


def _judge(save: Save, row: Row | None, after: Values) -> None:
    org, definition = save.org, save.definition
    missing = [field.name for field in definition.fields if field.is_required and after.get(field.name) is None]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise ApiError(400, "REQUIRED_FIELD_MISSING", message, tuple(missing))
    for field in definition.fields:
        _judge_reference(org, field, after.get(field.name))
        if field.is_unique and after.get(field.name) is not None:
            _judge_unique(org, definition, field, row, after)
    for rule in org.validation_rules:
        if rule.object == definition.name and rule.refuses(after):
            raise ApiError(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, (rule.field,))
    refuse_duplicates(org, definition, row, after, is_insisting=save.options.allows_duplicates)


def _judge_reference(org: Org, field: FieldDefinition, value: Value) -> None:
    if not field.reference_to or not isinstance(value, str):
        return
    target = org.find(value)
    if target is None or target.object not in field.reference_to:
        code, label = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
        raise ApiError(400, code, label, (field.name,))
    if target.is_deleted:
        raise ApiError(400, "ENTITY_IS_DELETED", "entity is deleted", (field.name,))
    if field.name == "OwnerId" and target.values.get("IsActive") is False:
        raise ApiError(400, "INACTIVE_OWNER_OR_USER", "operation performed with inactive user", (field.name,))


def _judge_unique(
    org: Org, definition: ObjectDefinition, field: FieldDefinition, row: Row | None, after: Values
) -> None:
    wanted = str(after[field.name]).casefold()
    for other in org.rows[definition.name].values():
        is_self = row is not None and other.id == row.id
        if not is_self and not other.is_deleted and str(other.values.get(field.name) or "").casefold() == wanted:
            message = f"duplicate value found: {field.name} duplicates value on record with id: {other.id[:15]}"
            raise ApiError(400, "DUPLICATE_VALUE", message)


def _mark_products(org: Org, definition: ObjectDefinition, after: Values) -> None:
    """An opportunity that has products says so, and keeps its amount to itself from then on."""
    if definition.name != "OpportunityLineItem":
        return
    row = org.rows["Opportunity"][str(after["OpportunityId"])]
    values = {**row.values, "HasOpportunityLineItem": True}
    org.rows["Opportunity"][row.id] = Row(object=row.object, id=row.id, values=values, modified_at=row.modified_at)
