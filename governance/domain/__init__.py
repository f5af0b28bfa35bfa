"""The pure core of governance: documents, facts, decisions, quorum.

Plain Python and frozen values: no Django, no clock, no I/O. Every other room and floor may import it.
"""
