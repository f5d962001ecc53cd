"""The debt rate of an area: hard, soft and total, with the number of debtors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kodala.statistics.aggregation import (
    Cells,
    Estimate,
    Sums,
    Vector,
    column,
    estimate,
    sum_ratio,
    sum_total,
)

RATE_COLUMNS = ("households", "adults", "debtors_hard", "debtors_soft")


@dataclass(frozen=True)
class RateSums:
    """What the rates of an area are made of; can be added over areas.

    total, hard, soft: debtors over adults    hard_share: hard over all debtors
    debtors:           expected debtors
    """

    total: Sums
    hard: Sums
    soft: Sums
    hard_share: Sums
    debtors: Sums

    def __add__(self, other: RateSums) -> RateSums:
        return RateSums(
            self.total + other.total,
            self.hard + other.hard,
            self.soft + other.soft,
            self.hard_share + other.hard_share,
            self.debtors + other.debtors,
        )


@dataclass(frozen=True)
class RateEstimates:
    """Rates as shares 0 … 1 with Wilson intervals, debtors as a count with a Byar interval."""

    total: Estimate
    hard: Estimate
    soft: Estimate
    hard_share: Estimate
    debtors: Estimate


def sum_rates(cells: Cells) -> RateSums:
    """Sum one area's debtors and adults.

    A cell counts only where hard, soft and adults are all there, so that hard + soft = total.
    """
    households, adults = cells["households"], column(cells, "adults")
    hard, soft = column(cells, "debtors_hard"), column(cells, "debtors_soft")
    both = hard + soft
    complete = np.where(np.isfinite(both), adults, np.nan)
    return RateSums(
        total=sum_ratio(both, complete, households),
        hard=sum_ratio(hard, complete, households),
        soft=sum_ratio(soft, complete, households),
        hard_share=sum_ratio(np.where(np.isfinite(complete), hard, np.nan), both, households),
        debtors=sum_total(both, households),
    )


def find_debtors(cells: Cells) -> tuple[Vector, Vector]:
    """Debtors and adults of each cell that has both, as the rate counts them; NaN elsewhere. Shape (n,)."""
    both = column(cells, "debtors_hard") + column(cells, "debtors_soft")
    adults = column(cells, "adults")
    complete = np.isfinite(both) & np.isfinite(adults)
    return np.where(complete, both, np.nan), np.where(complete, adults, np.nan)


def estimate_rates(sums: RateSums) -> RateEstimates:
    """Rates and debtors of an area, or of the city from the added sums."""
    return RateEstimates(
        estimate(sums.total),
        estimate(sums.hard),
        estimate(sums.soft),
        estimate(sums.hard_share),
        estimate(sums.debtors),
    )
