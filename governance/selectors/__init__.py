"""Reads of governance."""
