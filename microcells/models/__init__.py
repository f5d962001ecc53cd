"""Tables of this room: areas, deliveries, raw numbers; the microcells themselves stand in `cells_table`."""

from .areas import ETRS89_UTM32N, AreaSet, ObservationArea
from .deliveries import (
    ConfirmedPlan,
    DeletionRequest,
    Delivery,
    StoredFinding,
    SupplierProfile,
    WarningAcceptance,
)
from .display import DisplayCell, DisplayCellSum, DisplaySeeds
from .raw import AreaProfile, AreaResult, AreaStatistic, AreaTotal, CellSeals

__all__ = [
    "ETRS89_UTM32N",
    "AreaProfile",
    "AreaResult",
    "AreaSet",
    "AreaStatistic",
    "AreaTotal",
    "CellSeals",
    "ConfirmedPlan",
    "DeletionRequest",
    "Delivery",
    "DisplayCell",
    "DisplayCellSum",
    "DisplaySeeds",
    "ObservationArea",
    "StoredFinding",
    "SupplierProfile",
    "WarningAcceptance",
]
