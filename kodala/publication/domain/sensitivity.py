"""Rules that call a cell of a table unsafe for its own sake, and how unsure an attacker must then stay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kodala.publication.domain.tables import Bools, Floats

PER_CENT = 100.0


@dataclass(frozen=True)
class Sensitivity:
    """Unsafe cells with the distances an attacker must still believe possible, both >= 0, shape (n,)."""

    unsafe: Bools
    need_down: Floats
    need_up: Floats


def p_percent(value: Floats, largest: Floats, second: Floats, p: float) -> Sensitivity:
    """The p per cent rule: nobody may come closer than p % to the largest contribution.

    The second largest contributor knows its own part and takes the rest for the largest; unsafe if what is
    left of the others is less than p % of it.
    value, largest, second: shape (n,), >= 0
    Source: Hundepool et al. 2012, Statistical Disclosure Control, sec. 4.2.2.
    """
    missing = p / PER_CENT * largest - (value - largest - second)
    unsafe = (missing > 0) & (largest > 0)
    return _with_distance(value, unsafe, missing)


def dominance(value: Floats, largest: Floats, k: float) -> Sensitivity:
    """The (1, k) dominance rule: one contribution may not be more than k % of a cell.

    value, largest: shape (n,), >= 0. Source: Hundepool et al. 2012, sec. 4.2.1.
    """
    missing = largest * PER_CENT / k - value
    return _with_distance(value, (missing > 0) & (largest > 0), missing)


def minimum(value: Floats, counted: Floats, least: float, distance: float) -> Sensitivity:
    """The minimum rule: fewer than `least` units behind a cell are too few, none at all are no secret.

    value:    shape (n,); counted: how many units are behind each cell, same shape
    distance: how far off an attacker must stay, in units of the value
    """
    unsafe = (counted > 0) & (counted < least)
    return _with_distance(value, unsafe, np.full(len(value), distance))


def given(value: Floats, unsafe: Bools, distance: float) -> Sensitivity:
    """Cells that somebody else has called unsafe; distance: as in `minimum`."""
    return _with_distance(value, unsafe, np.full(len(value), distance))


def _with_distance(value: Floats, unsafe: Bools, distance: Floats) -> Sensitivity:
    """Nothing lies below 0, so no more can be asked downwards than the value itself."""
    up = np.where(unsafe, distance, 0.0)
    return Sensitivity(unsafe, np.minimum(up, np.maximum(value, 0.0)), up)
