"""A file checked in stretches: put together, they say what one reading says, to the bit."""

from __future__ import annotations

import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from microcells.domain.dialect import detect_dialect
from microcells.domain.exact_sums import ExactSums
from microcells.domain.reading import read_blocks
from microcells.domain.spans import TailStream, cut_rows, plan_of_rest
from microcells.domain.tally import Tally
from microcells.domain.validation import Validator
from microcells.domain.wanted import Wanted
from microcells.domain.written import Written
from tests.domain.delivery_files import CITY, SCHEMAS, TODAY, as_file, cells, plan_for

FULL = SCHEMAS["microcells"]
# Coarser steps for outliers: there are few rows, and many tallies.
SCHEMA = replace(FULL, limits=replace(FULL.limits, outlier_steps=2000))
BLOCK = 1500  # about five rows
CHANGES = {
    "alq": st.sampled_from(["5", "-1", "-7", "200", "x", "6.1"]),
    "haushalte": st.sampled_from(["3", "4", "10", "", "6.5"]),
    "personen": st.sampled_from(["12", "11.3", "14.05", "0.1"]),
    "kaufkraft_eur_ew": st.sampled_from(["24500", "21000.7", "190000", "3100"]),
    "zi_1": st.sampled_from(["30", "31", "-1"]),
    "x": st.sampled_from(["340500", "341500", "500", "", "360000"]),
    "gebiet_nr": st.sampled_from(["1", "14", "7", ""]),
    "strassenabschnitt": st.sampled_from(["Gässchen", '"Am Bach"', '"Alte ""Gasse"""', "a;b"]),
}
ELSEWHERE = {"gebiet_nr": "14", "bezirk_nr": "14", "x": "341500.0"}
ROWS = st.lists(st.fixed_dictionaries({}, optional=CHANGES), min_size=30, max_size=60)


class CutFile:
    """A file in memory, and what is found in each of its stretches."""

    def __init__(self, raw, *, n_blocks=1):
        self.raw = raw
        dialect = detect_dialect(raw, len(raw), SCHEMA.by_header.keys())
        self.header, self.plan = dialect.header, plan_for(dialect)
        self.spans = cut_rows(io.BytesIO(raw), len(raw), n_blocks * BLOCK, BLOCK)

    def check(self, span, before=None):
        """The tally of one span, as another worker hands it over."""
        stream = io.BytesIO(self.raw)
        stream.seek(span.start)
        plan = plan_of_rest(self.plan) if span.start else self.plan
        source = TailStream(stream, span.start) if span.start else stream
        blocks = read_blocks(source, self.header, plan, Wanted.of(SCHEMA), BLOCK)
        validator = Validator(SCHEMA, CITY, invented=False, today=TODAY)
        if before:
            validator.tally.go_on_after(before)
        if not span.start:
            validator.tally.skip_lines(self.plan.header_line)
        for _, block in zip(range(span.n_blocks), blocks, strict=False):
            validator.check(block)
        return handed_over(validator.tally)

    def in_a_row(self):
        """The verdict of one worker, in blocks of the same size."""
        validator = Validator(SCHEMA, CITY, invented=False, today=TODAY)
        for block in read_blocks(io.BytesIO(self.raw), self.header, self.plan, Wanted.of(SCHEMA), BLOCK):
            validator.check(block)
        return validator.close()

    def together(self):
        """The verdict from all spans, in their order."""
        whole = self.check(self.spans[0])
        for span in self.spans[1:]:
            tally = self.check(span)
            if before := whole.matters_to(tally):
                tally = self.check(span, before)
            whole.merge(tally)
        return whole.close()


def handed_over(tally):
    """A tally that has been through the database."""
    again = Tally(SCHEMA, CITY.numbers)
    again.read(Written.from_json(json.loads(json.dumps(tally.write().as_json()))))
    return again


def told(result):
    """Everything a verdict says, floats by their bits."""
    profile = result.profile
    sums = {name: values.tobytes() for name, values in profile.values.items()}
    counts = {name: values.tolist() for name, values in profile.counts.items()}
    groups = [(one.finding, one.rows.tolist(), one.n_rows) for one in result.groups]
    return (
        (result.n_rows, result.n_ok, result.n_households.hex(), result.reference_date, result.counts),
        (groups, result.reasons, result.checksum, result.nearest, result.headings),
        (profile.n_cells.tolist(), sums, counts, list(profile.coverage.items())),
    )


def put_together(tallies, splits):
    """Merge tallies in pairs: each number says between which two of the rest."""
    rest = list(tallies)
    for split in splits:
        if len(rest) == 1:
            break
        at = split % (len(rest) - 1)
        assert rest[at].matters_to(rest[at + 1]) is None
        rest[at].merge(rest[at + 1])
        rest[at : at + 2] = [handed_over(rest[at])]
    return rest[0]


@settings(max_examples=15, deadline=None, phases=(Phase.generate,))
@given(rows=ROWS, n_blocks=st.integers(1, 2))
def test_a_file_in_stretches_says_what_it_says_in_a_row(rows, n_blocks):
    file = CutFile(as_file(cells(*rows)), n_blocks=n_blocks)

    assert len(file.spans) > 1
    assert told(file.together()) == told(file.in_a_row())


@settings(max_examples=15, deadline=None, phases=(Phase.generate,))
@given(rows=ROWS, splits=st.lists(st.integers(0, 50), min_size=40, max_size=40))
def test_it_makes_no_difference_which_stretches_are_put_together_first(rows, splits):
    file = CutFile(as_file(cells(*rows), newline="\r\n"))
    tallies = [file.check(span) for span in file.spans]

    assert told(put_together(tallies, splits).close()) == told(file.in_a_row())


@settings(max_examples=15, deadline=None, phases=(Phase.generate,))
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "mz_id": st.sampled_from(["A", "B", "C", ""]),
                "stichtag": st.sampled_from(["2025-10-01", "2024-10-01", "?"]),
                "alq": st.sampled_from(["5", "200"]),
            },
        ),
        min_size=30,
        max_size=40,
    )
)
def test_keys_and_dates_of_earlier_stretches_count_as_in_a_row(rows):
    file = CutFile(as_file(cells(*rows)))

    assert told(file.together()) == told(file.in_a_row())


def test_a_key_and_a_date_from_an_earlier_stretch_are_found():
    changes = [ELSEWHERE, *[{} for _ in range(39)]]
    changes[35] = {"mz_id": "NE-3", "stichtag": "2024-10-01"}
    file = CutFile(as_file(cells(*changes)))

    result = file.together()

    assert result.counts == {"E-DOPPELT": 1, "E-STICHTAG": 1}
    assert {finding.row for finding in result.findings} == {37}
    assert result.reference_date.isoformat() == "2025-10-01"


def test_lines_that_are_no_rows_are_counted_across_stretches():
    lines = as_file(cells(ELSEWHERE, *[{"alq": "200"} for _ in range(39)])).split(b"\n")
    lines[3] = b""
    lines[7] += b";1"
    file = CutFile(b"\n".join(lines))

    result = file.together()

    assert told(result) == told(file.in_a_row())
    last = {group.finding.code: (group.n_rows, group.rows.tolist()[-1]) for group in result.groups}
    assert last == {"W-GEBIET-LEER": (1, 0), "E-BEREICH": (37, 41), "E-FELDER": (1, 8)}


def test_the_signs_of_an_encoding_may_stand_at_a_cut():
    rows = [{"strassenabschnitt": "ä" * (10 + number)} for number in range(40)]
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        file = CutFile(as_file(cells(*rows), encoding=encoding))

        assert told(file.together()) == told(file.in_a_row())


def test_a_file_is_cut_into_stretches_of_whole_rows_without_gap():
    raw = as_file(cells(*[{} for _ in range(60)]))

    spans = cut_rows(io.BytesIO(raw), len(raw), 3 * BLOCK, BLOCK)

    assert [span.start for span in spans] == [0, *(span.stop for span in spans[:-1])]
    assert spans[-1].stop == len(raw)
    assert all(raw[span.stop - 1 : span.stop] == b"\n" for span in spans)
    assert sum(span.n_blocks for span in spans) == math.ceil(len(raw) / BLOCK)
    assert len(spans) == round(len(raw) / (3 * BLOCK))


def test_a_small_file_is_one_stretch_and_is_not_even_read():
    stream = io.BytesIO(b"a;b\n" * 1000)

    assert len(cut_rows(stream, 4000, 3 * BLOCK, BLOCK)) == 1
    assert stream.tell() == 0


def test_a_file_with_a_line_end_inside_quotes_where_it_would_be_cut_is_not_cut():
    quoted = {"strassenabschnitt": '"' + "Lange\nStraße " * 300 + '"'}
    rows = [quoted if number == 20 else {} for number in range(60)]

    assert len(cut_rows(io.BytesIO(raw := as_file(cells(*rows))), len(raw), BLOCK, BLOCK)) == 1
    assert len(cut_rows(io.BytesIO(raw := as_file(cells(*[{}] * 60))), len(raw), BLOCK, BLOCK)) == 8


@given(
    st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=30),
    st.integers(0, 30),
    st.randoms(use_true_random=False),
)
def test_exact_sums_know_neither_order_nor_grouping(numbers, at, random):
    shuffled = random.sample(numbers, len(numbers))
    in_order, left, right = ExactSums(), ExactSums(), ExactSums()
    for number in numbers:
        in_order.add(number)
    for part, own in ((left, shuffled[:at]), (right, shuffled[at:])):
        for number in own:
            part.add(number)
    left.merge(right)

    assert left.total.tobytes() == in_order.total.tobytes()
    assert float(left.total) == pytest.approx(math.fsum(numbers), rel=1e-15, abs=1e-14)


def test_what_is_too_large_for_exact_sums_is_refused():
    for number in (2.0**120, math.nan, -math.inf):
        with pytest.raises(ValueError, match="2\\^120"):
            ExactSums((2,)).add([1.0, number])
    assert np.array_equal(ExactSums((2,)).total, [0, 0])
