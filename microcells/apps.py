"""Areas, deliveries and microcells as a Django app."""

from django.apps import AppConfig


class MicrocellsConfig(AppConfig):
    """Raw cells and totals stay behind the wall; outlines, deliveries and findings may be shown."""

    name = "microcells"
    web_may_read = (
        "microcells_areaset",
        "microcells_observationarea",
        "microcells_storedfinding",
        "microcells_displaycell",
    )
    web_may_write = {  # noqa: RUF012
        "microcells_delivery": "INSERT",
        "microcells_confirmedplan": "INSERT",
        "microcells_supplierprofile": "INSERT",
        "microcells_warningacceptance": "INSERT",
        "microcells_deletionrequest": "INSERT",
    }
