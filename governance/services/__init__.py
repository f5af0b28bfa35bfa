"""Use cases of governance: one verb, one function, named transactions."""
