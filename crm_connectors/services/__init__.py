"""Use cases of crm_connectors: one verb, one function, named transactions."""
