"""Where assets lie: by their names, as Django's own storage says, each worked out once a process and not a dozen times
a page."""

from functools import cache

from django.contrib.staticfiles.storage import StaticFilesStorage


class KnownAddresses(StaticFilesStorage):
    """Assets keep their plain names, so that an address hangs on the name alone."""

    def url(self, name: str | None) -> str:
        return self._url(name)

    @cache  # noqa: B019  # one storage a process
    def _url(self, name: str | None) -> str:
        return super().url(name)
