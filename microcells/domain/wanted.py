"""What reading needs to know of a schema: the columns that a file is to fill, and two of its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from microcells.domain.schema import Column, HasColumns, Schema


@dataclass(frozen=True)
class Wanted(HasColumns):
    """The columns of one kind of delivery, small enough to be told to another process.

    largest_number:    absolute values above it are no numbers
    municipality_key:  official key of the city, for leading zeros that got lost
    """

    kind: str
    columns: tuple[Column, ...]
    largest_number: float
    municipality_key: str

    @classmethod
    def of(cls, schema: Schema) -> Wanted:
        """What reading needs of that schema."""
        return cls(schema.kind, schema.columns, schema.limits.largest_number, schema.limits.municipality_key)

    def as_json(self) -> dict[str, Any]:
        """What is wanted, as it is told to another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Wanted:
        """What is wanted, from what was told."""
        columns = tuple(
            Column(**{**own, "required_for": tuple(own["required_for"])}) for own in told["columns"]
        )
        return cls(**{**told, "columns": columns})
