"""What each kind of two-person change says, asks and does: one module a kind, listed in `change_kinds`."""
