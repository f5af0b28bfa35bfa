"""A policy file, read with the place of every value, so that an error can say line and column.

A small part of YAML 1.2: mappings, lists, text, numbers, true, false, null. Anchors, aliases, tags, several documents
and keys given twice are refused; size and depth are bounded before anything is built.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 12
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,39})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Place(msgspec.Struct, frozen=True):
    """Where in the file, counted from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


class PolicyFileError(ValueError):
    """The file says something that cannot be read. Nothing was changed."""

    code = "policy_file_invalid"

    def __init__(self, message: str, place: Place | None = None) -> None:
        super().__init__(f"{place}: {message}" if place is not None else message)


class Read(msgspec.Struct, frozen=True):
    """A value and where it stands. `value` is a scalar, a list of `Read`, or a dict of name → `Read`; `keys` are the
    places of a mapping's names."""

    value: Any
    place: Place
    keys: dict[str, Place] = {}

    def plain(self) -> Any:
        """Without places."""
        match self.value:
            case list():
                return [item.plain() for item in self.value]
            case dict():
                return {name: item.plain() for name, item in self.value.items()}
            case _:
                return self.value


def read_yaml(content: bytes) -> Read:
    """The one document of the file. Raises PolicyFileError."""
    if len(content) > MAX_BYTES:
        raise PolicyFileError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyFileError(f"the file is not UTF-8 (byte {error.start})") from None
    try:
        return _read(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        raise PolicyFileError(str(error.problem or error.context), _place(error.problem_mark)) from None
    except PolicyFileError:
        raise
    except (ValueError, OverflowError):
        raise PolicyFileError("an escape in quotes names no character") from None  # the library asks `chr` for it
    except YAMLError as error:
        raise PolicyFileError(str(error).splitlines()[0]) from None


def _read(events: Iterator[Event]) -> Read:
    documents = 0
    found: Read | None = None
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise PolicyFileError("a policy file holds one document", _place(event.start_mark))
        elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent | AliasEvent):
            found = _node(event, events, 1)
    if found is None:
        raise PolicyFileError("the file is empty")
    return found


def _node(event: Event, events: Iterator[Event], depth: int) -> Read:
    place = _place(event.start_mark)
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise PolicyFileError("anchors and aliases are not read here: write the value out", place)
    if depth > MAX_DEPTH:
        raise PolicyFileError("nested too deeply", place)
    tag = getattr(event, "tag", None)
    if tag is not None and str(tag) != "!":
        raise PolicyFileError(f"tags are not read here: leave `{tag}` out", place)
    match event:
        case ScalarEvent():
            return Read(_scalar(event, place), place)
        case SequenceStartEvent():
            return Read(_list(events, depth), place)
        case _:
            return _mapping(place, events, depth)


def _list(events: Iterator[Event], depth: int) -> list[Read]:
    found = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        found.append(_node(event, events, depth + 1))
    return found


def _mapping(place: Place, events: Iterator[Event], depth: int) -> Read:
    found: dict[str, Read] = {}
    keys: dict[str, Place] = {}
    for event in events:
        if isinstance(event, MappingEndEvent):
            break
        name, at = _node(event, events, depth + 1).value, _place(event.start_mark)
        if not isinstance(name, str):
            raise PolicyFileError("a name is text", at)
        if name in found:
            raise PolicyFileError(f"`{name}` stands here twice", at)
        keys[name], found[name] = at, _node(next(events), events, depth + 1)
    return Read(found, place, keys)


def _scalar(event: ScalarEvent, place: Place) -> Any:
    text = str(event.value)
    if _UNSTORABLE.search(text) is not None:
        raise PolicyFileError("NUL and halves of characters do not belong into a policy", place)
    if event.style in ("'", '"', "|", ">"):
        return text
    if text.lower() in _CONSTANTS and text in (text.lower(), text.capitalize(), text.upper()):
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise PolicyFileError("the number is too large", place)
        return number
    return text


def _place(mark: StreamMark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place(1, 1)
