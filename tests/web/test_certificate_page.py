"""The certificate of the cells on the page of a delivery."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from django.template.loader import render_to_string

from kodala.dashboard.certificate import certificate_lines
from microcells.domain.cell_sizes import DeliveredCertificate
from microcells.domain.certificate import BundlingCertificate
from microcells.models import Delivery

NUMBERS = {
    "n_houses": 26_000,
    "n_cells": 12_849,
    "households_in": 77_000,
    "households_out": 77_000,
    "households_min": 4,
    "households_mean": 5.9927,
    "households_max": 14,
    "households_cv": 0.2084,
    "mean_of_several": 6.1,
    "target": 6.375,
    "share_below_minimum": 0.0,
    "cells_across_areas": 0,
    "cells_apart": 0,
    "cells_with_long_step": 3,
    "longest_step_m": 141.42,
    "cells_over_streets": 9,
    "cells_above_limits": 0,
    "rms_radius_m": 16.39,
    "cost": 1.0,
    "sha256_input": "ab" * 32,
    "sha256_output": "cd" * 32,
}


def page(certificate):
    return render_to_string("deliveries/_certificate.html", {"delivery": Delivery(certificate=certificate)})


def test_every_fact_of_a_bundling_is_written_the_german_way():
    kept = {"cells_kept": 12_000, "jaccard_previous": 0.9447, "seconds": 1.26}

    text = page(asdict(BundlingCertificate(**NUMBERS, **kept)))

    assert "Zertifikat der Zellbildung" in text
    for shown in ("26.000", "12.849", "5,99", "20,8", "6,38", "141,4", "16,4", "94,5", "1,3", "abababababab"):
        assert shown in text
    assert "nicht eingehalten" not in text


@pytest.mark.parametrize(
    "broken", [{"households_out": 76_999}, {"cells_apart": 1}, {"cells_across_areas": 2}]
)
def test_a_broken_rule_is_named(broken):
    certificate = asdict(BundlingCertificate(**{**NUMBERS, **broken}))

    assert "nicht eingehalten" in page(certificate)
    assert sum(line.is_kept is False for line in certificate_lines(certificate)) == 1


def test_without_an_earlier_list_nothing_is_compared():
    text = page(asdict(BundlingCertificate(**NUMBERS)))

    assert "keine da" in text
    assert "None" not in text


def test_delivered_cells_get_a_check_of_the_contract():
    text = page(asdict(DeliveredCertificate(100, 620, 4, 6.2, 11, 0.2, 0)))

    assert "Vertragsprüfung der gelieferten Zellen" in text
    assert "6,20" in text


def test_nothing_is_shown_without_a_certificate():
    assert page({}).strip() == ""
