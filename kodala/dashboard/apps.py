"""The dashboard as a Django app."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class DashboardConfig(AppConfig):
    """The only place that knows HTTP; its own tables hold saved filters and the record of exports."""

    name = "kodala.dashboard"
    label = "dashboard"
    web_may_write = {  # noqa: RUF012
        "dashboard_savedfilter": "INSERT, UPDATE, DELETE",
        "dashboard_exportrecord": "INSERT",
    }

    def ready(self) -> None:
        """Make the folder in which files lie while they are being uploaded."""
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
