"""The typology of one area: delivered type shares, or the open replica."""

from __future__ import annotations

from kodala.statistics.aggregation import Cells
from typology.domain.counts import AreaTypes, Method
from typology.domain.delivered import TYPE_COLUMNS, count_delivered, delivers_types
from typology.domain.features import FEATURE_COLUMNS
from typology.domain.rates import RATE_COLUMNS
from typology.domain.replica import count_replica
from typology.domain.rules import TypologyRules

# What rates and replica read of a cell; TYPE_COLUMNS come on top where a delivery has them.
NEEDED_COLUMNS = (*RATE_COLUMNS, *FEATURE_COLUMNS)
OPTIONAL_COLUMNS = TYPE_COLUMNS


def classify_area(cells: Cells, rules: TypologyRules, year: int, method: Method | None = None) -> AreaTypes:
    """Type counts of one area with their covariance.

    cells:   columns of NEEDED_COLUMNS and OPTIONAL_COLUMNS, shape (n,), NaN = missing; an absent
             column is missing everywhere; households are never missing
    year:    year of the reference date
    method:  how to find the types; None: delivered shares if this area has them. Where only some
             areas of a delivery have shares, the caller must say one method for all.
    Source: methods §4.
    """
    if method == "delivered" or (method is None and delivers_types(cells)):
        sums = count_delivered(cells, rules)
        unknown = (None,) * len(rules.dimensions)
        return AreaTypes(sums, unknown, "delivered", sums.status(rules.label))
    sums, mean_z = count_replica(cells, rules, year)
    return AreaTypes(sums, mean_z, "replica", sums.status(rules.label))
