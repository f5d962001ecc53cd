"""Seals: recognising an earlier cell among new houses without having kept a single house.

A house's token is a number derived from its key and a secret; who lacks the secret can neither make nor
undo one. The seal of a cell is the sum of its tokens. Whoever has the houses again finds out which of
them made up the cell: the ones around its centre whose tokens add up to the seal.

A cell of one house has no seal, because that would be kept of a single house; its place says enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Tokens = NDArray[np.uint64]

MOST_SETS = 13_000  # sets of houses tried around the centre of one cell
MOST_AROUND = 24  # houses looked at around the centre of one cell
CHUNK = 2_000_000  # tokens added up at once; bounds the memory
NOT_FOUND = -1


@dataclass(frozen=True)
class SealedCells:
    """What is kept of the cells of a bundling, one value per cell, in any order.

    x, y: centre, EPSG:25832; households, houses: how many; seal: sum of the houses' tokens modulo 2**64,
    0 for a cell of one house
    """

    x: Floats
    y: Floats
    households: Ints
    houses: Ints
    seal: Tokens


def make_tokens(house_keys: Iterable[str], secret: bytes) -> Tokens:
    """Derive one number from each house key; secret: 16 … 64 bytes that never leave the process."""
    joined = b"".join(hashlib.blake2b(key.encode(), digest_size=8, key=secret).digest() for key in house_keys)
    return np.frombuffer(joined, dtype="<u8").astype(np.uint64)


def seal_cells(tokens: Tokens, cell: Ints, n_cells: int) -> Tokens:
    """Add up the tokens of each cell of several houses; 0 for a single house."""
    seal = np.zeros(n_cells, dtype=np.uint64)
    np.add.at(seal, cell, tokens)
    return np.where(np.bincount(cell, minlength=n_cells) == 1, np.uint64(0), seal)


def find_cells(x: Floats, y: Floats, tokens: Tokens, sealed: SealedCells) -> Ints:
    """Find the houses of earlier cells among new ones.

    x, y, tokens: one value per house
    returns:      number of the earlier cell of each house, -1 = of none that is still whole

    A cell is found if all its houses are among those around its centre: at least the 16 nearest for cells
    of up to 10 houses. Larger cells with few houses around are found likewise, others count as changed.
    """
    found = np.full(len(tokens), NOT_FOUND, dtype=np.int64)
    _find_single_houses(x, y, sealed, found)
    if len(x) == 0:
        return found
    tree, centres = cKDTree(np.column_stack([x, y])), np.column_stack([sealed.x, sealed.y])
    for n in range(2, min(int(sealed.houses.max(initial=0)), len(x)) + 1):
        wanted = np.flatnonzero(sealed.houses == n)
        for around in _widths(n, len(x)):
            if len(wanted) == 0:
                break
            near = np.asarray(tree.query(centres[wanted], k=around)[1], dtype=np.int64)
            match = _match_sets(tokens[near], sealed.seal[wanted], n)
            hit = match >= 0
            houses = np.take_along_axis(near[hit], _sets(around, n)[match[hit]], axis=1)
            found[houses] = wanted[hit][:, None]
            wanted = wanted[~hit]
    return found


def _find_single_houses(x: Floats, y: Floats, sealed: SealedCells, found: Ints) -> None:
    """Find the cells of one house by the place: its own, to a decimetre. Of houses in one place the first."""
    single = np.flatnonzero(sealed.houses == 1)
    places, first = np.unique(_places(x, y), return_index=True)
    _, both, cell = np.intersect1d(places, _places(sealed.x[single], sealed.y[single]), return_indices=True)
    found[first[both]] = single[cell]


def _places(x: Floats, y: Floats) -> Ints:
    """One number for each place, the same within a decimetre."""
    columns = (np.rint(axis * 10).astype(np.int64) for axis in (x, y))
    return next(columns) * (1 << 32) + next(columns)


def _widths(n: int, n_houses: int) -> Iterator[int]:
    """How many houses to look at around a cell of n houses: few first, then as many as can be tried."""
    widest = n
    while widest < min(MOST_AROUND, n_houses) and comb(widest + 1, n) <= MOST_SETS:
        widest += 1
    return iter(sorted({n, min(n + 3, widest), widest}))


@lru_cache(maxsize=64)
def _sets(around: int, n: int) -> Ints:
    """All sets of n of the numbers 0 … around - 1, one per row."""
    return np.array(list(combinations(range(around), n)), dtype=np.int64).reshape(-1, n)


def _match_sets(tokens: Tokens, seals: Tokens, n: int) -> Ints:
    """Find, for each row of tokens, the set of n whose sum is the seal; -1 = none."""
    sets = _sets(tokens.shape[1], n)
    match = np.full(len(seals), NOT_FOUND, dtype=np.int64)
    step = max(1, CHUNK // sets.size)
    for start in range(0, len(seals), step):
        sums = tokens[start : start + step][:, sets].sum(axis=2, dtype=np.uint64)
        hit = sums == seals[start : start + step][:, None]
        match[start : start + step] = np.where(hit.any(axis=1), hit.argmax(axis=1), NOT_FOUND)
    return match
