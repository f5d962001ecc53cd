"""The canonical checksum of a delivery: the same rows give the same digits, in whatever form they came."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow.compute as pc

from microcells.domain.keys import Hashes, hash_texts, mix
from microcells.domain.rows import Floats, Rows
from microcells.domain.schema import Schema
from microcells.domain.written import Written

DECIMALS = 1e6  # numbers are compared to six decimals
LANES = 4  # four sums of 64 bits
MODULUS = 2**64


class CanonicalDigest:
    """Adds up hashes of rows, so that the order of rows and of columns is without effect.

    A value that is not delivered adds nothing: a column of such values equals no column.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._sums = [0] * LANES
        self._n_rows = 0

    def add(self, rows: Rows) -> None:
        """Add the accepted rows of a block."""
        hashes = np.zeros(len(rows), dtype=np.uint64)
        for name, numbers in rows.numbers.items():
            hashes += _hash_numbers(numbers, _seed(name))
        for name, texts in rows.texts.items():
            seeded = mix(hash_texts(texts) ^ _seed(name))
            hashes += np.where(pc.is_null(texts).to_numpy(zero_copy_only=False), np.uint64(0), seeded)
        for name, dates in rows.dates.items():
            days = dates.astype("datetime64[D]").astype(np.int64).astype(np.float64)
            hashes += _hash_numbers(np.where(np.isnat(dates), np.nan, days), _seed(name))
        for lane in range(LANES):
            self._sums[lane] += int(mix(hashes ^ _seed(f"lane {lane}")).sum(dtype=np.uint64))
        self._n_rows += len(rows)

    def merge(self, other: CanonicalDigest) -> None:
        """Add the rows that another one has added."""
        self._sums = [own + more for own, more in zip(self._sums, other._sums, strict=True)]
        self._n_rows += other._n_rows

    def write(self) -> Written:
        """Number and sums, for `read`; as texts, for they are longer than a float is exact."""
        return Written([self._n_rows, *(str(total % MODULUS) for total in self._sums)])

    def read(self, written: Written) -> None:
        """Take over what `write` gave."""
        self._n_rows, *sums = written.words
        self._sums = [int(total) for total in sums]

    def hexdigest(self) -> str:
        """64 hex digits over name and version of the schema, number of rows and their sums."""
        head = f"{self._schema.name}|{self._schema.version}|{self._n_rows}|".encode()
        sums = b"".join((total % MODULUS).to_bytes(8, "little") for total in self._sums)
        return hashlib.sha256(head + sums).hexdigest()


def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


def _hash_numbers(numbers: Floats, seed: np.uint64) -> Hashes:
    # Adding 0 turns -0 into 0, which has other bits.
    bits = (np.rint(numbers * DECIMALS) + 0.0).view(np.uint64)
    return np.where(np.isnan(numbers), np.uint64(0), mix(bits ^ seed))
