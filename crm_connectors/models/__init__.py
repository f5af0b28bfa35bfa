"""Tables of the connectors."""
