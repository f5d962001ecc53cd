"""A file is read the way its plan says: sums, factors, and columns that must fit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from kodala.core.errors import InputError
from microcells.domain.plan import ColumnSource
from microcells.files import read_file
from tests.domain.delivery_files import SCHEMAS, as_file
from tests.stages import file_forms as forms
from tests.stages.test_file_forms import checksum, expected, look, planned  # noqa: F401  # a fixture among them

SCHEMA = SCHEMAS["microcells"]


def test_columns_are_added_and_converted_as_the_plan_says(tmp_path):
    rows = [{"mz_id": "NE-1", "m60": "1,5", "w60": "2", "quote": "0,25", "erw": "40"}]
    rows.append({**rows[0], "mz_id": "NE-2", "w60": "-1", "erw": "8"})
    path, found = look(as_file(rows), tmp_path)
    plan = dataclasses.replace(
        found.plan,
        columns=(
            ColumnSource("cell_key", ("mz_id",)),
            ColumnSource("adults", ("erw",)),
            ColumnSource("seniors_60_69", ("m60", "w60")),
            ColumnSource("debtors_hard", ("quote",), times="adults"),
            ColumnSource("unemployment_percent", ("quote",), factor=100.0),
            ColumnSource("mean_adult_age", ("m60",), factor=1000.0, per="adults"),
        ),
    )

    (block,) = read_file(path, plan, SCHEMA)

    numbers = block.rows.numbers
    np.testing.assert_array_equal(numbers["seniors_60_69"], [3.5, np.nan])
    assert numbers["debtors_hard"].tolist() == [10.0, 2.0]
    assert numbers["unemployment_percent"].tolist() == [25.0, 25.0]
    assert numbers["mean_adult_age"].tolist() == [37.5, 187.5]
    assert block.headings["seniors_60_69"] == "m60 + w60"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            ColumnSource("adults", ("fehlt",)),
            "Die Spalte „fehlt“ aus der Zuordnung steht nicht in der Datei.",
        ),
        (ColumnSource("adults", ("erw",), times="persons"), "Zum Umrechnen fehlt die Spalte „personen“"),
        (ColumnSource("adults", ("erw",), per="adults"), "aus sich selbst berechnet"),
        (ColumnSource("cell_key", ("mz_id", "erw")), "nicht genau eine Spalte der Datei zugeordnet"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(source, sentence, tmp_path):
    path, found = look(b"mz_id;erw\nNE-1;3\n", tmp_path)

    with pytest.raises(InputError, match=sentence):
        list(read_file(path, dataclasses.replace(found.plan, columns=(source,)), SCHEMA))


def test_a_second_column_of_the_same_name_keeps_apart(tmp_path):
    path, found = look(b"mz_id;alq;ALQ;;\nNE-1;3;4;;\n", tmp_path)
    plan = dataclasses.replace(found.plan, columns=(ColumnSource("unemployment_percent", ("ALQ (2)",)),))

    (block,) = read_file(path, plan, SCHEMA)

    assert [one.heading for one in found.columns] == ["mz_id", "alq", "ALQ (2)"]
    assert block.rows.numbers["unemployment_percent"].tolist() == [4.0]


def test_a_second_column_of_the_same_name_in_a_parquet_file_is_refused(tmp_path):
    table = forms.arrow_table(forms.table())
    for name in ("quote", "anderes", "quote"):
        table = table.append_column(name, pa.array(range(forms.N_ROWS)))
    stream = pa.BufferOutputStream()
    parquet.write_table(table, stream)

    with pytest.raises(InputError, match="Die Spalte „quote“ kommt mehrfach vor") as refused:
        look(stream.getvalue().to_pybytes(), tmp_path)

    assert [one.code for one in refused.value.findings] == ["E-SPALTE-DOPPELT"]


def test_lost_zeros_are_noticed(tmp_path):
    rows = "".join(f"5162024{number:03d};1\n" for number in range(20))
    _, found = look(f"schluessel;alq\n{rows}".encode(), tmp_path)

    assert [one.has_lost_zeros for one in found.columns] == [True, False]


def test_keys_that_a_spreadsheet_took_for_numbers_stay_whole(tmp_path):
    columns = forms.table() | {"mz_id": [float(51620240000 + number) for number in range(forms.N_ROWS)]}
    path, found = look(forms.as_xlsx(columns), tmp_path)

    (block,) = read_file(path, planned(found), SCHEMA)

    assert block.rows.texts["cell_key"].to_pylist()[:2] == ["51620240000", "51620240001"]


def test_numbers_written_as_text_in_a_workbook(expected, tmp_path):  # noqa: F811
    path, found = look(forms.as_xlsx(forms.table(), numbers_as_text=True), tmp_path)

    assert (found.plan.decimal, found.doubtful) == (",", ())
    assert checksum(path, planned(found)) == expected
