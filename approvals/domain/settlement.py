"""Codes with which a request settles where a worker found it, and who takes it from there."""

APPLIED_WITH_DIFFERENCE = "applied_with_difference"
"""The CRM took the write and holds something else (it normalised, or ignored a field)."""

NEEDS_PERSON = "needs_person"
"""A call that may not be repeated, whose outcome the CRM cannot tell."""

FOR_A_PERSON = frozenset({APPLIED_WITH_DIFFERENCE, NEEDS_PERSON})
"""Codes of `unknown` that no machine can settle; sweep and reconciler leave them alone."""
