"""What disclosure control would do if it forgot how numbers add up; attackers succeed on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from kodala.publication import selectors, values
from kodala.publication.definitions import indicators
from kodala.publication.domain import protection
from kodala.publication.domain.audit import Audit, audit
from kodala.publication.domain.legend import class_code
from kodala.publication.domain.suppression import Pattern
from kodala.publication.domain.tables import Bools, Table
from kodala.publication.models import Figure
from kodala.publication.risk_filter import match_areas
from kodala.publication.shown import FigureState
from tests.attack.truth import CITY, Truth

NOISE = 1.0  # persons, standard deviation


def hide_unsafe_only(table: Table, _effort: object = None) -> Pattern:
    """In place of `suppress`: nothing is withheld for others."""
    return Pattern(table.unsafe & table.is_public, 0.0, 0.0)


def look_away(table: Table, hidden: Bools) -> Audit:
    """In place of `audit`: whatever the attackers find is not told."""
    return replace(audit(table, hidden), leaks=())


def protect_carelessly(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on only unsafe figures are withheld, and nobody objects."""
    monkeypatch.setattr(protection, "suppress", hide_unsafe_only)
    monkeypatch.setattr(protection, "audit", look_away)


@contextmanager
def telling_classes(truth: Truth) -> Iterator[None]:
    """Withhold numbers, but put areas into their true class, and list the largest first."""
    shown = values.Values.shown

    def of_area(own, code, number):
        return truth.value(code, (number, *own.partners(indicators()[code], number)))

    def show(own, indicator, number):
        figure = shown(own, indicator, number)
        if figure.state != FigureState.PROTECTED or number is None:
            return figure
        value, limits = of_area(own, indicator.code, number), own.limits(indicator.code)
        return replace(figure, class_code=class_code(value, FigureState.VALUE, limits))

    def match(own, criteria, context_code):
        found, code = match_areas(own, criteria, context_code), criteria[0].indicator
        largest_first = sorted(found.matches, key=lambda one: -of_area(own, code, one.area_number))
        return replace(found, matches=tuple(largest_first))

    with patch.object(values.Values, "shown", show), patch.object(selectors, "match_areas", match):
        yield


@contextmanager
def adding_noise(truth: Truth, seed: int = 2) -> Iterator[None]:
    """Instead of withholding a number, show it with noise that is drawn anew for each answer."""
    rng, store = np.random.default_rng(seed), values.show_stored

    def show(indicator, figure, limits, names):
        if figure is None or figure.state != FigureState.PROTECTED:
            return store(indicator, figure, limits, names)
        place = -figure.district if figure.district else figure.area.number if figure.area_id else CITY
        value = truth.value(indicator.code, (place, *figure.joined_with)) + rng.normal(0.0, NOISE)
        noisy = Figure(state=FigureState.VALUE, value=value, joined_with=figure.joined_with)
        return store(indicator, noisy, limits, names)

    with patch.object(values, "show_stored", show):
        yield
