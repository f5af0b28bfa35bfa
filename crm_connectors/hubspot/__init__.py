"""HubSpot behind the port (CON-01). `connector.KIND` is all that the registry imports."""
