"""The key that a workspace's contact maps are made with, and the names that stand behind its labels (DNC-07).

It is drawn from the do-not-contact list's secret, which whoever is given it cannot work back to: a map key may be
handed to an auditor of this one workspace. Made with another secret nothing would match: then there is no key. Names
depend on the region of phone numbers and on the version of matching keys, so the key does too: labels that were made
otherwise are under a key of another name, and never taken for absent.
"""

import hashlib
import hmac
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from governance.domain.dnc_key import KEY_VERSION, InvalidRecipientError, key_of, record_key
from governance.domain.facts import RecipientFacts
from governance.selectors.dnc_secret import DncKeys, get_dnc_keys

_PURPOSE = b"countersign contact maps v2"


def get_contact_key(workspace_id: UUID) -> bytes:
    """The 32 bytes of the workspace's map key. Raises DncUnavailableError."""
    keys = get_dnc_keys()
    made_by = f"{keys.region}:{KEY_VERSION}".encode()
    return hmac.new(keys.secret, _PURPOSE + workspace_id.bytes + made_by, hashlib.sha256).digest()


def recipient_names(connection: str, recipient: RecipientFacts, keys: DncKeys) -> list[str]:
    """The matching keys of one recipient: the record that holds the address, and the address where it can be read."""
    names = []
    if recipient.record_id:
        names.append(record_key(connection, recipient.object, recipient.record_id))
    with suppress(InvalidRecipientError):
        names.append(key_of(recipient.kind, recipient.address, region=keys.region))
    return names


def reached_names(connection: str, recipients: Sequence[RecipientFacts]) -> list[str]:
    """The names of everyone among the recipients, each once, sorted. Raises DncUnavailableError."""
    keys = get_dnc_keys()
    return sorted({name for recipient in recipients for name in recipient_names(connection, recipient, keys)})
