"""What the page of a delivery shows: its steps, its stages, and the part where something is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kodala import pipeline
from kodala.dashboard.column_table import ColumnTable
from kodala.dashboard.findings_page import build_findings_context
from kodala.dashboard.format_form import FormatForm
from kodala.dashboard.forms import ACCEPTED
from kodala.dashboard.wizard import COLUMNS, choose_part, is_asking, list_steps
from kodala.flow import StageLine
from kodala.publication.selectors import describe_releases, get_datenstand_of
from microcells.confirming import suggest_profile_name
from microcells.findings import count_by_severity
from microcells.models import Delivery
from microcells.profiles import list_profile_names


def build_frame(delivery: Delivery, wanted: str) -> dict[str, Any]:
    """The frame of the page: facts of the file, the six steps, the stages.

    wanted: part of the page, see `wizard.PARTS`; another word shows the one where something is to be done
    """
    part = choose_part(delivery, wanted)
    datenstand = get_datenstand_of(delivery)
    runs = pipeline.list_stages(delivery.pk)
    return {
        "delivery": delivery,
        "part": part,
        "steps": list_steps(delivery, part, count_by_severity(delivery), datenstand),
        "datenstand": datenstand,
        "release": describe_releases().get(delivery.pk, ""),
        "runs": runs,
        "is_running": pipeline.is_under_way(delivery),
        "n_columns": len(delivery.inspection.get("columns", ())),
        "said": _said(delivery, runs),
    }


def _said(delivery: Delivery, runs: list[StageLine]) -> str:
    """What a screen reader is told when it changes: the stage at work, or how the delivery ended."""
    running = next((run.label for run in runs if run.state == "running"), "")
    return f"{running}: läuft" if running else f"Lieferung {delivery.state_text}"


def build_delivery_page(delivery: Delivery, query: Mapping[str, str]) -> dict[str, Any]:
    """The page with the report of the check, or with the file. The query chooses part and findings."""
    frame = build_frame(delivery, query.get("schritt", ""))
    return {**frame, **build_findings_context(delivery, query)}


def build_columns_page(
    delivery: Delivery, table: ColumnTable, form: FormatForm | None = None, name: str | None = None
) -> dict[str, Any]:
    """The page that asks how a file is to be read, or says how it was read.

    table, form, name: with what a person just posted, if something in it is to be mended
    """
    remembered = delivery.proposal.get("profile") or suggest_profile_name(delivery.file_name)
    return build_frame(delivery, COLUMNS) | {
        "table": table,
        "format_form": form or FormatForm(delivery),
        "accepted": ACCEPTED,
        "notes": delivery.inspection.get("notes", []),
        "is_open": is_asking(delivery),
        "profile_name": remembered if name is None else name,
        "profile_names": list_profile_names(delivery.kind),
    }
