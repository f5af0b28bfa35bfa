"""One row that cannot be published, told so that a person can mend it (POL-03)."""

import msgspec


class CompileError(msgspec.Struct, frozen=True, order=True):
    """`row` names it as people know it, `code` is stable."""

    row: str
    code: str
    message: str
