"""Salesforce behind the port (CON-02). Imports the port, its values and the guarded HTTP client, no table of ours."""
