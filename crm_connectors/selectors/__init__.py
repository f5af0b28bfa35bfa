"""Reads of crm_connectors."""
