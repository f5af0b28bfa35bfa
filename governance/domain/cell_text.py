"""Text in cells of CSV and XLSX files: what a spreadsheet program would take for a formula is made plain, and back.

Source: OWASP ASVS 5.0, 1.2.10.
"""

import re

# A leading character after which a spreadsheet computes instead of shows, the fullwidth ones included.
_ACTING = re.compile("'*[=+\\-@\t\r\n\x00＝＋－＠]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 has no place for them


def plain_cell(text: str) -> str:
    """The text as it stands in a file: an apostrophe before whatever would act, U+FFFD for what no file can hold."""
    text = f"'{text}" if _ACTING.match(text) else text
    return _FORBIDDEN.sub("\ufffd", text)


def text_of_cell(cell: str) -> str:
    """The text that `plain_cell` made plain. For text without control characters the two undo each other."""
    return cell[1:] if cell.startswith("'") and _ACTING.match(cell) else cell
