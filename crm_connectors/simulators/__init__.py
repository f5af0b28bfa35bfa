"""CRM simulators (CON-07): the vendors' APIs as they are on the wire, in memory, for tests, demonstrations and drills.

They judge on their own, remember what they really applied, and can be told to fail. `manage.py simulate KIND` starts
one; tests start one in a thread. No connector imports them: a connector meets a simulator over HTTP alone.
"""
