"""The equations among the numbers behind the figures: places, districts, parts, and joint figures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, product

import pandas as pd

from kodala.publication.domain.figure_table import CELL, WHOLE_AREA, Content, rest_name
from kodala.publication.domain.rules import CITY


@dataclass(frozen=True)
class Sums:
    """Every equation among the cells: areas make the city, districts an area, parts their total.

    joined: areas that show something together, ascending
    """

    cells: pd.DataFrame
    content: Content
    joined: Collection[tuple[int, ...]]

    def __iter__(self) -> Iterator[Mapping[int, float]]:
        """Each as place of a cell -> 1 or -1."""
        place = {key: at for at, key in enumerate(self.cells[CELL].itertuples(index=False, name=None))}
        yield from self._places(place)
        yield from self._parts(place)
        yield from self._parts_together(place)

    def _places(self, place: Mapping[tuple[object, ...], int]) -> Iterator[Mapping[int, float]]:
        counted = self.cells[~self.cells["is_rest"]]
        for (quantity, date), own in counted.groupby(["quantity", "date"], sort=True):
            whole = own[(own["district"] == WHOLE_AREA) & (own["area"] != CITY)]
            areas = set(whole["area"])
            for members in self.joined:
                if -min(members) in areas:
                    single = whole.index[whole["area"].isin(members)]
                    if len(single) == len(members):
                        yield from _sum_to(place, (quantity, -min(members), WHOLE_AREA, date), single)
                    areas -= set(members)
            parts = whole.index[whole["area"].isin(areas)]
            yield from _sum_to(place, (quantity, CITY, WHOLE_AREA, date), parts)
            for area, districts in own[own["district"] != WHOLE_AREA].groupby("area", sort=True):
                yield from _sum_to(place, (quantity, area, WHOLE_AREA, date), districts.index)

    def _parts(self, place: Mapping[tuple[object, ...], int]) -> Iterator[Mapping[int, float]]:
        for relation in self.content.relations:
            names = (*relation.parts, rest_name(relation))
            found = self.cells[self.cells["quantity"].isin(names)]
            for where, own in found.groupby(CELL[1:], sort=True):
                yield from _sum_to(place, (relation.total, *where), own.index)

    def _parts_together(self, place: Mapping[tuple[object, ...], int]) -> Iterator[Mapping[int, float]]:
        """Parts that areas show together beside a total that each shows alone, and the other way round."""
        for relation, members in product(self.content.relations, self.joined):
            for date in sorted(set(self.cells["date"])):
                terms = [_together(place, name, members, date) for name in (relation.total, *relation.parts)]
                is_mixed = len({len(own) for own in terms}) > 1
                if is_mixed and all(terms) and not relation.leaves_rest:
                    total, *parts = terms
                    yield {**dict.fromkeys(total, -1.0), **dict.fromkeys(chain(*parts), 1.0)}


def _together(
    place: Mapping[tuple[object, ...], int], quantity: str, members: tuple[int, ...], date: object
) -> list[int]:
    """The cells that are a quantity of several areas: one, or one each; none if any is missing."""
    joint = place.get((quantity, -min(members), WHOLE_AREA, date))
    if joint is not None:
        return [joint]
    single = [place.get((quantity, area, WHOLE_AREA, date)) for area in members]
    return [own for own in single if own is not None] if None not in single else []


def _sum_to(
    place: Mapping[tuple[object, ...], int], total: tuple[object, ...], parts: pd.Index[int]
) -> Iterator[Mapping[int, float]]:
    if total in place and len(parts):
        yield {place[total]: -1.0, **dict.fromkeys(parts.tolist(), 1.0)}
