"""What one worker has counted, written down so that another one goes on from it with every bit."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SEPARATOR = "/"
CODEC = "zstd"  # hardly tries where nothing can be made smaller, as in hashes of keys


@dataclass(frozen=True)
class Written:
    """words: anything that JSON keeps as it is; arrays: numbers by name, of any shape."""

    words: Any = None
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it lies in the database; the arrays packed into one text."""
        packed = io.BytesIO()
        np.savez(packed, allow_pickle=False, **self.arrays)
        smaller = pa.compress(packed.getbuffer(), codec=CODEC, asbytes=True)
        text = base64.b64encode(smaller).decode("ascii")
        return {"words": self.words, "size": packed.tell(), "arrays": text}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Written:
        """What `as_json` gave. Raises OSError or ValueError if it is something else."""
        packed = pa.decompress(base64.b64decode(stored["arrays"]), stored["size"], codec=CODEC, asbytes=True)
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return cls(stored["words"], dict(arrays))


def write_together(parts: Mapping[str, Written]) -> Written:
    """Several of them as one."""
    arrays = {
        f"{name}{SEPARATOR}{own}": values
        for name, part in parts.items()
        for own, values in part.arrays.items()
    }
    return Written({name: part.words for name, part in parts.items()}, arrays)


def read_apart(written: Written) -> dict[str, Written]:
    """The parts of `write_together`."""
    parts: dict[str, dict[str, NDArray[Any]]] = {name: {} for name in written.words}
    for key, values in written.arrays.items():
        name, _, own = key.partition(SEPARATOR)
        parts[name][own] = values
    return {name: Written(words, parts[name]) for name, words in written.words.items()}
