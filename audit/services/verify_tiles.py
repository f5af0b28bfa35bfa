"""Comparing recomputed tiles with the stored ones, in the order in which a growing tree completes them."""

from django.db.models import Count

from audit.domain.report import Findings
from audit.domain.tiles import FullTile
from audit.models import Tile


class TileChecker:
    """Counts what it checks, so that a stored tile that no tree has is found at the end."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._count = 0

    def check(self, tile: FullTile) -> None:
        """One query a tile, that is one for 256 events."""
        self._count += 1
        stored = Tile.objects.filter(level=tile.level, n=tile.n).values_list("hashes", "root").first()
        if stored is None:
            self._findings.add("tile_missing", f"tile {tile.level}/{tile.n} is missing")
            self._count -= 1
        elif bytes(stored[0]) != tile.hashes or bytes(stored[1]) != tile.root:
            self._findings.add("tile_changed", f"tile {tile.level}/{tile.n} is not that of the events")

    def finish(self) -> None:
        stored = Tile.objects.aggregate(count=Count("pk"))["count"]
        if stored > self._count:
            self._findings.add("tile_unknown", f"{stored - self._count} stored tiles belong to no tree of these events")
