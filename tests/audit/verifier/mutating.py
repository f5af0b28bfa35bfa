"""Random edits of bytes, for what must be refused whatever was done to it."""

import random


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """One to three random edits: a bit, a byte gone, one more, a piece said twice."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(raw) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(raw):
            raw = raw[:at] + bytes([raw[at] ^ (1 << chance.randrange(8))]) + raw[at + 1 :]
        elif kind == 1:
            raw = raw[:at] + raw[at + chance.randint(1, 4) :]
        elif kind == 2:
            raw = raw[:at] + chance.randbytes(chance.randint(1, 4)) + raw[at:]
        else:
            raw = raw[:at] + raw[max(0, at - 40) : at] + raw[at:]
    return raw
