"""A subset of SOQL: SELECT fields FROM object WHERE … ORDER BY … LIMIT … OFFSET …, read into a tree.

Conditions: = != <> < <= > >= LIKE IN NOT IN, null, AND OR NOT and parentheses. No functions but `COUNT()`, no
subqueries, no relationships. The whole text is tokenised first, so that nothing in a quoted text is ever syntax.
"""

import re
from dataclasses import dataclass

from crm_connectors.simulators.salesforce.definition import Value
from crm_connectors.simulators.salesforce.errors import ApiError

MAX_LENGTH = 100_000
MAX_DEPTH = 20
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<moment>\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2}))?)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE,
)
_ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    "'": "'",
    '"': '"',
    "\\": "\\",
    "_": "\\_",
    "%": "\\%",
}
_LITERALS: dict[str, Value] = {"null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` in lower case; `value` is a tuple for IN and NOT IN."""

    field: str
    operator: str
    value: Value | tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """`and` or `or` of the parts; `not` of the only one."""

    operator: str
    parts: tuple["Condition", ...]


Condition = Comparison | Combined


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """`fields` is empty for `COUNT()`. `order` holds (field, is descending)."""

    fields: tuple[str, ...]
    object: str
    where: Condition | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    offset: int


def parse(text: str) -> Query:
    """Raises ApiError MALFORMED_QUERY."""
    if len(text) > MAX_LENGTH:
        raise ApiError(400, "QUERY_TOO_COMPLICATED", "query is too long")
    return _Parser(_tokens(text)).query()


def _malformed(what: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", f"unexpected token: '{what}'")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise _malformed(text[position : position + 10])
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def query(self) -> Query:
        self._expect("select")
        fields = self._fields()
        self._expect("from")
        object_name = self._word()
        where = self._condition(0) if self._takes("where") else None
        order = self._order()
        limit = self._whole() if self._takes("limit") else None
        offset = self._whole() if self._takes("offset") else 0
        if self._at < len(self._tokens):
            raise _malformed(self._tokens[self._at][1])
        return Query(fields=fields, object=object_name, where=where, order=order, limit=limit, offset=offset)

    def _fields(self) -> tuple[str, ...]:
        if self._takes("count"):
            self._expect("(")
            self._expect(")")
            return ()
        names = [self._word()]
        while self._takes(","):
            names.append(self._word())
        return tuple(names)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._takes("order"):
            return ()
        self._expect("by")
        keys = [self._order_key()]
        while self._takes(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> tuple[str, bool]:
        name = self._word()
        is_descending = self._takes("desc") or (self._takes("asc") and False)
        if self._takes("nulls") and not (self._takes("first") or self._takes("last")):
            raise _malformed("NULLS")
        return name, is_descending

    def _condition(self, depth: int) -> Condition:
        """One level: parts joined by AND or by OR, not both without parentheses, as SOQL demands."""
        if depth > MAX_DEPTH:
            raise ApiError(400, "QUERY_TOO_COMPLICATED", "query is too deep")
        parts, joiner = [self._part(depth)], ""
        while word := next((word for word in ("and", "or") if self._takes(word)), ""):
            if joiner not in {"", word}:
                raise _malformed(word)
            joiner = word
            parts.append(self._part(depth))
        return parts[0] if len(parts) == 1 else Combined(joiner, tuple(parts))

    def _part(self, depth: int) -> Condition:
        if self._takes("not"):
            return Combined("not", (self._part(depth + 1),))
        if self._takes("("):
            inner = self._condition(depth + 1)
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Comparison:
        field = self._word()
        if self._takes("not"):
            self._expect("in")
            return Comparison(field, "not in", self._values())
        if self._takes("in"):
            return Comparison(field, "in", self._values())
        if self._takes("like"):
            return Comparison(field, "like", self._value())
        kind, sign = self._next()
        if kind != "sign" or sign in "(),":
            raise _malformed(sign)
        return Comparison(field, "!=" if sign == "<>" else sign, self._value())

    def _values(self) -> tuple[Value, ...]:
        self._expect("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value:
        kind, text = self._next()
        match kind:
            case "text":
                return _unquote(text)
            case "number":
                return float(text) if "." in text else int(text)
            case "moment":
                return text
            case "word" if text.casefold() in _LITERALS:
                return _LITERALS[text.casefold()]
            case _:
                raise _malformed(text)

    def _word(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise _malformed(text)
        return text

    def _whole(self) -> int:
        kind, text = self._next()
        if kind != "number" or not text.isdigit():
            raise _malformed(text)
        return int(text)

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _malformed("<EOF>")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, word: str) -> bool:
        is_next = self._at < len(self._tokens) and self._is(self._tokens[self._at], word)
        self._at += is_next
        return is_next

    def _expect(self, word: str) -> None:
        token = self._next()
        if not self._is(token, word):
            raise _malformed(token[1])

    def _is(self, token: tuple[str, str], word: str) -> bool:
        return token[0] in {"word", "sign"} and token[1].casefold() == word


def _unquote(quoted: str) -> str:
    """The text between quotes. `\\_` and `\\%` stay escaped: LIKE reads them."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            raise ApiError(400, "MALFORMED_QUERY", f"invalid string escape: \\{match[1]}")
        return _ESCAPES[match[1]]

    return re.sub(r"\\(.)", replace, quoted[1:-1], flags=re.DOTALL)
