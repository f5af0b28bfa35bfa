"""Use cases of approvals: one verb, one function, named transactions."""
