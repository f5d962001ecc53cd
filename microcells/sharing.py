"""A large file in pieces that several workers share, each of which must see the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from kodala.core.models import Run
from kodala.core.pieces import CallHelp, Work, agrees, find_shared_run, share_out
from kodala.core.runs import Step
from microcells.delivery_file import DeliveryFile
from microcells.domain.spans import Span
from microcells.models import Delivery
from microcells.uploads import upload_path

CHECK, COPY = "check", "copy"
SHARE_OF_COPYING = 0.85  # of the run that stores cells; the rest is their index
SHARE_OF_READING = {CHECK: 1.0, COPY: SHARE_OF_COPYING}
Tell = Callable[[float, str], None]  # share of a work that is done, and in words


def share_file(file: DeliveryFile, step: Step, what: str, work: Work, call_help: CallHelp) -> list[Any]:
    """Have all spans of a file done by whoever helps; gives the results in the order of the file.

    what: CHECK or COPY, so that helpers know the work
    """
    step.note(shared=what, **file.facts)
    names = [span.name for span in file.spans]
    return share_out(step.run, names, work, tell_reading(file, step.tell, SHARE_OF_READING[what]), call_help)


def tell_reading(file: DeliveryFile, tell: Tell, share_of_run: float = 1.0) -> Callable[[list[str]], None]:
    """Tell how much of a file has been read; gives what is to be told the names of finished pieces.

    share_of_run: what reading takes of the whole run, 0 … 1
    """
    n_done = 0

    def tell_bytes(n_bytes: float) -> None:
        n_read = min(n_bytes, file.size)
        tell(share_of_run * n_read / file.size, f"{n_read / 1e6:.0f} von {file.size / 1e6:.0f} MB gelesen")

    def tell_own(span: Span, share: float) -> None:
        tell_bytes(n_done + max(share * file.size - span.start, 0))

    def tell_done(names: list[str]) -> None:
        nonlocal n_done
        n_done = sum(Span.named(name).n_bytes for name in names)
        tell_bytes(n_done)

    file.on_read = tell_own
    return tell_done


def open_shared(run_id: int) -> tuple[Run, Delivery, DeliveryFile] | None:
    """The file that another worker's run shares; None if this worker cannot or must not help.

    It does not help without the very file, nor with another version of the program or of the definition.
    """
    run = find_shared_run(run_id)
    if run is None or "shared" not in run.parameters:
        return None
    delivery = Delivery.objects.select_related("area_set").get(pk=run.delivery_id)
    path = upload_path(delivery.pk)
    if not path.exists() or path.stat().st_size != delivery.size:
        return None
    file = DeliveryFile(delivery, dt.date.fromisoformat(run.parameters["day"]))
    return (run, delivery, file) if agrees(run, file.facts) else None
