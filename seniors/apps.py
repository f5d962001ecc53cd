"""The room as a Django app; its results stay behind the wall."""

from django.apps import AppConfig


class SeniorsConfig(AppConfig):
    """No table of this room may be read by the web role."""

    name = "seniors"
