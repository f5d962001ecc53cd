"""What a person writes for "not delivered" becomes codes, also those with a blank in them."""

import pytest

from microcells.domain.missing import split_codes

WRITTEN = {
    "k. A.; x": ("k. A.", "x"),
    "nicht da;": ("nicht da",),
    "x;; x ;.": ("x", "."),
    ". x": (".", "x"),
    "x k. A. .": ("x", "k. A.", "."),
    "k. A.x": ("k.", "A.x"),
    "": (),
}


@pytest.mark.parametrize(("text", "codes"), WRITTEN.items(), ids=WRITTEN)
def test_codes_are_separated_by_semicolons_else_by_blanks(text, codes):
    assert split_codes(text) == codes


def test_a_code_that_was_shown_stays_whole():
    assert split_codes("noch offen x", ("noch offen",)) == ("noch offen", "x")
