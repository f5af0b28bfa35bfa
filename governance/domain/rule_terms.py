"""The closed vocabulary of rules: what can be tested, how, and in which words. Nothing else can be said."""

from enum import StrEnum
from types import MappingProxyType

import msgspec


class AppliesTo(StrEnum):
    AGENTS = "agents"
    PEOPLE = "people"
    EVERYONE = "everyone"


class Effect(StrEnum):
    DENY = "deny"
    APPROVAL = "approval"
    RAISE_TIER = "raise_tier"


class ListKind(StrEnum):
    """How the entries of a named list match."""

    DOMAINS = "domains"
    RECORDS = "records"
    VALUES = "values"
    ADDRESSES = "addresses"
    TERMS = "terms"


class Basis(StrEnum):
    """CNT-06: the lawful bases that can be recorded; `none` says that there is none."""

    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    NONE = "none"


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    CONTAINS = "contains"
    IS_EMPTY = "is_empty"
    NOT_EMPTY = "not_empty"
    GREATER = "greater"
    LESS = "less"
    BETWEEN = "between"
    FROM_TO = "from_to"
    INCREASES_BY = "increases_by"
    DECREASES_BY = "decreases_by"
    OLDER = "older"
    NEWER = "newer"
    ON_LIST = "on_list"
    NOT_ON_LIST = "not_on_list"


class Finding(StrEnum):
    """What a text can be found to hold, or to lack."""

    PRICING = "pricing"
    LEGAL = "legal"
    SECURITY = "security"
    PII = "pii"
    CONFIDENTIAL = "confidential"
    LINKS = "links"
    ATTACHMENTS = "attachments"
    NO_OPT_OUT = "no_opt_out"
    NO_POSTAL_ADDRESS = "no_postal_address"
    DISHONEST_SUBJECT = "dishonest_subject"


class Subject(msgspec.Struct, frozen=True):
    """What a condition looks at. `words` as in a sentence; `choices` when only these values can occur."""

    name: str
    words: str
    operators: tuple[Operator, ...]
    has_field: bool = False
    choices: tuple[str, ...] = ()
    list_kinds: tuple[ListKind, ...] = ()


_O = Operator
_WORDS = (_O.IS, _O.IS_NOT, _O.ONE_OF, _O.NONE_OF)
_GIVEN = (_O.IS_EMPTY, _O.NOT_EMPTY)
_NUMBERS = (_O.LESS, _O.GREATER, _O.BETWEEN)
_LISTED = (_O.ON_LIST, _O.NOT_ON_LIST)
_VALUE = (*_WORDS, _O.CONTAINS, *_GIVEN, *_NUMBERS, _O.OLDER, _O.NEWER, *_LISTED)
_ANY_LIST = (ListKind.VALUES, ListKind.DOMAINS, ListKind.ADDRESSES, ListKind.TERMS)
_SITES = (ListKind.DOMAINS,)

_ALL = (
    Subject("new_value", "the new value of", _VALUE, has_field=True, list_kinds=_ANY_LIST),
    Subject("old_value", "the value before, of", _VALUE, has_field=True, list_kinds=_ANY_LIST),
    Subject("change", "the change of", (_O.FROM_TO, _O.INCREASES_BY, _O.DECREASES_BY), has_field=True),
    Subject("record_value", "the record's", _VALUE, has_field=True, list_kinds=_ANY_LIST),
    Subject("confidence", "confidence", _NUMBERS),
    Subject("field_count", "the number of changed fields", _NUMBERS),
    Subject("agent", "the agent", _WORDS),
    Subject("agent_version", "the agent version", _WORDS),
    Subject("connection", "the connection", _WORDS),
    Subject("environment", "the environment", _WORDS, choices=("sandbox", "production")),
    Subject("workflow", "the source workflow", (*_WORDS, _O.CONTAINS, *_GIVEN)),
    Subject("reason_code", "the reason code", _WORDS),
    Subject("risk_flag", "a risk flag", (*_WORDS, *_GIVEN)),
    Subject("account", "the account", _LISTED, list_kinds=(ListKind.DOMAINS, ListKind.RECORDS)),
    Subject("recipient", "a recipient", (*_WORDS, *_LISTED), list_kinds=(ListKind.DOMAINS, ListKind.ADDRESSES)),
    Subject("recipient_count", "the number of recipients", _NUMBERS),
    Subject("mailbox", "the sending mailbox", (*_WORDS, *_LISTED), list_kinds=(ListKind.ADDRESSES, ListKind.DOMAINS)),
    Subject("vendor", "a source of the evidence", (*_GIVEN, *_LISTED), list_kinds=_SITES),
    Subject("newness", "who is touched for the first time", (_O.ONE_OF, _O.NONE_OF), choices=("person", "domain")),
    Subject("duplicate", "another Lead or Contact with this e-mail or domain", _GIVEN),
    Subject("lawful_basis", "the lawful basis", (*_WORDS, *_GIVEN), choices=tuple(Basis)),
    Subject("finding", "the text", (_O.ONE_OF, _O.NONE_OF), choices=tuple(Finding)),
    Subject("text", "the text", (_O.CONTAINS, *_LISTED), list_kinds=(ListKind.TERMS,)),
)
SUBJECTS = MappingProxyType({subject.name: subject for subject in _ALL})

# How many values each operator takes: least and most. None: any number.
VALUE_COUNTS: MappingProxyType[str, tuple[int, int | None]] = MappingProxyType(
    {
        _O.IS: (1, 1),
        _O.IS_NOT: (1, 1),
        _O.ONE_OF: (1, None),
        _O.NONE_OF: (1, None),
        _O.CONTAINS: (1, None),
        _O.IS_EMPTY: (0, 0),
        _O.NOT_EMPTY: (0, 0),
        _O.GREATER: (1, 1),
        _O.LESS: (1, 1),
        _O.BETWEEN: (2, 2),
        _O.FROM_TO: (2, 2),
        _O.INCREASES_BY: (1, 1),
        _O.DECREASES_BY: (1, 1),
        _O.OLDER: (1, 1),
        _O.NEWER: (1, 1),
        _O.ON_LIST: (1, None),
        _O.NOT_ON_LIST: (1, None),
    }
)
TAKES_NUMBERS = frozenset({_O.GREATER, _O.LESS, _O.BETWEEN, _O.INCREASES_BY, _O.DECREASES_BY, _O.OLDER, _O.NEWER})
TAKES_LISTS = frozenset({_O.ON_LIST, _O.NOT_ON_LIST})
