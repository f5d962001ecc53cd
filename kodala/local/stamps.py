"""Remember what a step was done with, so that it is done again only when that changes."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def fingerprint(*words: str, files: Iterable[Path] = ()) -> str:
    """One short text for these words and the names and contents of these files."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        digest.update(f"\0{file}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_done(stamp: Path, mark: str) -> bool:
    """Whether the step was done with exactly this."""
    return stamp.exists() and stamp.read_text() == mark


def set_done(stamp: Path, mark: str) -> None:
    """Remember that the step was done with this."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)
