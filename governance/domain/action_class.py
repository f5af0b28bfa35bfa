"""What kind of doing an action is: which ones need a record, make one, or stay inside the product."""

from governance.domain.vocabulary import Action

# Writes to fields of records that people sell by.
RECORD_WRITES = frozenset({Action.UPDATE, Action.CREATE, Action.DELETE})

# Work prepared for people: no field of an existing record changes.
PREPARATIONS = frozenset({Action.DRAFT, Action.QUEUE, Action.CREATE_TASK, Action.CREATE_NOTE})

# Kept inside the product until a person takes it up.
INTERNAL = frozenset({Action.DRAFT, Action.QUEUE})

NEEDS_RECORD = frozenset({Action.UPDATE, Action.DELETE})
MAKES_RECORD = frozenset({Action.CREATE, Action.CREATE_TASK, Action.CREATE_NOTE})

# The object of the record that each of them makes: its content is judged, voted on and written like any other.
PREPARED_OBJECTS: dict[str, str] = {
    Action.CREATE_TASK: "tasks",
    Action.CREATE_NOTE: "notes",
    Action.DRAFT: "drafts",
    Action.QUEUE: "queue_items",
}

# Nothing to write makes these pointless.
NEEDS_CHANGES = MAKES_RECORD | {Action.UPDATE}

REQUESTABLE = RECORD_WRITES | PREPARATIONS
