"""Bundling a house list: in memory, around the cells of the list before it, with a certificate."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kodala.core.definitions import Definition, read_definition
from microcells.domain.bundling import bundle_houses, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import BundlingCertificate, certify, share_kept
from microcells.domain.seals import find_cells, make_tokens, seal_cells
from microcells.models import Delivery
from microcells.sealing import load_earlier_seals, sealing_secret


@dataclass(frozen=True)
class BundledHouses:
    """The cells of a house list, their seals, and the proof."""

    cells: pd.DataFrame
    seals: NDArray[np.uint64]
    rules: BundlingRules
    certificate: BundlingCertificate


def bundling_definition() -> Definition:
    """The signed file with the sizes and weights of bundling."""
    return read_definition(Path(__file__).parent / "bundling.toml")


def rules_for(n_houses: int) -> BundlingRules:
    """The rules for a list of so many houses."""
    table = bundling_definition()["microcells"]
    rules = BundlingRules.from_table(table)
    return replace(rules, swap_passes=0) if n_houses > table["swap_up_to_houses"] else rules


def bundle_delivery(delivery: Delivery, houses: pd.DataFrame, area_names: Mapping[int, str]) -> BundledHouses:
    """Bundle the houses of a delivery, keeping the cells of the list before it that are still good.

    Raises InputError if an area holds too few households for a cell, ValueError if the certificate
    does not hold.
    """
    start = time.perf_counter()
    tokens = make_tokens(houses["house_key"], sealing_secret())
    before = load_earlier_seals(delivery)
    x, y = (houses[axis].to_numpy(np.float64) for axis in ("x", "y"))
    earlier = find_cells(x, y, tokens, before) if before else None
    rules = rules_for(len(houses))
    bundling = bundle_houses(houses, rules, area_names, earlier)
    cells = cells_from_houses(houses, bundling.cell)
    certificate = certify(houses, bundling.cell, cells, bundling.rules)
    if not certificate.holds:
        raise ValueError("the certificate of the bundling does not hold")
    seals = seal_cells(tokens, bundling.cell, len(cells))
    if before:
        is_kept = np.isin(seals, before.seal)
        share = share_kept(cells["households"].to_numpy(), is_kept, int(before.households.sum()))
        certificate = replace(certificate, cells_kept=int(is_kept.sum()), jaccard_previous=share)
    certificate = replace(certificate, seconds=time.perf_counter() - start)
    return BundledHouses(cells, seals, bundling.rules, certificate)
