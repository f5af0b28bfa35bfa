"""A browser's upload as a file on the disk, for services that read files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile


@contextmanager
def file_of(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """Where the upload lies while the block runs: large ones are on the disk already, small ones are written."""
    if isinstance(upload, TemporaryUploadedFile):
        yield Path(upload.temporary_file_path())
        return
    with NamedTemporaryFile() as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)
