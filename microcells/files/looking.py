"""What every kind of file can do: be looked at and be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from microcells.domain.plan import Inspection, ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.summary import Sample, complete_plan, summarise
from microcells.domain.wanted import Wanted


@dataclass(frozen=True)
class Look:
    """What a kind of file says of itself: how it is written, what of that is doubtful, its first rows."""

    plan: ReadingPlan
    doubtful: tuple[str, ...]
    sample: Sample
    n_rows: int | None = None
    tables: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Table(Protocol):
    """One file with a table in it; all methods raise InputError for what cannot be used."""

    def look(self, wanted: Wanted, given: ReadingPlan | None) -> Look:
        """The way the table is written and its first rows; `given` is what a person said about it."""

    def read(self, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
        """The blocks of the table, each with the share of the file that has been read."""


def inspect_table(table: Table, wanted: Wanted, given: ReadingPlan | None) -> Inspection:
    """The first look at a table, completed by what its first rows suggest."""
    look = table.look(wanted, given)
    plan, doubtful = look.plan, look.doubtful
    if given is None:
        plan, more = complete_plan(plan, look.sample, wanted)
        doubtful = tuple(dict.fromkeys((*doubtful, *more)))
    return Inspection(
        plan,
        doubtful,
        look.tables,
        look.n_rows,
        len(look.sample),
        summarise(look.sample, plan, wanted),
        look.notes,
    )
