"""Use cases of audit: one verb, one function, named transactions."""
