"""The pure core of audit: plain Python and frozen values; no Django, no clock, no I/O."""
