"""The bytes of a table, wherever they lie: a file of its own or a member of a ZIP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

KIND_BYTES = 4096  # enough to tell a kind


@dataclass(frozen=True)
class Content:
    """Bytes that can be gone through again and again.

    size:    their number
    open:    gives them from the first one
    path:    the file that they are; None if they must be unpacked first
    folder:  where they may be unpacked
    """

    size: int
    open: Callable[[], BinaryIO]
    path: Path | None = None
    folder: Path | None = None

    @classmethod
    def of_file(cls, path: Path) -> Content:
        """The content of a file."""
        return cls(path.stat().st_size, lambda: path.open("rb"), path, path.parent)

    def head(self, size: int) -> bytes:
        """The first bytes, at most `size`."""
        if size <= KIND_BYTES:
            return self._start[:size]
        with self.open() as stream:
            return stream.read(size)

    @cached_property
    def _start(self) -> bytes:
        with self.open() as stream:
            return stream.read(KIND_BYTES)
