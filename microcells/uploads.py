"""Where received files lie until they are read: under their delivery's number, never under a given name."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

UNFINISHED_S = 3600.0  # an upload that has not grown for an hour is not coming any more


@dataclass(frozen=True)
class Upload:
    """A file that lies on disk completely: where, its SHA-256 as hex digits, its size in bytes."""

    path: Path
    sha256: str
    size: int


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "deliveries"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def upload_path(delivery_id: int) -> Path:
    """The place of a delivery's file."""
    return _folder() / f"{int(delivery_id)}.upload"


def take_in(chunks: Iterable[bytes]) -> Upload:
    """Write a file completely or not at all, under a name that nobody else has.

    Raises OSError if the disk is full; what was written by then is removed.
    """
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=_folder(), suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Upload(Path(name), digest.hexdigest(), size)


def keep_upload(upload: Upload, delivery_id: int) -> None:
    """Hand a file over to its delivery, in one step."""
    upload.path.replace(upload_path(delivery_id))


def discard_upload(upload: Upload) -> None:
    """Delete a file that no delivery needs."""
    upload.path.unlink(missing_ok=True)


def sweep_uploads() -> int:
    """Delete what a killed process left unfinished; gives the number of files.

    Only files on their way, which belong to no delivery yet and have not grown for a while.
    """
    oldest = time.time() - UNFINISHED_S
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    left = [*_folder().glob("*.part"), *(incoming.iterdir() if incoming.is_dir() else ())]
    stale = [path for path in left if path.is_file() and path.stat().st_mtime < oldest]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def list_uploads() -> list[int]:
    """The numbers of the deliveries whose file lies here."""
    return sorted(int(path.stem) for path in _folder().glob("*.upload") if path.stem.isdecimal())


def upload_age_s(delivery_id: int) -> float:
    """Seconds since a delivery's file was received; 0 if it is gone."""
    try:
        return time.time() - upload_path(delivery_id).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def remove_upload(delivery_id: int) -> None:
    """Delete a delivery's file, if it is still there."""
    upload_path(delivery_id).unlink(missing_ok=True)
