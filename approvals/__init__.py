"""The life of a request: intake, decision, review, execution, revert; agent API and console pages.

Imports every room below."""
