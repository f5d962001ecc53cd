"""Rules between columns of a row: sums of percent groups, and what may not exceed what."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from microcells.domain.rows import Bools, Floats, Hit, Rows, hit
from microcells.domain.schema import Group, Relation, Schema

ROUNDING = 1e-9  # decimals like 33.2 + 33.2 + 33.1 miss 99.5 by some 1e-14


def check_groups(rows: Rows, schema: Schema, unusable: Mapping[str, Bools]) -> list[Hit]:
    """E-GRUPPE-TEIL, E-SUMME and W-SKALA for the percent groups that the file has.

    unusable: English name -> True where a value is already refused; such rows of a group are left alone
    """
    hits: list[Hit] = []
    for group in schema.groups:
        if group.columns[0] in rows.numbers:
            hits += _check_group(rows, group, schema.limits.scale_tolerance, unusable)
    return hits


def _check_group(
    rows: Rows, group: Group, scale_tolerance: float, unusable: Mapping[str, Bools]
) -> list[Hit]:
    values = [rows.numbers[name] for name in group.columns]
    total: Floats = np.add.reduce(values)
    is_usable = ~_any_unusable(group.columns, unusable, len(rows))
    is_outside = total > group.sum_maximum + ROUNDING
    hits: list[Hit] = []
    if group.sum_minimum is not None:
        is_outside |= total < group.sum_minimum - ROUNDING
        is_share = np.abs(total - 1.0) <= scale_tolerance + ROUNDING
        hits += hit("W-SKALA", group.columns, is_share & is_usable, group.label)
    hits += hit("E-SUMME", group.columns, is_outside & is_usable, group.label)
    # A missing member makes the sum NaN: only then is it worth counting.
    if np.isnan(total).any():
        n_missing = np.add.reduce([np.isnan(column) for column in values], dtype=np.int64)
        is_partial = (n_missing > 0) & (n_missing < len(values)) & is_usable
        hits += hit("E-GRUPPE-TEIL", group.columns, is_partial, group.label)
    return hits


def check_relations(rows: Rows, schema: Schema, unusable: Mapping[str, Bools]) -> list[Hit]:
    """E-ERW-PERS, E-SEN-ERW, E-SCHULD-ERW, E-BEREICH and W-HH-ERW between counts of a row.

    A part that is not delivered adds nothing; without a usable whole nothing is said.
    """
    hits: list[Hit] = []
    for relation in schema.relations:
        if {*relation.parts, relation.whole} <= rows.numbers.keys():
            hits += _check_relation(rows, relation, unusable)
    return hits


def _check_relation(rows: Rows, relation: Relation, unusable: Mapping[str, Bools]) -> list[Hit]:
    columns = (*relation.parts, relation.whole)
    total: Floats = np.add.reduce([rows.numbers[name] for name in relation.parts])
    if np.isnan(total).any():
        total = np.add.reduce([np.nan_to_num(rows.numbers[name]) for name in relation.parts])
    is_more = total > rows.numbers[relation.whole] + relation.tolerance + ROUNDING
    return hit(relation.rule, columns, is_more & ~_any_unusable(columns, unusable, len(rows)))


def _any_unusable(columns: tuple[str, ...], unusable: Mapping[str, Bools], n_rows: int) -> Bools:
    found = np.zeros(n_rows, dtype=bool)
    for name in columns:
        if name in unusable:
            found |= unusable[name]
    return found
