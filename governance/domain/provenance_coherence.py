"""Whether provenance can be written where it is mapped to: else no agent write to the object could succeed (REG-07)."""

from collections.abc import Iterator, Mapping

from governance.domain.compile_error import CompileError
from governance.domain.document import FieldRule, PolicyDocument, ProvenanceRule
from governance.domain.provenance_mapping import MEMBER_TYPES, mapped_fields
from governance.domain.vocabulary import ReviewState


def provenance_errors(
    document: PolicyDocument, fields: Mapping[tuple[str, str, str], FieldRule]
) -> Iterator[CompileError]:
    for rule in document.provenance:
        yield from _errors(rule, fields)


def name_provenance(rule: ProvenanceRule) -> str:
    return f"provenance of `{rule.object}` of `{rule.connection}`"


def _errors(rule: ProvenanceRule, fields: Mapping[tuple[str, str, str], FieldRule]) -> Iterator[CompileError]:
    row, mapped = name_provenance(rule), mapped_fields(rule)
    if not mapped:
        yield CompileError(row, "provenance_empty", "it maps no field: name one, or remove the row")
    names = [name for _, name in mapped]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield CompileError(row, "provenance_twice", f"`{name}` would take two values at once")
    for member, name in mapped:
        field = fields.get((rule.connection, rule.object, name))
        if field is None or field.review_state == ReviewState.GONE:
            yield CompileError(row, "provenance_unknown", f"the field `{name}` is not registered")
        elif field.is_read_only:
            yield CompileError(row, "provenance_read_only", f"the CRM itself writes `{name}`: nothing else can")
        elif field.type not in MEMBER_TYPES[member]:
            wanted = ", ".join(sorted(MEMBER_TYPES[member]))
            yield CompileError(row, "provenance_type", f"`{name}` is of type {field.type} and must be one of: {wanted}")
        elif field.options or field.is_required:
            yield CompileError(row, "provenance_type", f"`{name}` must be a free field that may be empty")
    if rule.trace_address and not rule.request_field:
        yield CompileError(row, "provenance_empty", "a trace address needs a field for the request")
