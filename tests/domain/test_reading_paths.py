"""The fast path of reading gives what the reference gives, whatever stands in the cells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.core.errors import InputError
from microcells.domain.composing import Layout
from microcells.domain.conversion import convert_numbers
from microcells.domain.dialect import Dialect
from microcells.domain.reading import read_stretch
from microcells.domain.wanted import Wanted
from tests.domain.delivery_files import HOUSE, SCHEMAS, plan_for, read

HEADER = tuple(HOUSE)

plain = st.decimals(-100, 10_000, places=3, allow_nan=False).map(str)
odd = st.sampled_from(
    [
        "",
        " ",
        "-1",
        "1e5",
        "1E-400",
        "1e16",
        "nan",
        "-inf",
        "+3",
        "1,",
        ".5",
        ",5",
        "24.500",
        "1.234,5",
        "7 ",
        "\t7",
        '"8"',
        "x",
    ]
)
numbers = st.one_of(plain, plain.map(lambda text: text.replace(".", ",")), odd)
texts = st.text("ABC äß-_.", max_size=6)
house = st.tuples(texts, texts, numbers, texts, texts, *[numbers] * 9).map(";".join)
line = st.one_of(house, house, house, st.just(""), st.just(";" * 13), st.text("a;1", max_size=20))


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(line, min_size=1, max_size=12), decimal=st.sampled_from([",", "."]))
def test_both_paths_are_equal(lines, decimal):
    plan = plan_for(Dialect("utf-8", ";", decimal, HEADER), "houses")
    layout = Layout(HEADER, plan, Wanted.of(SCHEMAS["houses"]))
    stretch = ("\n".join(lines) + "\n").encode()

    fast, n_fast = read_stretch(stretch, layout, 2)
    exact, n_exact = read_stretch(stretch, layout, 2, exactly=True)

    assert n_fast == n_exact == len(lines)
    assert fast.rows.lines.tolist() == exact.rows.lines.tolist()
    assert fast.broken.tolist() == exact.broken.tolist()
    for name, values in exact.rows.numbers.items():
        np.testing.assert_array_equal(fast.rows.numbers[name], values)
    for name, words in exact.rows.texts.items():
        assert fast.rows.texts[name].to_pylist() == words.to_pylist()
    assert [(one.rule, one.columns, one.at.tolist()) for one in fast.hits] == [
        (one.rule, one.columns, one.at.tolist()) for one in exact.hits
    ]


@given(value=st.floats(-1e15, 1e15), decimal=st.sampled_from([",", "."]))
def test_a_written_number_is_read_back_exactly(value, decimal):
    text = repr(value).replace(".", decimal)

    read_back = convert_numbers(pa.array([text]), decimal, 1e15)

    assert read_back.values.tolist() == [value]
    assert not read_back.is_no_number.any()


@settings(max_examples=80, deadline=None)
@given(junk=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(junk):
    raw = ";".join(HEADER).encode() + b"\n" + ";".join(HOUSE.values()).encode() + b"\n" + junk

    keys, sentences = read_or_refuse(raw)

    assert keys == ["H1"] or (keys == [] and all(sentence.endswith(".") for sentence in sentences))
    assert bool(keys) != bool(sentences)


def read_or_refuse(raw):
    """The first key of a file, or the sentences that refuse it."""
    try:
        blocks = read(raw, "houses", block_bytes=256)
    except InputError as refused:
        return [], [finding.text for finding in refused.findings]
    return blocks[0].rows.texts["house_key"].to_pylist()[:1], []


def test_a_number_beyond_the_largest_is_none():
    read_back = convert_numbers(pa.array(["1000000000000000", "1000000000000001"]), ".", 1e15)

    assert read_back.is_no_number.tolist() == [False, True]


@pytest.mark.parametrize("text", ["0.326", "12.34", "1234.567", "1.2.3"])
def test_a_point_that_marks_no_thousands_makes_no_number(text):
    assert convert_numbers(pa.array([text]), ",", 1e15).is_no_number.tolist() == [True]


@pytest.mark.parametrize(("decimal", "text"), [(",", "12.345.678"), (".", "12,345,678")])
def test_two_thousands_signs_are_clear(decimal, text):
    expected = convert_numbers(pa.array([text]), decimal, 1e15, thousands=text[2])
    surprising = convert_numbers(pa.array([text]), decimal, 1e15)

    assert expected.values.tolist() == [12345678.0]
    assert not expected.is_ambiguous.any()
    assert surprising.is_no_number.tolist() == [True]
