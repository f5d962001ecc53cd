"""What the typology asks of the stored cells."""

from __future__ import annotations

from microcells.selectors import list_delivered_columns
from typology.domain.classification import OPTIONAL_COLUMNS


def delivers_type_shares(delivery_id: int) -> bool:
    """Whether any cell of the delivery comes with type shares of the supplier's own."""
    return not list_delivered_columns(delivery_id).isdisjoint(OPTIONAL_COLUMNS)
