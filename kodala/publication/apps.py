"""The only exit for figures as a Django app."""

from django.apps import AppConfig


class PublicationConfig(AppConfig):
    """Figures are protected before they are stored; the web role reads them and moves states."""

    name = "kodala.publication"
    label = "publication"
    web_may_read = ("publication_figure", "publication_classscheme", "publication_typelabel",
                    "publication_officialfigure", "publication_displaycellfigure")  # fmt: skip
    web_may_write = {  # noqa: RUF012
        "publication_datenstand": "UPDATE (state, released_by_id, released_at, visible_from, release_note, "
        "withdrawn_by_id, withdrawn_at, withdrawal_note)",
        "publication_decision": "INSERT",
    }
