"""Helping another worker with the large file that its run shares."""

from __future__ import annotations

from kodala.core.pieces import help_with_pieces
from microcells.sharing import CHECK, open_shared
from microcells.storing import copying_of


def help_with_file(run_id: int) -> int:
    """Take pieces of a run that checks or copies a file; gives how many."""
    found = open_shared(run_id)
    if found is None:
        return 0
    delivery, run, shared = found
    work = shared.check_piece if run.parameters["shared"] == CHECK else copying_of(delivery, run, shared)
    try:
        return help_with_pieces(run_id, work)
    finally:
        shared.close()
