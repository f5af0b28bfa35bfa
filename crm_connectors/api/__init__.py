"""Doors for CRMs that call us."""
