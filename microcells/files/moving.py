"""Points of other coordinate systems, brought into the house's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from microcells.domain.crs import ETRS89_UTM32N
from microcells.domain.dialect import refuse
from microcells.domain.rows import Block, hit

# A moved point is no more exact than this, and the same point comes out the same from every system.
DECIMALS = 1


def to_house_system(block: Block, crs: int) -> Block:
    """The block with x and y in EPSG:25832; what cannot be moved is no number.

    Raises InputError for an unknown CRS.
    """
    numbers = block.rows.numbers
    if crs == ETRS89_UTM32N or not {"x", "y"} <= numbers.keys():
        return block
    from microcells.files.gdal import transform_points  # a quarter of a second that most files do not need

    has_point = ~np.isnan(numbers["x"]) & ~np.isnan(numbers["y"])
    try:
        x, y, is_lost = transform_points(numbers["x"][has_point], numbers["y"][has_point], crs, ETRS89_UTM32N)
    except ValueError:
        raise refuse(
            "E-CRS",
            "Das Koordinatensystem aus den Angaben ist unbekannt.",
            "Bitte die EPSG-Nummer prüfen, zum Beispiel 25832, 4326 oder 31466.",
        ) from None
    moved = {"x": numbers["x"].copy(), "y": numbers["y"].copy()}
    moved["x"][has_point] = np.where(is_lost, np.nan, np.round(x, DECIMALS))
    moved["y"][has_point] = np.where(is_lost, np.nan, np.round(y, DECIMALS))
    lost = np.zeros(len(has_point), dtype=bool)
    lost[has_point] = is_lost
    return replace(
        block,
        rows=replace(block.rows, numbers={**numbers, **moved}),
        hits=(*block.hits, *hit("E-ZAHL", ("x",), lost), *hit("E-ZAHL", ("y",), lost)),
    )
