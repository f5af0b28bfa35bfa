"""What a text holds or lacks: claims, personal data, links, what the law asks of a commercial message (CNT-02, APR-08).

Fixed patterns over folded text (`plain_text`), each linear: no nested or unbounded overlapping repetition, so that no
text takes long. They ask a person to look; they do not understand.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from governance.domain.rule_terms import Finding


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_CURRENCY = r"(?:[$€£¥]|\b(?:usd|eur|gbp|chf|nok|sek|dkk|dollars?|euros?)\b)"
_PRICING = _any_of(
    _CURRENCY + r" ?\d",
    r"\d ?" + _CURRENCY.replace(r"|\b", "|"),
    r"\d ?%|\bper ?cent\b|\bper (?:seat|user|month|year)\b",
    r"\bdiscount(?:s|ed|ing)?\b|\bpric(?:e|es|ed|ing)\b|\brebates?\b|\bquot(?:e|es|ed|ation)\b",
    r"\bfree (?:of charge|trials?|months?|seats?)\b|\bspecial offer\b|\bcosts? (?:less|only|nothing)\b",
)
_LEGAL = _any_of(
    r"\bguarante(?:e|es|ed|eing)\b|\bwarrant(?:y|ies|ed)\b|\bindemni(?:fy|fies|fication|ty)\b",
    r"\bliab(?:le|ility|ilities)\b|\blegally binding\b|\bcontract(?:s|ual|ually)?\b|\bterms and conditions\b",
    r"\bservice levels?\b|\bsla\b|\bnda\b|\bwaive(?:s|d|r)?\b|\brefund(?:s|ed|able)?\b",
    r"\bgdpr[ -]compliant\b|\bfully compliant\b|\bregulatory approval\b",
)
_SECURITY = _any_of(
    r"\bsoc ?[123]\b|\biso ?/? ?(?:iec ?)?27\d{3}\b|\bhipaa\b|\bpci[ -]?dss\b|\bfedramp\b",
    r"\bpen(?:etration)?[ -]?test(?:s|ed|ing)?\b|\bencrypt(?:s|ed|ion)?\b|\bunhackable\b|\bzero[ -]trust\b",
    r"\bsecurity certifi(?:ed|cation|cations|cate)\b|\bbreach(?:es)?\b|\bdata residency\b",
    r"\b(?:completely|fully|100 ?%) secure\b",
)
_PERSONAL = _any_of(
    r"\b\d{3}-\d{2}-\d{4}\b|\bsocial security\b|\bnational (?:id|insurance)\b|\bpassport (?:no|number)\b",
    r"\bdate of birth\b|\bborn on\b|\bhome address\b|\bsalary\b|\bdiagnos(?:is|ed)\b|\breligio(?:n|us)\b",
    r"\bbank account\b|\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){3,7}",
)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_LINK = _any_of(
    r"\b(?:https?|hxxps?|ftp)\b ?:|\bwww\.",
    r"(?<![\w@.-])[a-z0-9-]{2,63}\.(?:com|net|org|io|ai|co|app|dev|link|ly|me|info|biz|eu)\b",
)
_OPT_OUT = _any_of(
    r"\bunsubscribe\b|\bopt(?:ing)?[ -]?out\b|\bstop receiving\b|\bno longer wish to\b",
    r"\breply (?:with )?[\"'“]?stop\b|\babmelden\b|\bdesinscri",
)
_STREET_WORDS = "st|street|rd|road|ave|avenue|blvd|boulevard|lane|ln|drive|dr|way|square|sq|place|court|ct|plaza"
_STREET = _any_of(
    rf"\b\d{{1,6}}[a-z]? (?:[a-z.'-]{{1,30}} ){{1,4}}(?:{_STREET_WORDS})\b|\bp\.? ?o\.? ?box \d",
    r"\b[a-z'-]{2,40}(?:strasse|straße|gata|gate|veien|vej|straat|weg) \d{1,5}\b",
    r"\b(?:rue|via|calle|rua) [^\n]{2,60}\d",
)
_REPLY = re.compile(r"\s{0,9}(?:re|fw|fwd|aw|wg|sv|vs|antw|rif|res)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[::]")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    Finding.PRICING: _PRICING,
    Finding.LEGAL: _LEGAL,
    Finding.SECURITY: _SECURITY,
    Finding.LINKS: _LINK,
}
_LEAST_CONFIDENTIAL = 4  # shorter values ("12", "yes") turn up anywhere


def find_in(folded: str) -> frozenset[str]:
    """The findings that any text can hold, of folded text."""
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(folded)}
    if _PERSONAL.search(folded) or _holds_card(folded):
        found.add(Finding.PII.value)
    return frozenset(str(name) for name in found)


def find_lacking(subject: str, folded: str, *, addresses: Iterable[str], is_answer: bool) -> frozenset[str]:
    """What a commercial message lacks. `addresses`: the company's own postal addresses, folded; without any, whatever
    looks like one counts."""
    lacking = set()
    if not _OPT_OUT.search(folded):
        lacking.add(Finding.NO_OPT_OUT.value)
    known = tuple(addresses)
    is_given = any(address in " ".join(folded.split()) for address in known) if known else _STREET.search(folded)
    if not is_given:
        lacking.add(Finding.NO_POSTAL_ADDRESS.value)
    if _REPLY.match(subject) and not is_answer:
        lacking.add(Finding.DISHONEST_SUBJECT.value)
    return frozenset(lacking)


def holds_confidential(words: str, values: Iterable[str], words_in: Callable[[str], str]) -> bool:
    """Whether one of the confidential `values` stands in a text. `words`: its words, blank on both sides of each."""
    return any(f" {wanted} " in words for value in values if len(wanted := words_in(value)) >= _LEAST_CONFIDENTIAL)


def _holds_card(folded: str) -> bool:
    """A card number by its check digit. Source: ISO/IEC 7812-1 (Luhn)."""
    for match in _CARD.finditer(folded):
        digits = [int(character) for character in reversed(match.group()) if character.isdigit()]
        doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
        if (sum(digits[0::2]) + sum(doubled)) % 10 == 0:
            return True
    return False
