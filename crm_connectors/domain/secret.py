"""A secret in memory: nothing shows it by accident (IDN-05)."""

from typing import NoReturn


class Secret:
    """Text that is read by `reveal()` alone: not by `str`, `repr`, formatting, JSON or pickling."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call it where it is put on the wire, and keep it in no variable."""
        return self._text

    def __repr__(self) -> str:
        return "[secret]"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")
