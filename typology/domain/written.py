"""Rates and types of an area as text: what one worker hands to another, exact to the bit."""

from __future__ import annotations

from collections.abc import Mapping

from kodala.statistics.exact import read_numbers, read_sums, write_numbers, write_sums
from typology.domain.counts import TypeSums
from typology.domain.rates import RateSums

RATES = ("total", "hard", "soft", "hard_share", "debtors")
SINGLE = ("households", "covered", "debtors")


def write_rates(rates: RateSums) -> dict[str, str]:
    """Name -> text of each of the sums."""
    return {f"rate_{name}": write_sums(getattr(rates, name)) for name in RATES}


def read_rates(texts: Mapping[str, str]) -> RateSums:
    """The sums of `write_rates`. Raises KeyError or ValueError for anything else."""
    return RateSums(**{name: read_sums(texts[f"rate_{name}"]) for name in RATES})


def write_types(types: TypeSums) -> dict[str, str]:
    """Name -> text of the single numbers, the counts of k types, and their matrices."""
    single = [float(types.n_cells), *(getattr(types, name) for name in SINGLE)]
    return {
        "type_single": write_numbers(single),
        "type_counts": write_numbers([types.counts, types.disturbed]),
        "type_covariance": write_numbers(types.covariance),
        "type_jacobian": write_numbers(types.jacobian),
    }


def read_types(texts: Mapping[str, str]) -> TypeSums:
    """The sums of `write_types`. Raises KeyError or ValueError for anything else."""
    n_cells, *single = read_numbers(texts["type_single"]).tolist()
    counts, disturbed = read_numbers(texts["type_counts"]).reshape(2, -1)
    n_types = len(counts)
    return TypeSums(
        n_cells=int(n_cells),
        **dict(zip(SINGLE, single, strict=True)),
        counts=counts,
        disturbed=disturbed,
        covariance=read_numbers(texts["type_covariance"]).reshape(n_types, n_types),
        jacobian=read_numbers(texts["type_jacobian"]).reshape(n_types, -1),
    )
