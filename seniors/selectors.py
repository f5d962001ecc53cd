"""What the seniors' room asks of the stored cells."""

from __future__ import annotations

from microcells.selectors import list_delivered_columns
from seniors.domain.sums import ALTERNATIVE_AGE_COLUMNS


def delivers_second_age_set(delivery_id: int) -> bool:
    """Whether the delivery counts seniors as 60–64, 65–74 and 75+ instead of by decades."""
    return list_delivered_columns(delivery_id).issuperset(ALTERNATIVE_AGE_COLUMNS)
