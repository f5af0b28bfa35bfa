"""A HubSpot portal on the wire (CON-07): `make_portal` keeps the state, `make_app` serves it.

Behaviour is written from observed facts in our own words; no specification of HubSpot's is part of this package.
"""
