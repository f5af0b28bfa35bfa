"""The reviewers' pages: inbox, review, trace, revert. Doors: permission, one service call, a template."""
