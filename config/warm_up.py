"""What must be done before the first two threads serve: msgspec lays out a type at its first use, and two threads that
are first at once meet a half-laid one and crash the whole process (msgspec 0.22, a NULL type in its C core). A Celery
process runs one task at a time and needs none of this.
"""

import gc
from collections.abc import Iterable, Iterator
from importlib import import_module

import msgspec
from django.conf import settings

OURS = ("approvals", "audit", "config", "crm_connectors", "governance")


def warm_up() -> None:
    """Import whatever requests are answered with, and lay out its types. In one thread, before any other starts."""
    import_module(settings.ROOT_URLCONF)
    lay_out(kind for kind in list_types() if kind.__module__.partition(".")[0] in OURS)


def settle() -> None:
    """What is loaded now stays: the collector looks past it, and less often, at the garbage of requests alone. For
    a web process, in one thread; reading a large policy would else make it walk over all that was ever imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def lay_out(kinds: Iterable[type[msgspec.Struct]]) -> None:
    """Have msgspec lay out these types and all that they hold: whoever uses them afterwards only reads."""
    for kind in kinds:
        msgspec.json.Decoder(kind)


def list_types(base: type[msgspec.Struct] = msgspec.Struct) -> Iterator[type[msgspec.Struct]]:
    """Every kind of Struct that is loaded."""
    for kind in base.__subclasses__():
        yield kind
        yield from list_types(kind)
