"""What a budget counts by, in one spelling: another way to write a domain or mailbox is no fresh budget (LIM-01)."""

from functools import lru_cache

from governance.domain.dnc_key import InvalidRecipientError, domain_key, email_key
from governance.domain.vocabulary import BudgetKey


@lru_cache(maxsize=4096)
def counted_value(key: str, text: str) -> str:
    """A value of a key as its counters and scopes name it.

    Domains as they show (punycode, width and look-alikes undone), mailboxes without tags. What is no address, like the
    agent's name in the place of a mailbox, counts as written but for case.
    """
    plain = text.strip()
    try:
        if key == BudgetKey.RECIPIENT_DOMAIN:
            return domain_key(plain.rpartition("@")[2])
        if key == BudgetKey.MAILBOX:
            return email_key(plain)
    except InvalidRecipientError:
        return plain.casefold()
    return text
