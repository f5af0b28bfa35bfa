"""A Salesforce org on the wire: REST API, OAuth, SOQL and the traps that real orgs hold. State is in memory."""
