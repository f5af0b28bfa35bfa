"""What kind of doing an action is: which ones need a record, make one, stay inside the product, or leave the house."""

from governance.domain.vocabulary import Action

# Writes to fields of records that people sell by.
RECORD_WRITES = frozenset({Action.UPDATE, Action.CREATE, Action.DELETE})

# Work prepared for people: no field of an existing record changes.
PREPARATIONS = frozenset({Action.DRAFT, Action.QUEUE, Action.CREATE_TASK, Action.CREATE_NOTE})

# Kept inside the product until a person takes it up.
INTERNAL = frozenset({Action.DRAFT, Action.QUEUE})

# What touches a person outside.
SENDS = frozenset({Action.SEND_EMAIL, Action.ENROLL_SEQUENCE, Action.CREATE_MEETING, Action.PUSH_TO_DIALER})

# What leaves the house: towards a person, or as data.
OUTWARD = SENDS | {Action.EXPORT}

# Which kind of address each of them uses.
REACHES_BY: dict[str, str] = {
    Action.SEND_EMAIL: "email",
    Action.ENROLL_SEQUENCE: "email",
    Action.CREATE_MEETING: "email",
    Action.PUSH_TO_DIALER: "phone",
}

# No provider takes these back.
IRREVERSIBLE = frozenset({Action.DELETE, Action.SEND_EMAIL})

NEEDS_RECORD = frozenset({Action.UPDATE, Action.DELETE})
MAKES_RECORD = frozenset({Action.CREATE, Action.CREATE_TASK, Action.CREATE_NOTE}) | OUTWARD

# The object of the record that each of them makes: its content is judged, voted on and written like any other.
PREPARED_OBJECTS: dict[str, str] = {
    Action.CREATE_TASK: "tasks",
    Action.CREATE_NOTE: "notes",
    Action.DRAFT: "drafts",
    Action.QUEUE: "queue_items",
    Action.SEND_EMAIL: "emails",
    Action.ENROLL_SEQUENCE: "sequence_enrolments",
    Action.CREATE_MEETING: "meetings",
    Action.PUSH_TO_DIALER: "dialer_entries",
    Action.EXPORT: "exports",
}

# The field of an e-mail that lists the files that leave with it.
ATTACHMENTS = "attachments"

# Nothing to write makes these pointless.
NEEDS_CHANGES = MAKES_RECORD | {Action.UPDATE}

REQUESTABLE = RECORD_WRITES | PREPARATIONS | OUTWARD
