"""The pure core of approvals: plain Python and frozen values; no Django, no clock, no I/O."""
