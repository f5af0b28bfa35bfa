"""The programs that strangers check ledger and certificates with, as they are handed out: one file each (AUD-06)."""

from importlib.resources import files

NAME = "countersign_verify.py"
NONCONTACT = "noncontact.py"


def read_verifier_program(name: str = NAME) -> bytes:
    """The bytes of one of the two."""
    return (files("audit.verifier") / name).read_bytes()
