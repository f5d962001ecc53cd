"""Tables whose rows do not fit together: other codes than the sums name, gaps, totals that do not add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kodala.publication.domain.table_form import check_sum
from kodala.publication.domain.table_words import TableError
from kodala.publication.domain.tables import Ints
from kodala.publication.domain.tabulation import Dimension, Tabulation


def refuse_other_codes(name: str, seen: set[str], sums: Sequence[tuple[str, tuple[str, ...]]]) -> None:
    """Sums that are written out must name every code of the cells; others are empty. Raises TableError."""
    if not sums:
        return
    told = {code for total, parts in sums for code in (total, *parts)}
    if unknown := sorted(seen - told):
        raise TableError(f"Dimension „{name}“ nennt {', '.join(unknown)} nicht, die Zellen aber schon.")


def refuse_gaps(rows: pd.DataFrame, dimensions: Sequence[Dimension]) -> None:
    """An inner cell without a value is no 0, and one without contributions is not safe. Raises TableError."""
    names = [own.name for own in dimensions]
    is_inner = np.logical_and.reduce([rows[own.name].isin(own.inner) for own in dimensions])
    inner = rows[is_inner]
    if inner.empty:
        raise TableError(
            "Die Tabelle besteht nur aus Summen; gebraucht werden die Zellen, aus denen sie folgen."
        )
    has_value = inner.groupby(names, sort=False)["value"].count() > 0
    if not has_value.all():
        codes = has_value.index[~has_value][0]
        key = codes if isinstance(codes, str) else " | ".join(codes)
        raise TableError(f"Die Zelle „{key}“ hat keinen Wert; eine echte Null bitte als 0 schreiben.")
    valued = inner[inner["value"].notna()]
    for column in rows.columns.intersection(["records", "largest", "second_largest"]):
        gaps = valued[valued[column].isna()] if valued[column].notna().any() else valued[:0]
        if len(gaps):
            raise TableError(f"Der Zelle „{' | '.join(gaps[names].iloc[0])}“ fehlt „{column}“.")


def refuse_wrong_totals(rows: pd.DataFrame, made: Tabulation, at: Ints) -> None:
    """A sum that is given must be what its parts add up to; at: which cell each row is. Raises TableError."""
    stated = rows["value"].to_numpy(np.float64)
    off = np.abs(stated - made.value[at]) > 1e-6 * np.maximum(np.abs(made.value[at]), 1.0)
    for row in np.flatnonzero(off)[:1].tolist():
        check_sum(made.keys[at[row]], stated[row], made.value[at[row]])
