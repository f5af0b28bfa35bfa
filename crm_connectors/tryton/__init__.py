"""Tryton over JSON-RPC (CON-04): a CRM that runs on one's own machine. Imported by `crm_connectors.services` alone.

The server is GPL software of others: it is spoken to over the network and never imported.
"""
