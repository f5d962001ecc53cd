"""Results of the senior scores."""

from microcells.models import AreaResult


class AreaScore(AreaResult):
    """Online share, offline seniors and participation of an area."""
