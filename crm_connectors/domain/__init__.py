"""The pure core of crm_connectors: plain Python and frozen values; no Django, no clock, no I/O."""
