"""The form in which any table can be handed to suppression and audit; `manage.py audit_table` reads it.

A specification is a mapping (JSON object) with
  dimensions: name -> sums, each [total, [parts …]]; an empty list: "Total" is the sum of all codes
  cells:      rows with a code per dimension, value, and if known records, largest, second_largest, unsafe,
              withheld, visible, weight; inner cells at least, rows of sums only for their marks
  tables:     instead of both: several {dimensions, cells}; cells of the same codes are one cell, where the
              total of a dimension is the same as not having it
  equations:  instead of dimensions: [[total, [parts …]], …] over cells with a "name"
  rule:       {"kind": "p_percent", "p": 15} | {"kind": "dominance", "k": 80} | {"kind": "minimum",
              "least": 3} | {"kind": "given"} (the cells marked unsafe)
  distance:   how far off an attacker must stay under "minimum" and "given"; 1 without
  insiders:   "none" | "single" | "pairs"; weights: "value" | "count"; totals: "hideable" | "visible"
  whole:      whether everybody knows that all values are whole numbers; true without for whole counts under
              "minimum"
  has_pattern: whether a pattern came along; true without if any cell says "withheld"
Sums that are given a value must be what their parts add up to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kodala.publication.domain import sensitivity
from kodala.publication.domain.sensitivity import Sensitivity
from kodala.publication.domain.table_form import MARKS, Spec, check_form
from kodala.publication.domain.table_refusals import refuse_gaps, refuse_other_codes, refuse_wrong_totals
from kodala.publication.domain.table_words import TableError, read_flag, read_positive
from kodala.publication.domain.tables import Bools, Floats, Insider, Table, make_table, pair_up
from kodala.publication.domain.tabulation import Dimension, Tabulation, make_dimension, tabulate

ALL = "Total"


@dataclass(frozen=True)
class GivenTable:
    """A table as it was handed in: what is to be protected, and the pattern that came along, if any.

    pattern: shape (n,), exactly what was given; may show unsafe cells or withhold nothing
    """

    table: Table
    pattern: Bools | None


def read_table(spec: Spec) -> GivenTable:
    """Understand a specification. Raises TableError, a German sentence, if it is not of the form above."""
    check_form(spec)
    cells = _cells_of_equations(spec) if "equations" in spec else _cells_of_tables(spec)
    frame, sums, insiders = cells.frame, cells.sums, cells.insiders
    distance = read_positive(spec.get("distance", 1), "distance")
    found = _judge(spec.get("rule", {"kind": "given"}), frame, distance)
    is_empty = frame["is_empty"].to_numpy(np.bool_)
    value = frame["value"].to_numpy(np.float64)
    visible = frame["visible"].to_numpy(np.bool_) | is_empty | (value == 0)
    if _choice(spec, "totals", ("hideable", "visible")) == "visible":
        visible = visible | frame["touches_top"].to_numpy(np.bool_)
    table = make_table(
        list(frame.index),
        value,
        sums,
        unsafe=found.unsafe,
        need_down=found.need_down,
        need_up=found.need_up,
        weight=_weights(spec, frame),
        may_hide=~visible,
        room_up=np.where(is_empty, 0.0, np.inf),
        is_whole=np.full(len(value), _are_whole(spec, value)),
        insiders=_choose_insiders(spec, insiders),
    )
    return GivenTable(table, frame["withheld"].to_numpy(np.bool_) if _has_pattern(spec) else None)


def _has_pattern(spec: Spec) -> bool:
    parts = spec.get("tables", [spec])
    is_told = any(row.get("withheld") is not None for part in parts for row in part["cells"])
    return bool(spec.get("has_pattern", is_told))


@dataclass(frozen=True)
class _Cells:
    """frame: index = key; value, records, largest, second_largest, weight, marks, is_empty, touches_top."""

    frame: pd.DataFrame
    sums: Sequence[Mapping[int, float]]
    insiders: list[Insider]


def _cells_of_tables(spec: Spec) -> _Cells:
    parts = spec.get("tables", [spec])
    read = [_tabulate(part) for part in parts]
    names = [_linked_keys(own.dimensions) if len(parts) > 1 else own.keys for own, _ in read]
    place = {key: at for at, key in enumerate(dict.fromkeys(key for own in names for key in own))}
    frame = pd.concat([marked.set_axis(keys) for (_, marked), keys in zip(read, names, strict=True)])
    _refuse_contradiction(frame)
    frame = frame.groupby(level=0, sort=False).agg(
        {column: "any" if frame[column].dtype == bool else "first" for column in frame}
    )
    sums, insiders = [], list[Insider]()
    for (own, _), keys in zip(read, names, strict=True):
        at = [place[key] for key in keys]
        sums += [{at[cell]: sign for cell, sign in one.items()} for one in own.equations()]
        insiders += [_move(one, at) for one in own.single_contributors()]
    return _Cells(frame, sums, insiders)


def _move(one: Insider, at: Sequence[int]) -> Insider:
    return Insider(tuple(at[cell] for cell in one.knows), tuple(at[cell] for cell in one.shares), one.name)


def _tabulate(part: Spec) -> tuple[Tabulation, pd.DataFrame]:
    rows = pd.DataFrame(list(part["cells"]))
    dimensions = []
    for name, sums in part["dimensions"].items():
        rows[name] = rows[name].astype(str)
        pairs = [(str(total), tuple(map(str, own))) for total, own in sums]
        refuse_other_codes(name, set(rows[name]), pairs)
        dimensions.append(make_dimension(str(name), rows[name], pairs, ALL))
    refuse_gaps(rows, dimensions)
    names = [own.name for own in dimensions]
    made = tabulate(rows, dimensions)
    frame = pd.DataFrame(
        {
            "value": made.value,
            "records": made.records,
            "largest": made.largest,
            "second_largest": made.second,
            "weight": np.nan,
            **dict.fromkeys(MARKS, False),
            "is_empty": made.is_empty,
            "touches_top": made.touches_top,
        },
        index=made.keys,
    )
    at = np.array([made.place(codes) for codes in rows[names].itertuples(index=False)])
    refuse_wrong_totals(rows, made, at)
    for name in rows.columns.intersection([*MARKS, "weight"]):
        own = rows[name].notna().to_numpy()
        column = frame[name].to_numpy(copy=True)
        column[at[own]] = _as_flags(rows.loc[own, name]) if name in MARKS else rows.loc[own, name]
        frame[name] = column
    return made, frame


def _as_flags(marks: pd.Series) -> list[bool]:
    return [read_flag(mark, str(marks.name)) for mark in marks]


def _linked_keys(dimensions: Sequence[Dimension]) -> list[str]:
    """Names by which several tables find the cells they share: the total of a dimension is left out."""
    names = []
    grid = np.indices([len(own.codes) for own in dimensions]).reshape(len(dimensions), -1).T
    for at in grid.tolist():
        codes = [(own.name, own.codes[place], own.top) for own, place in zip(dimensions, at, strict=True)]
        told = sorted(f"{name}={code}" for name, code, top in codes if code != top)
        names.append(" · ".join(told) or ALL)
    return names


def _refuse_contradiction(frame: pd.DataFrame) -> None:
    spread = frame.groupby(level=0)["value"].agg(lambda own: own.max() - own.min())
    wrong = spread[spread > 1e-6 * frame["value"].abs().max()]
    if len(wrong):
        raise TableError(f"Die Tabellen nennen verschiedene Werte für „{wrong.index[0]}“.")


def _cells_of_equations(spec: Spec) -> _Cells:
    rows = pd.DataFrame(list(spec["cells"])).set_index("name")
    rows.index = rows.index.astype(str)
    for name in ("records", "largest", "second_largest", "weight"):
        rows[name] = rows[name].astype(float) if name in rows else np.nan
    for mark in MARKS:
        rows[mark] = _as_flags(rows[mark].fillna(0)) if mark in rows else False
    place = {name: at for at, name in enumerate(rows.index)}
    parts_of = [
        (place[str(total)], [place[str(part)] for part in parts]) for total, parts in spec["equations"]
    ]
    tops = {total for total, _ in parts_of} - {part for _, parts in parts_of for part in parts}
    frame = rows.assign(is_empty=False, touches_top=[at in tops for at in range(len(rows))])
    inner = set(range(len(rows))) - {total for total, _ in parts_of}
    insiders = []
    for cell in np.flatnonzero(rows["records"] == 1).tolist():
        if cell in inner:
            shares = _above({cell}, parts_of)
            knows = tuple(own for own in shares if rows["records"].iloc[own] == 1)
            insiders.append(Insider(knows, shares, str(rows.index[cell])))
    sums = [{total: -1.0, **dict.fromkeys(parts, 1.0)} for total, parts in parts_of]
    return _Cells(frame, sums, insiders)


def _above(cells: set[int], parts_of: Sequence[tuple[int, list[int]]]) -> tuple[int, ...]:
    found = set(cells)
    while True:
        more = found | {total for total, parts in parts_of if found & set(parts)}
        if more == found:
            return tuple(sorted(found))
        found = more


def _judge(rule: Spec, frame: pd.DataFrame, distance: float) -> Sensitivity:
    value, records, largest, second = (
        frame[name].to_numpy(np.float64) for name in ("value", "records", "largest", "second_largest")
    )
    kind = rule.get("kind")
    if kind == "p_percent":
        own = sensitivity.p_percent(
            value, _needed(largest, value), _needed(second, value), read_positive(rule["p"], "p")
        )
    elif kind == "dominance":
        own = sensitivity.dominance(value, _needed(largest, value), read_positive(rule["k"], "k"))
    elif kind == "minimum":
        counted = np.where(np.isnan(records), value, records)
        own = sensitivity.minimum(value, counted, read_positive(rule["least"], "least"), distance)
    else:
        own = sensitivity.given(value, np.zeros(len(value), dtype=np.bool_), distance)
    marked = sensitivity.given(value, frame["unsafe"].to_numpy(np.bool_) & ~own.unsafe, distance)
    return Sensitivity(
        own.unsafe | marked.unsafe, own.need_down + marked.need_down, own.need_up + marked.need_up
    )


def _are_whole(spec: Spec, value: Floats) -> bool:
    is_count = spec.get("rule", {}).get("kind") == "minimum" and bool((value == np.rint(value)).all())
    return bool(spec.get("whole", is_count))


def _needed(contributions: Floats, value: Floats) -> Floats:
    """A cell of which nobody knows the contributions must not pass for safe."""
    if np.isnan(contributions[value > 0]).any():
        raise TableError("Diese Regel braucht die Spalten largest und second_largest.")
    return np.nan_to_num(contributions)


def _weights(spec: Spec, frame: pd.DataFrame) -> Floats:
    by_value = _choice(spec, "weights", ("value", "count")) == "value"
    value = frame["value"].to_numpy(np.float64)
    usual = np.maximum(np.abs(value), 1.0) if by_value else np.ones(len(value))
    own = frame["weight"].to_numpy(np.float64)
    return np.where(np.isnan(own), usual, own)


def _choose_insiders(spec: Spec, insiders: list[Insider]) -> tuple[Insider, ...]:
    wanted = _choice(spec, "insiders", ("none", "single", "pairs"))
    if wanted == "none":
        return ()
    return pair_up(insiders) if wanted == "pairs" else tuple(insiders)


def _choice(spec: Spec, name: str, known: tuple[str, ...]) -> str:
    """One of the known words, the first without. Raises TableError for another one."""
    word = str(spec.get(name, known[0]))
    if word not in known:
        raise TableError(f"„{name}“ ist „{word}“, möglich sind {', '.join(known)}.")
    return word
