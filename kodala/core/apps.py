"""The lowest storey as a Django app: runs, and the wall after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Runs are shown on the progress page, so the web role may read them."""

    name = "kodala.core"
    label = "core"
    web_may_read = ("core_run",)
    web_may_write = {"core_retry": "INSERT"}  # noqa: RUF012

    def ready(self) -> None:
        """Build the wall anew after each migration, when all tables are there."""
        from kodala.core.wall import build_wall

        post_migrate.connect(build_wall, sender=self, dispatch_uid="kodala-wall")
