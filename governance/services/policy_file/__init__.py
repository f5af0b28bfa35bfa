"""Governance as code: plan and apply of one policy file (POL-08). Used by the commands and the console."""
