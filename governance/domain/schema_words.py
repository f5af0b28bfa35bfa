"""How a field's shape differs from the one that was reviewed, in words (REG-01)."""

from governance.domain.schema import FieldSchema

_OPTIONS_NAMED = 5


def tell_difference(before: FieldSchema, after: FieldSchema) -> tuple[str, ...]:
    """One sentence for each thing that differs; a new label is told too, though it asks for no review."""
    return (
        *((f"type was {before.type}, is {after.type}",) if before.type != after.type else ()),
        *_tell_options(before.options, after.options),
        *_tell_flag(before.is_read_only, after.is_read_only, "read-only at the CRM"),
        *_tell_flag(before.is_required, after.is_required, "required"),
        *_tell_length(before.max_length, after.max_length),
        *((f"label was “{before.label}”",) if before.label != after.label else ()),
    )


def tell_shape(field: FieldSchema) -> tuple[str, ...]:
    """What a field is, for one that nobody has seen yet."""
    return (
        field.type,
        *((f"options {_listed(field.options)}",) if field.options else ()),
        *(("read-only at the CRM",) if field.is_read_only else ()),
        *(("required",) if field.is_required else ()),
        *((f"up to {field.max_length} characters",) if field.max_length is not None else ()),
    )


def _tell_options(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    if before == after:
        return ()
    added = tuple(option for option in after if option not in set(before))
    gone = tuple(option for option in before if option not in set(after))
    if not added and not gone:
        return ("options stand in another order",)
    return (
        *((f"options came: {_listed(added)}",) if added else ()),
        *((f"options went: {_listed(gone)}",) if gone else ()),
    )


def _tell_flag(before: bool, after: bool, words: str) -> tuple[str, ...]:  # noqa: FBT001  # before and after
    if before == after:
        return ()
    return (f"is {words} now" if after else f"is no longer {words}",)


def _tell_length(before: int | None, after: int | None) -> tuple[str, ...]:
    if before == after:
        return ()
    return (f"length was {before or 'unlimited'}, is {after or 'unlimited'}",)


def _listed(options: tuple[str, ...]) -> str:
    shown = ", ".join(options[:_OPTIONS_NAMED])
    more = len(options) - _OPTIONS_NAMED
    return f"{shown} and {more} more" if more > 0 else shown
