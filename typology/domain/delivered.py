"""Method 4a: the supplier delivers the type shares of each cell."""

from __future__ import annotations

import numpy as np

from kodala.statistics.aggregation import Cells, column
from typology.domain.counts import TypeSums, drawn_covariance, read_debtors
from typology.domain.rules import TypologyRules

TYPE_COLUMNS = tuple(f"type_{number}" for number in range(1, 9))


def delivers_types(cells: Cells) -> bool:
    """Whether any cell comes with delivered type shares."""
    return any(name in cells and bool(np.isfinite(cells[name]).any()) for name in TYPE_COLUMNS)


def count_delivered(cells: Cells, rules: TypologyRules) -> TypeSums:
    """Type counts n_ak = Σ D_c·typ_ck / 100 of one area, with resampling and noisy debtors.

    A cell with debtors but without type shares is left out and lowers the coverage.
    The features are not used, so nothing answers to a common shift of them.
    """
    debtors = read_debtors(cells)
    percent = np.stack([column(cells, name) for name in TYPE_COLUMNS])
    known = debtors.seen & (np.isfinite(percent).all(axis=0) | (debtors.both == 0.0))
    counts = np.where(known, debtors.both * np.where(known, percent, 0.0) / 100.0, 0.0)
    counts[:, debtors.both == 0.0] = 0.0  # percentages of nobody may be missing
    n_cells = int(np.count_nonzero(known))
    return TypeSums(
        n_cells=n_cells,
        households=debtors.all_households,
        covered=float(debtors.households.sum(where=known)),
        debtors=float(debtors.both.sum(where=known)),
        counts=counts.sum(axis=1),
        disturbed=counts.sum(axis=1),
        covariance=drawn_covariance(counts @ counts.T, counts.sum(axis=1), rules.debtors_cv, n_cells),
        jacobian=np.zeros((len(rules.types), len(rules.dimensions))),
    )
