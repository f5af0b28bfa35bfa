"""The embedded CRM (CON-03): a real, persistent CRM in our own tables, and the connector that serves it.

Imported by `crm_connectors.services` alone; other rooms reach it through `get_connector`.
"""
