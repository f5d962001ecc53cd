"""Any table from a file: sums over hierarchies, rules, marks, linked tables."""

import numpy as np
import pandas as pd
import pytest

from kodala.publication.domain.suppression import suppress
from kodala.publication.domain.table_file import read_table
from kodala.publication.domain.table_words import TableError
from kodala.publication.domain.tabulation import make_dimension, order_sums, tabulate

ROWS = [
    {"region": "north", "sex": "m", "value": 4, "records": 4, "largest": 1, "second_largest": 1},
    {"region": "north", "sex": "w", "value": 20, "records": 9, "largest": 5, "second_largest": 4},
    {"region": "south", "sex": "m", "value": 30, "records": 1, "largest": 30, "second_largest": 0},
    {"region": "south", "sex": "w", "value": 50, "records": 8, "largest": 20, "second_largest": 9},
]
PLAIN = {"dimensions": {"region": [], "sex": []}, "cells": ROWS}


def by_key(table, values):
    return dict(zip(table.keys, values, strict=True))


def test_adds_up_every_margin():
    table = read_table(PLAIN).table

    assert by_key(table, table.value) == {
        "north | m": 4, "north | w": 20, "north | Total": 24,
        "south | m": 30, "south | w": 50, "south | Total": 80,
        "Total | m": 34, "Total | w": 70, "Total | Total": 104,
    }  # fmt: skip
    assert np.abs(table.equations @ table.value).max() == 0


def test_adds_up_over_a_hierarchy_and_keeps_the_two_largest():
    regions = make_dimension("region", [], [("all", ("north", "rest")), ("rest", ("south", "east"))])
    rows = pd.DataFrame(
        {
            "region": ["north", "south", "east"],
            "value": [10.0, 20.0, 30.0],
            "records": [1, 2, 3],
            "largest": [10.0, 15.0, 12.0],
            "second_largest": [0.0, 5.0, 11.0],
        }
    )

    made = tabulate(rows, [regions])

    place = made.place(["all"])
    assert (made.value[place], made.records[place]) == (60, 6)
    assert (made.largest[place], made.second[place]) == (15, 12)
    assert made.value[made.place(["rest"])] == 50


def test_sums_come_after_what_they_are_made_of():
    assert [total for total, _ in order_sums([("all", ("a", "b")), ("a", ("c", "d"))])] == ["a", "all"]


def test_sums_that_go_round_in_a_circle_are_refused():
    with pytest.raises(ValueError, match="Die Summen a, b enthalten sich gegenseitig"):
        order_sums([("a", ("b",)), ("b", ("a",))])


def test_a_code_can_be_a_sum_in_two_ways():
    two_ways = [["city", ["1", "2", "3"]], ["city", ["1+2", "3"]], ["1+2", ["1", "2"]]]
    cells = [{"area": code, "value": value} for code, value in (("1", 3), ("2", 40), ("3", 50))]

    table = read_table(
        {"dimensions": {"area": two_ways}, "cells": cells, "rule": {"kind": "minimum", "least": 5}}
    ).table

    # Withholding 1 and 2 is not enough if 1 + 2 stays: then it says nothing new, and 1 and 2 stay apart.
    hidden = by_key(table, suppress(table).hidden)
    assert hidden == {"1": True, "2": True, "3": False, "1+2": False, "city": False}


def test_a_single_contributor_is_alone_in_its_margins_too():
    rows = [row for row in ROWS if (row["region"], row["sex"]) != ("south", "w")]

    insiders = read_table({**PLAIN, "cells": rows, "insiders": "single"}).table.insiders

    table = read_table({**PLAIN, "cells": rows}).table
    assert {table.keys[cell] for cell in insiders[0].knows} == {"south | m", "south | Total"}
    assert {table.keys[cell] for cell in insiders[0].shares} == {
        "south | m", "south | Total", "Total | m", "Total | Total",
    }  # fmt: skip


def test_an_inner_cell_that_nobody_delivered_is_known_to_be_empty():
    table = read_table({**PLAIN, "cells": ROWS[:3]}).table

    place = table.keys.index("south | w")
    assert (table.value[place], table.room_up[place], table.may_hide[place]) == (0, 0, False)


@pytest.mark.parametrize(
    ("rule", "unsafe"),
    [
        ({"kind": "minimum", "least": 5}, {"north | m", "south | m"}),  # by records: 4 and 1
        # Alone in "south | m"; in "Total | m" 30 + 1 leaves 3 of 34.
        ({"kind": "p_percent", "p": 15}, {"south | m", "Total | m"}),
        ({"kind": "dominance", "k": 80}, {"south | m", "Total | m"}),
        ({"kind": "given"}, set()),
    ],
)
def test_rules_find_the_cells_that_a_hand_would_find(rule, unsafe):
    table = read_table({**PLAIN, "rule": rule}).table

    assert {key for key, is_unsafe in by_key(table, table.unsafe).items() if is_unsafe} == unsafe


def test_marks_of_single_cells_count_beside_the_rule():
    marked = [
        {"region": "Total", "sex": "w", "unsafe": 1},
        {"region": "north", "sex": "w", "visible": 1, "weight": 7},
    ]

    table = read_table({**PLAIN, "cells": [*ROWS, *marked], "distance": 6}).table

    place = table.keys.index("Total | w")
    assert (table.unsafe[place], table.need_up[place], table.need_down[place]) == (True, 6, 6)
    other = table.keys.index("north | w")
    assert (table.may_hide[other], table.weight[other]) == (False, 7)


def test_a_pattern_that_comes_along_is_kept():
    pattern = read_table(
        {**PLAIN, "cells": [*ROWS, {"region": "south", "sex": "w", "withheld": True}]}
    ).pattern

    assert pattern is not None
    assert pattern.sum() == 1
    assert read_table(PLAIN).pattern is None


def test_two_tables_share_the_cells_that_are_the_same():
    ages = [{"region": "north", "age": "old", "value": 14}, {"region": "north", "age": "young", "value": 10}]
    ages += [{"region": "south", "age": "old", "value": 44}, {"region": "south", "age": "young", "value": 36}]
    tables = [PLAIN, {"dimensions": {"region": [], "age": []}, "cells": ages}]

    table = read_table({"tables": tables}).table

    assert len(table) == 9 + 9 - 3
    assert by_key(table, table.value)["region=north"] == 24


def test_two_tables_that_contradict_each_other_are_refused():
    ages = [{"region": "north", "age": "old", "value": 99}, {"region": "south", "age": "old", "value": 80}]
    tables = [PLAIN, {"dimensions": {"region": [], "age": []}, "cells": ages}]

    with pytest.raises(ValueError, match="Die Tabellen nennen verschiedene Werte für "):
        read_table({"tables": tables})


def test_equations_alone_are_a_table_too():
    cells = [{"name": name, "value": value} for name, value in (("all", 33), ("a", 3), ("b", 30))]
    spec = {"cells": cells, "equations": [["all", ["a", "b"]]], "rule": {"kind": "minimum", "least": 5}}

    table = read_table({**spec, "totals": "visible"}).table

    assert by_key(table, suppress(table).hidden) == {"all": False, "a": True, "b": True}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": {"kind": "magic"}}, "Die Regel „magic“ ist nicht bekannt"),
        ({"insiders": "all"}, "„insiders“ ist „all“, möglich sind none, single, pairs"),
        ({"cells": [{"region": "a", "sex": "b"}]}, "Keine Zelle hat einen Wert"),
        ({"cells": [*ROWS, ROWS[0]]}, "Die Zelle „north . m“ kommt doppelt vor"),
    ],
)
def test_what_is_not_understood_is_said(change, message):
    with pytest.raises(ValueError, match=message):
        read_table({**PLAIN, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": [*ROWS, {"region": "north", "sex": "Total", "value": 25}]},
         "„north . Total“ ist mit 25 angegeben, ihre Teile ergeben 24: Differenz 1"),
        ({"dimensions": {"region": [["all", ["north", "sout"]]], "sex": []}}, "nennt south nicht"),
        ({"dimensions": {"region": [["all", ["north"]]], "sex": []}}, "nennt south nicht"),
        ({"cells": [*ROWS[:3], {"region": "south", "sex": "w"}]}, "„south . w“ hat keinen Wert"),
        ({"cells": [*ROWS[:3], {**ROWS[3], "largest": None}]}, "„south . w“ fehlt „largest“"),
        ({"cells": [{**ROWS[0], "value": "4"}]}, "Zelle 1, „value“: „4“ ist keine Zahl"),
        ({"cells": [{**ROWS[0], "value": -4}]}, "Zahlen sind endlich und nicht negativ"),
        ({"cells": [{**ROWS[0], "unsafe": "maybe"}]}, "Zelle 1, „unsafe“: „maybe“ ist nicht erlaubt"),
        ({"cells": [{"region": "north", "value": 4}]}, "Zelle 1 nennt nichts zur Dimension „sex“"),
        ({"cells": [{**ROWS[0], "region": ["north"]}]}, "Zelle 1 nennt nichts zur Dimension „region“"),
        ({"dimensions": {"value": []}}, "„value“ hat eine feste Bedeutung"),
        ({"cells": 5}, "„cells“ muss eine Liste"),
        ({"cells": []}, "Die Tabelle hat keine Zellen"),
        ({"dimensions": 3}, "Es fehlt „dimensions“"),
        ({"dimensions": {"region": [["all"]], "sex": []}}, "ist keine Summe der Form"),
        ({"distance": 0}, "distance. muss eine Zahl größer als 0 sein"),
        ({"rule": {"kind": "minimum"}}, "„least“ der Regel minimum muss eine Zahl größer als 0"),
        ({"rule": {"kind": "p_percent", "p": -1}}, "geht nicht; Zahlen sind endlich"),
        ({"rule": {"kind": "dominance", "k": 120}}, "größer als 0 und höchstens 100"),
    ],
)  # fmt: skip
def test_what_would_mislead_is_refused(change, message):
    with pytest.raises(TableError, match=message):
        read_table({**PLAIN, **change})


def test_a_code_without_cells_is_known_to_be_empty():
    regions = {"region": [["all", ["north", "south", "east"]]], "sex": []}

    table = read_table({**PLAIN, "dimensions": regions}).table

    assert by_key(table, table.value)["east | m"] == 0


def test_equations_that_do_not_add_up_name_the_total_and_the_difference():
    cells = [{"name": name, "value": value} for name, value in (("all", 34), ("a", 3), ("b", 30))]

    with pytest.raises(TableError, match="„all“ ist mit 34 angegeben, ihre Teile ergeben 33: Differenz 1"):
        read_table({"cells": cells, "equations": [["all", ["a", "b"]]]})


def test_a_pattern_is_kept_as_it_is_even_if_it_shows_what_is_unsafe():
    marked = [{**row, "withheld": False} for row in ROWS]

    given = read_table({**PLAIN, "cells": marked, "rule": {"kind": "minimum", "least": 5}})

    assert given.table.unsafe.any()
    assert given.pattern is not None
    assert not given.pattern.any()


def test_a_rule_about_contributions_needs_them():
    rows = [{"region": "north", "sex": "m", "value": 4}]

    with pytest.raises(ValueError, match="braucht die Spalten largest und second_largest"):
        read_table({**PLAIN, "cells": rows, "rule": {"kind": "p_percent", "p": 15}})
