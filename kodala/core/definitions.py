"""Definition files: the versioned TOML files that say what is computed."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SIGNATURE = ("version", "source", "written_by", "checked_by", "next_review")


@dataclass(frozen=True)
class Definition:
    """One definition file: its content, its version and the hash of its bytes."""

    version: str
    sha256: str
    content: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.content[key]


@lru_cache(maxsize=32)
def read_definition(path: Path, *, one_signature: bool = False) -> Definition:
    """Read a definition file and refuse one that nobody has signed.

    one_signature: whether `checked_by` may be empty, because somebody else looks at what has changed

    Raises ValueError naming the file and the missing keys.
    """
    raw = path.read_bytes()
    content = tomllib.loads(raw.decode("utf-8"))
    needed = [key for key in SIGNATURE if not (one_signature and key == "checked_by")]
    missing = [key for key in needed if not content.get(key)]
    if missing:
        raise ValueError(f"{path.name} lacks {', '.join(missing)}")
    return Definition(content["version"], hashlib.sha256(raw).hexdigest(), content)
