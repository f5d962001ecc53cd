"""manage.py delete_expired: delete raw data whose time is over, as the scheduler does by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from kodala.publication.selectors import list_superseded_deliveries
from microcells.models import Delivery
from microcells.retention import delete_expired_cells


class Command(BaseCommand):
    """Deletes what the contract, newer Datenstände or an admin's order say; tells how much that was."""

    help = "Löscht Rohdaten, deren Frist abgelaufen ist. Kennzahlen und Zertifikate bleiben."

    def handle(self, *_: Any, **__: Any) -> None:
        """Delete, then say when the next data go."""
        number = delete_expired_cells(list_superseded_deliveries())
        self.stdout.write("1 Lieferung gelöscht." if number == 1 else f"{number} Lieferungen gelöscht.")
        kept = Delivery.objects.filter(cells_deleted_at=None, keep_cells_until__isnull=False)
        if following := kept.order_by("keep_cells_until", "pk").first():
            day = f"{following.keep_cells_until:%d.%m.%Y}"
            self.stdout.write(f"Als nächste: Lieferung {following.pk}, nach dem {day}.")
