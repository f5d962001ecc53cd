"""The dashboard as a Django app."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The only place that knows HTTP; its own tables hold saved filters and the record of exports."""

    name = "kodala.dashboard"
    label = "dashboard"
    web_may_write = {  # noqa: RUF012
        "dashboard_savedfilter": "INSERT, UPDATE, DELETE",
        "dashboard_exportrecord": "INSERT",
    }
