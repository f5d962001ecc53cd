"""Published tables with known answers, through the command; they lie beside the checkout or are skipped."""

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

KNOWN = Path(settings.BASE_DIR).parent / "shared/data/sdc"
REGIONS = "region=Total:Nr,Os,Ws,Zd,99;Nr:1,2,3;Os:4,5,6,7;Ws:8,9,10;Zd:11,12"
SIMPLE = ("tau_argus_simple2d_inner.csv", "--dimension", REGIONS, "--rule", "p:15")

pytestmark = pytest.mark.skipif(
    not KNOWN.exists(), reason="the published tables do not lie beside the checkout"
)


def ask(name, *words):
    """What the command answers, as a program reads it; leaks make it fail, but the answer is there."""
    out = io.StringIO()
    failed = ""
    try:
        call_command("audit_table", str(KNOWN / name), *words, "--json", stdout=out)
    except CommandError as error:
        failed = str(error)
    return {**json.loads(out.getvalue()), "failed": failed}


def withheld(answer, kind):
    return {own["key"] for own in answer["withheld"] if own["kind"] == kind}


def test_nine_of_162_cells_are_unsafe():
    certificate = ask(*SIMPLE)["certificate"]

    assert (certificate["cells"], certificate["unsafe"]) == (162, 9)


@pytest.mark.parametrize(
    ("words", "secondary", "cost"),
    [
        ((), 6, 521_926),
        (("--insiders", "single", "--totals", "visible"), 12, 3_040_894),
        (("--insiders", "single"), 13, 1_092_497),
    ],
    ids=["outsider", "insiders, totals stay visible", "insiders, totals may be withheld"],
)
def test_the_proven_optimum_is_found(words, secondary, cost):
    answer = ask(*SIMPLE, *words)

    assert (len(withheld(answer, "secondary")), answer["cost"]) == (secondary, cost)
    assert answer["certificate"]["is_cheapest"]
    assert answer["leaks"] == []


def test_the_published_pattern_leaks_four_pairs_to_single_respondents():
    pattern = ("--pattern", str(KNOWN / "tau_argus_simple2d_published.csv"), "--insiders", "single")

    answer = ask(*SIMPLE, *pattern)

    assert (len(withheld(answer, "secondary")), answer["cost"]) == (12, 2_524_351)
    assert {(leak["who"], leak["key"]) for leak in answer["leaks"]} == {
        ("2 | 1", "4 | 6"), ("2 | 1", "4 | Os"), ("4 | 6", "2 | 1"), ("4 | 6", "2 | Nr"),
    }  # fmt: skip
    assert answer["failed"] == "Prüfung nicht bestanden: 4 zu enge Spannen."


def test_the_published_pattern_holds_against_outsiders():
    assert ask(*SIMPLE, "--pattern", str(KNOWN / "tau_argus_simple2d_published.csv"))["leaks"] == []


def test_the_small_square_gives_one_cell_away_until_one_more_is_withheld():
    bare = ask("sdctable_4x4.csv", "--totals", "visible", "--audit-only")
    safe = ask("sdctable_4x4.csv", "--totals", "visible")

    assert [(leak["key"], leak["low"], leak["high"]) for leak in bare["leaks"]] == [("w | b", 47, 47)]
    assert (withheld(safe, "secondary"), safe["cost"]) == ({"x | d"}, 31)
    ends = {own["key"]: (own["low"], own["high"]) for own in safe["withheld"]}
    assert ends["w | b"] == pytest.approx((0, 78))


def test_three_more_cells_protect_the_table_of_eight_regions():
    answer = ask("ssb_z1.csv", "--rule", "min:4")

    assert withheld(answer, "primary") == {"B | arbeid", "D | arbeid", "H | arbeid"}
    assert withheld(answer, "secondary") == {"B | annet", "D | annet", "H | annet"}
