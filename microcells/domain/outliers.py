"""Values far from the others of their block, as a hint for a person."""

from __future__ import annotations

import numpy as np

from microcells.domain.rows import Bools, Floats, Hit, Rows, hit
from microcells.domain.schema import Limits, Schema

NORMAL_QUARTILE = 0.6745  # median absolute deviation of a standard normal variable


def check_outliers(rows: Rows, schema: Schema) -> list[Hit]:
    """W-AUSREISSER for the columns that ask for it, measured against the values of the same block."""
    hits: list[Hit] = []
    for column in schema.columns:
        if column.check_outliers and column.name in rows.numbers:
            hits += hit(
                "W-AUSREISSER", (column.name,), are_outliers(rows.numbers[column.name], schema.limits)
            )
    return hits


def are_outliers(values: Floats, limits: Limits) -> Bools:
    """Whether |x - median| · 0.6745 / MAD exceeds `outlier_z`, shape (n,); NaN never does.

    Median and MAD come from evenly spaced rows; with too few values or no spread nothing is an outlier.
    Source: Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers.
    """
    sample = values[:: len(values) // limits.outlier_sample_rows + 1]
    sample = sample[~np.isnan(sample)]
    if len(sample) < limits.outlier_rows:
        return np.zeros(len(values), dtype=bool)
    median = np.median(sample)
    spread = np.median(np.abs(sample - median))
    if spread == 0:
        return np.zeros(len(values), dtype=bool)
    result: Bools = np.abs(values - median) > limits.outlier_z * spread / NORMAL_QUARTILE
    return result
