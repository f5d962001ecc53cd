"""The typology of one area: delivered type shares, or the open replica."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kodala.statistics.aggregation import Cells, take_cells
from typology.domain.counts import AreaTypes, Method
from typology.domain.delivered import TYPE_COLUMNS, count_delivered, delivers_types
from typology.domain.features import FEATURE_COLUMNS
from typology.domain.rates import RATE_COLUMNS
from typology.domain.replica import count_replica
from typology.domain.rules import TypologyRules

# What rates and replica read of a cell; TYPE_COLUMNS come on top where a delivery has them.
NEEDED_COLUMNS = (*RATE_COLUMNS, *FEATURE_COLUMNS)
OPTIONAL_COLUMNS = TYPE_COLUMNS


def classify_area(
    cells: Cells,
    rules: TypologyRules,
    year: int,
    method: Method | None = None,
    parts: Sequence[NDArray[np.intp]] = (),
) -> AreaTypes:
    """Type counts of one area with their covariance, and of parts of it.

    cells:   columns of NEEDED_COLUMNS and OPTIONAL_COLUMNS, shape (n,), NaN = missing; an absent
             column is missing everywhere; households are never missing
    year:    year of the reference date
    method:  how to find the types; None: delivered shares if this area has them. Where only some
             areas of a delivery have shares, the caller must say one method for all.
    parts:   places of the cells of each part. A cell is classified once, with its whole area: counts of
             parts that share out the cells add up to the area's.
    Source: methods §4.
    """
    if method == "delivered" or (method is None and delivers_types(cells)):
        sums = count_delivered(cells, rules)
        unknown = (None,) * len(rules.dimensions)
        of_parts = tuple(count_delivered(take_cells(cells, part), rules) for part in parts)
        return AreaTypes(sums, unknown, "delivered", sums.status(rules.label), of_parts)
    sums, mean_z, of_parts = count_replica(cells, rules, year, parts)
    return AreaTypes(sums, mean_z, "replica", sums.status(rules.label), of_parts)
