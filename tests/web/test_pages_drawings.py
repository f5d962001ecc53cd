"""Numbers as German readers write them, and small drawings that give nothing away."""

from __future__ import annotations

import datetime as dt

import pytest

from kodala.dashboard.drawings import draw_types
from kodala.dashboard.history_drawing import draw_history
from kodala.dashboard.templatetags.kodala_format import (
    areas,
    duration,
    file_size,
    german,
    percent,
    split_unit,
)
from kodala.publication.selectors import get_indicator
from kodala.publication.shown import FigureState, HistoryPoint, NamedFigure, ShownFigure


def shown(value):
    state = FigureState.VALUE if value is not None else FigureState.PROTECTED
    text = "geschützt" if value is None else f"{value} %"
    return ShownFigure(state, value, None, None, text, text, "", "a", "A", text)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (1234.5, 1, "1.234,5"),
        (0, 0, "0"),
        (-2.25, 1, "−2,2"),
        (-0.04, 1, "0,0"),
        (None, 1, "–"),
        (155568, 0, "155.568"),
    ],
)
def test_numbers_are_written_the_german_way(value, digits, text):
    assert german(value, digits) == text


def test_sizes_shares_and_durations_carry_their_unit():
    assert file_size(3_400_000) == "3,4\N{NO-BREAK SPACE}MB"
    assert percent(0.62) == "62\N{NO-BREAK SPACE}%"
    assert (duration(0.42), duration(185)) == ("0,4\N{NO-BREAK SPACE}s", "3:05\N{NO-BREAK SPACE}min")
    assert (areas(1), areas(0)) == ("1 Gebiet", "0 Gebiete")
    assert split_unit("15,3\N{NO-BREAK SPACE}%") == ("15,3", "%")


def test_a_withheld_year_leaves_a_gap_in_the_line():
    values = [10.0, 12.0, None, 11.0, 13.0]
    history = [
        HistoryPoint(dt.date(2015 + i, 10, 1), shown(value), shown(9.0)) for i, value in enumerate(values)
    ]

    drawing = draw_history("Norf", history, has_city=True)

    assert drawing is not None
    area = next(line for line in drawing.lines if line.kind == "area")
    assert [points.count(",") for points in area.points] == [2, 2]
    assert len(drawing.area_marks) == 4
    assert "01.10.2017: geschützt" in drawing.sentence


def test_one_value_is_no_history():
    assert (
        draw_history("Norf", [HistoryPoint(dt.date(2023, 10, 1), shown(1.0), shown(2.0))], has_city=True)
        is None
    )


def test_a_withheld_type_draws_no_bar_at_all():
    types = [NamedFigure(get_indicator(f"type_{i}"), shown(12.5), shown(12.5)) for i in range(1, 9)]

    whole = draw_types(types)
    holed = draw_types([*types[:7], NamedFigure(get_indicator("type_8"), shown(None), shown(12.5))])

    assert [part.x for part in whole] == [0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5]
    assert holed == ()
