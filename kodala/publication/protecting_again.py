"""Protecting what stands once more, because the signed rules ask for more than they did.

The figures of a Datenstand are replaced as a whole; its version, its release and its permalink stay. Until
that is done nobody sees it (`rules_in_force`), so no answer ever goes out under the old rules.
"""

from __future__ import annotations

import logging
import time

from django.db import transaction
from django.db.models.functions import Now

from kodala.core.failures import place_of
from kodala.publication.former import mark_shown, remember
from kodala.publication.models import (
    Datenstand,
    DisplayCellFigure,
    Figure,
    OfficialFigure,
    TypeLabel,
)
from kodala.publication.official import Basis, load_shown_before
from kodala.publication.rules_in_force import list_stale, refuse_unsigned_loosening
from kodala.publication.services import protect_basis, store_figures
from microcells.models import Delivery

logger = logging.getLogger("kodala.publication")

PARTS = (Figure, OfficialFigure, TypeLabel, DisplayCellFigure)


def protect_again() -> int:
    """Protect every Datenstand anew that the rules in force do not allow to be shown; gives their number.

    One that cannot be protected stays hidden; its pages say so, the reason is logged without any value.
    Raises StateError if the rules were loosened by one person alone.
    """
    stale = list_stale()
    if not stale:
        return 0
    refuse_unsigned_loosening()
    return sum(_protect_one(pk, [own for own in stale if own >= pk]) for pk in stale)


def _protect_one(pk: int, not_yet: list[int]) -> bool:
    """not_yet: Datenstände still under the old rules, whose figures are no measure of what is public."""
    started = time.perf_counter()
    datenstand = Datenstand.objects.select_related("delivery__area_set").get(pk=pk)
    basis = _basis_of(datenstand)
    try:
        former = remember(datenstand, not_yet)
        guarded = protect_basis(basis, load_shown_before(basis, again=former), former)
        with transaction.atomic():
            for model in PARTS:
                model._default_manager.filter(datenstand=datenstand).delete()
            store_figures(datenstand, basis, guarded, time.perf_counter() - started, former)
            mark_shown(datenstand, former)
            _keep_failure(pk, None)
    except Exception as error:
        logger.error("V%s stays hidden, it cannot be protected: %s", datenstand.version, place_of(error))
        _keep_failure(pk, Now())
        return False
    logger.info("V%s was protected again under the rules in force", datenstand.version)
    return True


def _keep_failure(pk: int, moment: Now | None) -> None:
    Datenstand.objects.filter(pk=pk).update(protecting_failed_at=moment)


def _basis_of(datenstand: Datenstand) -> Basis:
    """What a Datenstand was made from."""
    main = datenstand.delivery
    cells = None if main.kind == Delivery.Kind.STATISTICS else main
    return Basis(main, cells, tuple(datenstand.statistics_deliveries))
