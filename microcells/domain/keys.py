"""Keys of rows: seen before, and leading zeros that a spreadsheet has eaten."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from microcells.domain.rows import Bools

Hashes = NDArray[np.uint64]

WORD = 8  # bytes
LONGEST_KEY = 64  # bytes; no valid key is longer, and one of megabytes would need as much for every row
NO_KEY = np.uint64(0)
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def mix(values: Hashes) -> Hashes:
    """Spread 64-bit values so that each bit depends on all (finaliser of SplitMix64, Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * MIX_1
    values = (values ^ (values >> np.uint64(27))) * MIX_2
    result: Hashes = values ^ (values >> np.uint64(31))
    return result


def hash_texts(texts: pa.StringArray) -> Hashes:
    """A 64-bit hash of each text, shape (n,); the same text has the same hash anywhere, null gives 0."""
    raw = pc.fill_null(texts.cast(pa.binary()), b"")
    longest = pc.max(pc.binary_length(raw)).as_py() or 0
    n_words = longest // WORD + 1
    padded = pc.binary_slice(pc.binary_join_element_wise(raw, bytes(n_words * WORD), b""), 0, n_words * WORD)
    words = np.frombuffer(padded.buffers()[2], dtype=np.uint8)[: len(texts) * n_words * WORD]
    words = words.view("<u8").reshape(len(texts), n_words)
    lengths = pc.binary_length(raw).to_numpy(zero_copy_only=False).astype(np.uint64)
    hashes = mix(lengths + np.uint64(1))
    for column in range(n_words):
        # Words behind the end of a text must not matter, or the hash would depend on its neighbours.
        counts = column * WORD < lengths
        hashes = np.where(counts, mix(hashes ^ words[:, column]), hashes)
    return np.where(pc.is_null(texts).to_numpy(zero_copy_only=False), np.uint64(0), hashes)


class KeyRegister:
    """Remembers the keys of earlier blocks in sorted runs, eight bytes a key.

    Runs of similar length are merged, so that a lookup searches only a few.
    """

    def __init__(self, known: Hashes | None = None) -> None:
        """known: hashes of keys that stood in earlier rows, ascending."""
        self._runs: list[Hashes] = [known] if known is not None and len(known) else []

    def add(self, keys: pa.StringArray) -> Bools:
        """Note the keys of a block; True where a key stood in an earlier row.

        A key that is null or too long to be valid is never noted.
        """
        is_short = pc.less_equal(pc.binary_length(keys), LONGEST_KEY)
        keys = pc.if_else(is_short, keys, pa.scalar(None, pa.string()))
        hashes = hash_texts(keys)
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        repeats = np.zeros(len(hashes), dtype=bool)
        repeats[order[1:]] = ordered[1:] == ordered[:-1]
        for run in self._runs:
            # Looked up in ascending order, which spares the processor's cache.
            repeats[order] |= _contains(run, ordered)
        repeats &= pc.is_valid(keys).to_numpy(zero_copy_only=False)
        self._append(ordered)
        return repeats

    def merge(self, other: KeyRegister) -> None:
        """Note the keys that another one has noted."""
        self._append(other.hashes)

    def common(self, other: KeyRegister) -> Hashes:
        """The hashes of keys that both have noted, ascending."""
        theirs = other.hashes
        is_known = np.zeros(len(theirs), dtype=bool)
        for run in self._runs:
            is_known |= _contains(run, theirs)
        return np.unique(theirs[is_known & (theirs != NO_KEY)])

    @property
    def hashes(self) -> Hashes:
        """The hashes of all keys, ascending."""
        joined: Hashes = np.concatenate([np.empty(0, dtype=np.uint64), *self._runs])
        return np.sort(joined, kind="stable")

    def _append(self, run: Hashes) -> None:
        if len(run):
            self._runs.append(run)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last, before = self._runs.pop(), self._runs.pop()
            self._runs.append(np.sort(np.concatenate([before, last]), kind="stable"))


def _contains(run: Hashes, hashes: Hashes) -> Bools:
    place = np.searchsorted(run, hashes)
    place[place == len(run)] = 0
    result: Bools = run[place] == hashes
    return result


def restore_zeros(keys: pa.StringArray, municipality_key: str) -> tuple[pa.StringArray, Bools]:
    """Give keys of digits alone the leading zero of the municipality key back.

    returns: the keys, and True where a zero was put in front
    """
    pattern = f"^{municipality_key.removeprefix('0')}[0-9]*$"
    has_lost = pc.fill_null(pc.match_substring_regex(keys, pattern), False)
    lost = has_lost.to_numpy(zero_copy_only=False)
    if not municipality_key.startswith("0") or not lost.any():
        return keys, np.zeros(len(keys), dtype=bool)
    return pc.if_else(has_lost, pc.binary_join_element_wise("0", keys, ""), keys), lost
