"""What a rule's conditions look at in one decision: made when the first condition asks, then kept for all others."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from governance.domain.action_class import ATTACHMENTS, NEEDS_RECORD
from governance.domain.decision import FieldChange
from governance.domain.facts import JsonValue, RecordFacts
from governance.domain.plain_text import fold, fold_body, fold_value, words_of
from governance.domain.rule_values import Texts, UnreadableError, domain_of, texts_of
from governance.domain.text_findings import find_in, find_lacking, holds_confidential

if TYPE_CHECKING:  # a case holds the index, and the index holds the rules
    from governance.domain.case import Case

MAX_TEXT_LENGTH = 65_536


class TextTooLongError(ValueError):
    """More text than is looked through; what was not looked through is not let pass."""


class RuleView:
    """One case with its patch. Properties raise UnreadableError where a fact is missing.

    The record that a rule speaks of is the one that is written; for whatever is prepared or sent about another record,
    that one; for a new record, the record as it would begin.
    """

    def __init__(
        self,
        case: "Case",
        patch: Sequence[FieldChange],
        *,
        bases: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]],
        postal_addresses: frozenset[str],
    ) -> None:
        self.case = case
        self.patch = patch
        self._bases = bases
        self._postal_addresses = postal_addresses

    @cached_property
    def changes(self) -> Mapping[str, FieldChange]:
        return {change.field: change for change in self.patch}

    # ---- the record --------------------------------------------------------------------------------------------------
    @cached_property
    def object(self) -> str:
        """The object of the record that rules speak of."""
        request = self.case.request
        if request.target_object and request.target_object != request.object:
            return request.target_object
        return request.object

    @cached_property
    def record(self) -> Mapping[str, JsonValue]:
        request, facts = self.case.request, self.case.facts
        if request.action in NEEDS_RECORD:
            return _values(facts.record)
        if self.object != request.object:
            return _values(facts.target)
        return {change.field: change.after for change in self.patch}

    def record_value(self, field: str) -> Texts | None:
        """None where the object has no such field."""
        entry = self.case.index.objects.get((self.case.facts.connection.name, self.object))
        if entry is None or field not in entry.fields:
            return None
        if field not in self.record and self.record is not _NOTHING:
            if self.case.request.action not in NEEDS_RECORD and self.object == self.case.request.object:
                return ()
            raise UnreadableError
        return texts_of(self.record.get(field))

    @cached_property
    def account_keys(self) -> Texts:
        """What lists of accounts know a record by: `object:id`, and the domains of its addresses and recipients."""
        request = self.case.request
        record_id = request.record_id if self.object == request.object else request.target_id
        keys = [f"{self.object}:{record_id}"] if record_id else []
        keys += [domain for text in self._sites() if (domain := domain_of(text))]
        keys += [domain for recipient in self.recipients if (domain := domain_of(recipient))]
        return tuple(keys)

    def _sites(self) -> Iterator[str]:
        entry = self.case.index.objects.get((self.case.facts.connection.name, self.object))
        for name in entry.sites if entry is not None else ():
            yield from self.record_value(name) or ()

    @cached_property
    def lawful_bases(self) -> Texts:
        found: list[str] = []
        for (object_type, field), by_value in self._bases.items():
            if object_type == self.object:
                for text in self.record_value(field) or ():
                    found += by_value.get(fold_value(text), ())
        return tuple(basis for basis in found if basis != "none")

    # ---- whom it reaches ---------------------------------------------------------------------------------------------
    @cached_property
    def recipients(self) -> Texts:
        if self.case.facts.recipients is None:
            raise UnreadableError
        return tuple(recipient.address for recipient in self.case.facts.recipients)

    @cached_property
    def newness(self) -> Texts:
        facts = self.case.facts.newness
        if facts is None:
            raise UnreadableError
        return (*(("person",) if facts.is_new_person else ()), *(("domain",) if facts.is_new_domain else ()))

    @cached_property
    def duplicates(self) -> Texts:
        facts = self.case.facts.duplicates
        if facts is None:
            raise UnreadableError
        return facts

    # ---- the text ----------------------------------------------------------------------------------------------------
    @cached_property
    def raw_text(self) -> str:
        message = self.case.request.message
        # The listing's hashes are no words, and now and then look like the number of a card or an account.
        listing = ATTACHMENTS if message is not None and message.attachments else ""
        parts = [text for change in self.patch if change.field != listing for text in texts_of(change.after)]
        if message is not None:
            parts += [message.subject, message.body, *message.links, *message.attachments]
        return _bounded("\n".join(parts))

    @cached_property
    def text(self) -> str:
        """The message itself, without what is attached: an opt-out line in a file is none."""
        return fold_body(self.raw_text)

    @cached_property
    def attached(self) -> str:
        """What the attached texts say."""
        message = self.case.request.message
        return fold_body(_bounded(message.attached_text)) if message is not None and message.attached_text else ""

    @cached_property
    def all_text(self) -> str:
        return f"{self.text}\n{self.attached}" if self.attached else self.text

    @cached_property
    def words(self) -> list[str]:
        return words_of(self.all_text)

    @cached_property
    def joined_words(self) -> str:
        """All words, blank on both sides of each, so that a phrase is found as ` phrase `."""
        return f" {' '.join(self.words)} "

    @cached_property
    def findings(self) -> frozenset[str]:
        found = find_in(self.all_text)
        message = self.case.request.message
        if message is not None:
            found |= find_lacking(fold(message.subject), self.text, addresses=self._postal_addresses, is_answer=False)
            found |= {"attachments"} if message.attachments else frozenset()
            found |= {"links"} if message.links else frozenset()
        return found

    @cached_property
    def holds_confidential(self) -> bool:
        """Whether the text repeats a value of a field marked sensitive, of the record that it is about."""
        entry = self.case.index.objects.get((self.case.facts.connection.name, self.object))
        names = [name for name, rule in entry.fields.items() if rule.is_sensitive] if entry is not None else []
        written = self.changes if self.object == self.case.request.object else {}
        values = [text for name in names if name not in written for text in self.record_value(name) or ()]
        return holds_confidential(self.joined_words, values, lambda value: " ".join(words_of(fold(value))))


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT_LENGTH:
        raise TextTooLongError
    return text


_NOTHING: Mapping[str, JsonValue] = {}


def _values(record: RecordFacts | None) -> Mapping[str, JsonValue]:
    """Raises UnreadableError for a record that was not read; one that is not there holds nothing."""
    if record is None:
        raise UnreadableError
    return record.values if record.exists else _NOTHING
