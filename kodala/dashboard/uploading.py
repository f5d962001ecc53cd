"""Taking in large files: what happens when the disk is full in the middle of an upload."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class PatientUploadHandler(TemporaryFileUploadHandler):
    """Writes an upload to disk; on a full disk it frees the space and lets the browser finish first.

    A server that closes the connection in the middle leaves the person with the browser's error page;
    one that reads on can answer with a page of its own.
    """

    failure: OSError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file, or remember why that cannot be."""
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self.failure = error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002
        """Write a part of the file; after a failure the rest is only read."""
        if self.failure is None:
            try:
                self.file.write(raw_data)
            except OSError as error:
                self.failure = error
                self.upload_interrupted()
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """The file. Raises OSError if it could not be written completely."""
        if self.failure is None:
            try:
                return super().file_complete(file_size)
            except OSError as error:
                self.failure = error
                self.upload_interrupted()
        raise self.failure

    def upload_interrupted(self) -> None:
        """Remove what is there of the file; closing writes once more, which fails again on a full disk."""
        with suppress(OSError):
            super().upload_interrupted()
